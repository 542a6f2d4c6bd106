import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "../unit/cli/run-cli.ts";
import { startServer, type TestServer } from "./server.ts";

let dataDir: string;
let server: TestServer;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "brisk-snapstart-"));
  server = await startServer({ dataDir });
});
afterEach(async () => {
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
});

const hello = { FunctionName: "hello" };
const version1 = { ...hello, Qualifier: "1" };
const waiter = () => ({ client: server.client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 });

/** Creates the function with SnapStart and publishes version 1; resolves when that is Active. */
async function publish(code: string, Variables: Record<string, string> = {}): Promise<void> {
  await server.client.send(
    new CreateFunctionCommand({
      ...hello,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/any",
      Code: { ZipFile: zipSync({ "index.mjs": strToU8(code) }) },
      SnapStart: { ApplyOn: "PublishedVersions" },
      Environment: { Variables },
    }),
  );
  await waitUntilFunctionActiveV2(waiter(), hello);
  expect((await server.client.send(new PublishVersionCommand(hello))).State).toBe("Pending");
  await waitUntilPublishedVersionActive(waiter(), version1);
}

const configuration = () => server.client.send(new GetFunctionConfigurationCommand(version1));
const invoke = async () => {
  const { Payload, FunctionError } = await server.client.send(new InvokeCommand(version1));
  return { FunctionError, answer: JSON.parse(Buffer.from(Payload ?? []).toString()) };
};
const brisk = async (command: string, target: string) => {
  const { stdout } = await runCli([command, target, "--json"], { env: { BRISK_ENDPOINT_URL: server.url } });
  return JSON.parse(stdout);
};

const counting =
  "let made = 0; made++; let calls = 0; export const handler = async () => ({ made, calls: ++calls });";

test("a version published with SnapStart starts from its snapshot, and all that tells of it agrees", async () => {
  await publish(counting);
  expect(await configuration()).toMatchObject({ State: "Active", SnapStart: { OptimizationStatus: "On" } });
  expect(await invoke()).toMatchObject({ answer: { made: 1, calls: 1 } });
  expect(await brisk("snapshot", "hello:1")).toMatchObject({
    version: "1",
    kind: "ready",
    report: { randomReads: 0 },
  });
  const { wanted, starts, environments } = await brisk("inspect", "hello:1");
  expect(wanted).toBe("snapshot");
  expect(starts[0]).toMatchObject({ strategy: "snapshot" });
  expect(starts[0]).not.toHaveProperty("reason");
  const route = `${server.url}/_brisk/functions/hello/environments?qualifier=1`;
  const fromPage = await fetch(route, { method: "DELETE", headers: { origin: "http://evil.example" } });
  expect(fromPage.status).toBe(403);
  await fromPage.body?.cancel();
  const ended = await fetch(route, { method: "DELETE" });
  expect(await ended.json()).toEqual({ version: "1", ended: environments.idle });
  expect(await invoke()).toMatchObject({ answer: { calls: 1 } });
});

test("init that cannot be frozen leaves the version Active, with the reason wherever one looks, and init serves", async () => {
  await publish(
    "const open = new DisposableStack(); export const handler = async () => ({ disposed: open.disposed });",
  );
  const snapshot = await brisk("snapshot", "hello:1");
  expect(snapshot).toMatchObject({ kind: "failed", failure: { step: "freeze", code: "NotFreezable" } });
  const { State, StateReason, StateReasonCode, SnapStart } = await configuration();
  expect({ State, StateReasonCode }).toEqual({ State: "Active", StateReasonCode: "FunctionError" });
  expect(SnapStart).toEqual({ ApplyOn: "PublishedVersions", OptimizationStatus: "Off" });
  expect(StateReason).toContain(snapshot.failure.message);
  expect(await invoke()).toMatchObject({ answer: { disposed: false } });
  const { starts } = await brisk("inspect", "hello:1");
  expect(starts[0].strategy).not.toBe("snapshot");
  expect(starts[0].reason).toContain(snapshot.failure.message);
});

test("after a restart a version is Active at once, and On when its snapshot was found again", async () => {
  await publish(counting);
  const before = await brisk("snapshot", "hello:1");
  await server.close();
  server = await startServer({ dataDir });
  expect((await configuration()).State).toBe("Active");
  expect(await invoke()).toMatchObject({ answer: { made: 1 } });
  await expect
    .poll(async () => (await configuration()).SnapStart?.OptimizationStatus, { timeout: 30_000 })
    .toBe("On");
  // Found, not made again.
  const { hash, madeAtMs } = before.report;
  expect((await brisk("snapshot", "hello:1")).report).toMatchObject({ hash, madeAtMs });
});

test("with --snapstart auto $LATEST gets a snapshot in the background, and another after each change", async () => {
  await server.close();
  server = await startServer({ dataDir, snapstart: "auto" });
  await server.runtime.deploy({ name: "hello", files: { "index.mjs": counting } });
  const status = async () => {
    const { SnapStart } = await server.client.send(new GetFunctionConfigurationCommand(hello));
    return SnapStart;
  };
  const on = { ApplyOn: "None", OptimizationStatus: "On" };
  await expect.poll(status, { timeout: 30_000 }).toEqual(on);
  const { report } = await brisk("snapshot", "hello");
  await server.client.send(
    new UpdateFunctionConfigurationCommand({ ...hello, Environment: { Variables: { NEW: "1" } } }),
  );
  await waitUntilFunctionUpdatedV2(waiter(), hello);
  await expect.poll(status, { timeout: 30_000 }).toEqual(on);
  expect((await brisk("snapshot", "hello")).report.madeAtMs).toBeGreaterThan(report.madeAtMs);
});

test("a function that is deleted while its snapshot is made leaves nothing behind, and its name is free", async () => {
  await server.client.send(
    new CreateFunctionCommand({
      ...hello,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/any",
      Code: { ZipFile: zipSync({ "index.mjs": strToU8(counting) }) },
      SnapStart: { ApplyOn: "PublishedVersions" },
    }),
  );
  await waitUntilFunctionActiveV2(waiter(), hello);
  await server.client.send(new PublishVersionCommand(hello));
  await server.client.send(new DeleteFunctionCommand(hello));
  const gone = await fetch(`${server.url}/_brisk/functions/hello/snapshot?qualifier=1`);
  expect(gone.status).toBe(404);
  await gone.body?.cancel();
  await publish(counting);
  expect(await configuration()).toMatchObject({ State: "Active", SnapStart: { OptimizationStatus: "On" } });
});
