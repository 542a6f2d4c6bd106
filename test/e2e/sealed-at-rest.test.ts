import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { findSecrets } from "./known-secrets.ts";
import { startServer, type TestServer } from "./server.ts";

/** What lies in the data folder tells nothing, and what somebody changed there does not run. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const variable = "hunter2-is-a-variable";
const codeText = "a-line-of-the-source-code";
// Not compressed, so that its text would be found.
const zip = zipSync(
  { "index.mjs": strToU8(`export const handler = async () => process.env.SECRET + "${codeText}".length;`) },
  { level: 0 },
);
const answer = `"${variable}${codeText.length}"`;
const FunctionName = "hello";

let dataDir: string;
let server: TestServer;
let client: LambdaClient;
let credentials: { accessKeyId: string; secretAccessKey: string };

async function start(): Promise<void> {
  server = await startServer({ dataDir, auth: "sigv4", spareEnvironments: 0 });
  credentials ??= server.runtime.newRootKey as typeof credentials;
  client = new LambdaClient({ endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 1 });
}

async function stop(): Promise<void> {
  client.destroy();
  await server.close();
}

async function invoke(Qualifier = "$LATEST"): Promise<string> {
  const { Payload } = await client.send(new InvokeCommand({ FunctionName, Qualifier }));
  return Buffer.from(Payload ?? []).toString();
}

/** With SnapStart, so that there is a snapshot. */
async function createAndPublish(): Promise<void> {
  await client.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: "nodejs22.x",
      Role: "arn:aws:iam::000000000000:role/hello",
      Handler: "index.handler",
      Code: { ZipFile: zip },
      Environment: { Variables: { SECRET: variable } },
      SnapStart: { ApplyOn: "PublishedVersions" },
      MemorySize: 512,
    }),
  );
  const wait = { client, maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.2 };
  await waitUntilFunctionActiveV2(wait, { FunctionName });
  await client.send(new PublishVersionCommand({ FunctionName }));
  await waitUntilPublishedVersionActive(wait, { FunctionName, Qualifier: "1" });
  const { SnapStart } = await client.send(
    new GetFunctionConfigurationCommand({ FunctionName, Qualifier: "1" }),
  );
  expect(SnapStart?.OptimizationStatus).toBe("On");
}

/** Flips a bit in every file of a folder below the data folder. */
async function damage(...folder: string[]): Promise<number> {
  let count = 0;
  for (const entry of await readdir(join(dataDir, ...folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const at = Math.floor(bytes.byteLength * 0.7);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at);
    await writeFile(path, bytes);
    count++;
  }
  return count;
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "brisk-sealed-"));
  await start();
});
afterAll(async () => {
  await stop();
  await rm(dataDir, { recursive: true, force: true });
});

test("no byte of the data folder tells a variable, a line of code or a key's secret, at any time", async () => {
  const secrets = [variable, codeText, credentials.secretAccessKey];
  const found: string[] = [];
  let isOver = false;
  // Temporary files, too: builds, and what is written ahead.
  const watching = (async () => {
    while (!isOver) found.push(...(await findSecrets(dataDir, secrets)));
  })();
  try {
    await createAndPublish();
    expect([await invoke(), await invoke("1")]).toEqual([answer, answer]);
  } finally {
    isOver = true;
    await watching;
  }
  expect(found).toEqual([]);
  // All of it is there: the search finds what is no secret, and there is a file of each kind.
  expect(await findSecrets(dataDir, ["hello:$LATEST"])).not.toEqual([]);
  await vi.waitFor(async () =>
    expect(await readdir(join(dataDir, "cache", "snapshots", "code-cache"))).not.toEqual([]),
  );
  expect(await readdir(join(dataDir, "cache", "snapshots", "snapshot"))).not.toEqual([]);
  await stop();
  expect(await findSecrets(dataDir, secrets)).toEqual([]);
  await start();
});

test("a flipped bit in bundle, snapshot and bytecode: none of them runs, and all are made again", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  await stop();
  expect(await damage("cache", "bundles")).toBe(1);
  expect(await damage("cache", "snapshots")).toBeGreaterThan(1);
  await start();
  expect(await invoke()).toBe(answer);
  expect(await invoke("1")).toBe(answer);
  const text = said.mock.calls.flat().join("\n");
  expect(text).toMatch(
    /brisk: The bundle of \S+:function:hello:\S+ cannot be used: piece 1 does not open; it is made again/,
  );
  said.mockRestore();
});

test("a flipped bit in the zip, too: the function is Failed and says why, until it is deployed again", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  await stop();
  await damage("cache", "bundles");
  await rm(join(dataDir, "cache", "snapshots"), { recursive: true });
  expect(await damage("blobs")).toBe(1);
  await start();
  expect(await invoke()).toContain("because the function's code could not be read");
  const { State, StateReason, StateReasonCode } = await client.send(
    new GetFunctionConfigurationCommand({ FunctionName }),
  );
  expect({ State, StateReasonCode }).toEqual({ State: "Failed", StateReasonCode: "InvalidZipFileException" });
  expect(StateReason).toMatch(
    /^The bundle of arn:aws:lambda:us-east-1:000000000000:function:hello:\$LATEST cannot be used: .*; and it could not be made again: .*its stored code [0-9a-f]{64} cannot be used: piece 1 does not open; deploy it again$/,
  );
  await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: zip }));
  await waitUntilFunctionUpdatedV2(
    { client, maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.2 },
    { FunctionName },
  );
  expect(await invoke()).toBe(answer);
  said.mockRestore();
});

test("a record in another's place ends the start-up, which names it and changes nothing", async () => {
  await stop();
  const database = new DatabaseSync(join(dataDir, "brisk.sqlite"));
  const swap = () => {
    const rows = database.prepare("SELECT key, value FROM sealed_records WHERE kind = 'version'").all();
    const set = database.prepare("UPDATE sealed_records SET value = ? WHERE kind = 'version' AND key = ?");
    expect(rows).toHaveLength(2);
    for (const [index, { key }] of rows.entries()) set.run(rows[1 - index]!["value"]!, key!);
  };
  swap();
  await expect(startServer({ dataDir })).rejects.toThrow(
    /^Cannot read the record version "hello:(\$LATEST|1)": it was changed, or belongs to another place; put the data folder back from a backup/,
  );
  swap();
  database.close();
  await start();
  expect(await invoke()).toBe(answer);
});
