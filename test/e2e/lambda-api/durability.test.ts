import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  waitUntilFunctionActiveV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { definition } from "./serve-lambda-api.ts";

let dir: string;
let child: ChildProcess | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-durability-"));
});
afterEach(async () => {
  await kill();
  await rm(dir, { recursive: true, force: true });
});

async function start(mode = ""): Promise<LambdaClient> {
  const program = join(import.meta.dirname, "durable-server.ts");
  const started = spawn(
    process.execPath,
    ["--no-warnings", "--conditions=brisk-source", program, dir, mode],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  child = started;
  const [port] = (await once(started.stdout, "data")) as [Buffer];
  return new LambdaClient({
    endpoint: `http://127.0.0.1:${port.toString().trim()}`,
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
    maxAttempts: 1,
  });
}

async function kill(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

const waiter = (client: LambdaClient) => ({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 });
const hello = { FunctionName: "hello" };

test("everything that was acknowledged is there after kill -9", async () => {
  let client = await start();
  await client.send(new CreateFunctionCommand(definition({ Tags: { team: "blue" } })));
  await waitUntilFunctionActiveV2(waiter(client), hello);
  await client.send(new PublishVersionCommand(hello));
  await client.send(new CreateAliasCommand({ ...hello, Name: "live", FunctionVersion: "1" }));
  const url = await client.send(new CreateFunctionUrlConfigCommand({ ...hello, AuthType: "NONE" }));
  await client.send(
    new AddPermissionCommand({ ...hello, StatementId: "s", Action: "lambda:InvokeFunction", Principal: "*" }),
  );
  const before = await Promise.all([
    client.send(new GetPolicyCommand(hello)),
    client.send(new ListVersionsByFunctionCommand(hello)),
    client.send(new GetAliasCommand({ ...hello, Name: "live" })),
  ]);
  await kill();

  client = await start();
  const after = await Promise.all([
    client.send(new GetPolicyCommand(hello)),
    client.send(new ListVersionsByFunctionCommand(hello)),
    client.send(new GetAliasCommand({ ...hello, Name: "live" })),
  ]);
  const shown = (replies: readonly object[]) => replies.map((reply) => ({ ...reply, $metadata: undefined }));
  expect(shown(after)).toEqual(shown(before));
  expect((await client.send(new GetFunctionUrlConfigCommand(hello))).FunctionUrl).toBe(url.FunctionUrl);
  const { Code, Configuration, Tags } = await client.send(new GetFunctionCommand(hello));
  expect(Configuration?.State).toBe("Active");
  expect(Tags).toEqual({ team: "blue" });
  expect(await (await fetch(Code?.Location ?? "")).text()).toBe("zip one");
  for (const name of ["master.key", "installation-key.json"]) {
    expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
  }
});

test("a server killed in the middle of many requests keeps each that it had acknowledged", async () => {
  let client = await start();
  const acknowledged: string[] = [];
  const creating = Array.from({ length: 40 }, async (_, n) => {
    const FunctionName = `f${n}`;
    await client.send(
      new CreateFunctionCommand(definition({ FunctionName, Code: { ZipFile: Buffer.from(`zip ${n}`) } })),
    );
    acknowledged.push(FunctionName);
    if (acknowledged.length === 15) child?.kill("SIGKILL");
  });
  await Promise.allSettled(creating);
  expect(acknowledged.length).toBeGreaterThanOrEqual(15);

  client = await start();
  const { Functions } = await client.send(new ListFunctionsCommand({}));
  expect(Functions?.map(({ FunctionName }) => FunctionName)).toEqual(expect.arrayContaining(acknowledged));
  for (const FunctionName of acknowledged) {
    await waitUntilFunctionActiveV2(waiter(client), { FunctionName });
    const { Code } = await client.send(new GetFunctionCommand({ FunctionName }));
    expect(await (await fetch(Code?.Location ?? "")).text()).toBe(`zip ${FunctionName.slice(1)}`);
  }
});

test("a function that was Pending when the server died becomes Active after its next start", async () => {
  await (await start("hold")).send(new CreateFunctionCommand(definition()));
  await kill();
  const client = await start();
  await waitUntilFunctionActiveV2(waiter(client), hello);
});

test("a version that waited for its snapshot when the server died becomes Active after its next start", async () => {
  let client = await start("hold-snapshots");
  await client.send(new CreateFunctionCommand(definition({ SnapStart: { ApplyOn: "PublishedVersions" } })));
  await waitUntilFunctionActiveV2(waiter(client), hello);
  expect((await client.send(new PublishVersionCommand(hello))).State).toBe("Pending");
  await kill();
  client = await start("hold-snapshots");
  const pending = await client.send(new GetFunctionCommand({ ...hello, Qualifier: "1" }));
  expect(pending.Configuration).toMatchObject({ State: "Pending", StateReasonCode: "Creating" });
  await kill();
  client = await start();
  await waitUntilPublishedVersionActive(waiter(client), { ...hello, Qualifier: "1" });
});
