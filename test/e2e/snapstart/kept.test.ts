import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateAliasCommand,
  InvokeCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startServer, type TestServer } from "../server.ts";
import { CountingServer } from "./counting-server.ts";
import { FrozenServer } from "./frozen-server.ts";

/** Snapshots outlive the server that made them, and only whole. */
// Builds take processes of their own, several in a test: a machine that has much to do takes its time.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
const patience = { timeout: 60_000 };
let dataDir: string;
let world: CountingServer;
let server: TestServer;
let frozen: FrozenServer;

async function start(): Promise<void> {
  server = await startServer({ dataDir, egressAllow: ["127.0.0.0/8"], spareEnvironments: 0 });
  frozen = new FrozenServer(server);
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "brisk-kept-"));
  world = await CountingServer.start();
  await start();
});
afterEach(async () => {
  await server.close();
  await world[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true, force: true });
});

/** Asks the world once for each init. */
const counted = (name: string) => ({
  name,
  files: {
    "index.mjs": `const text = await (await fetch(${JSON.stringify(world.url)} + "/${name}")).text();
      export const handler = async () => text;`,
  },
});

async function snapshotFiles(): Promise<string[]> {
  const dir = join(dataDir, "cache", "snapshots", "snapshot");
  return (await readdir(dir)).map((name) => join(dir, name));
}

it("a server that is started again restores what the one before had made", async () => {
  const { hash, madeAtMs } = (await frozen.freeze(counted("again"))).report;
  const text = await frozen.restored("again");
  await server.close();
  await start();
  expect(await frozen.settled("again")).toMatchObject({ kind: "ready", report: { hash, madeAtMs } });
  expect(await frozen.restored("again")).toBe(text);
  expect(world.asked("/again")).toHaveLength(1);
});

it.each([
  ["a flipped bit", (bytes: Buffer) => (bytes[bytes.length >> 1]! ^= 1)],
  ["a flipped bit in its last byte", (bytes: Buffer) => (bytes[bytes.length - 1]! ^= 0x80)],
])("a file with %s is never loaded: init serves until there is a new one", async (_, damage) => {
  await frozen.freeze(counted("damaged"));
  await server.close();
  const [file, ...others] = await snapshotFiles();
  expect(others).toEqual([]);
  const bytes = await readFile(file!);
  damage(bytes);
  await writeFile(file!, bytes);
  await start();
  // Its head is well, so nobody knows before the heap is wanted.
  expect((await frozen.settled("damaged")).kind).toBe("ready");
  expect(await server.runtime.invoke("damaged")).toContain("answer to /damaged");
  const [byInit] = await frozen.starts("damaged");
  expect(byInit?.strategy).not.toBe("snapshot");
  expect(byInit?.reason).toMatch(/its snapshot/);
  expect((await frozen.settled("damaged")).kind).toBe("ready");
  await frozen.restored("damaged");
  // The first recording, the init that served, and the second recording.
  expect(world.asked("/damaged")).toHaveLength(3);
});

it("a file in another function's place is never loaded", async () => {
  await frozen.freeze(counted("mine"));
  await frozen.freeze(counted("yours"));
  const yours = await frozen.restored("yours");
  await server.close();
  const [one, two] = (await snapshotFiles()) as [string, string];
  const [first, second] = await Promise.all([readFile(one), readFile(two)]);
  await writeFile(one, second);
  await writeFile(two, first);
  await start();
  for (const name of ["mine", "yours"]) {
    expect(await server.runtime.invoke(name)).toContain(`answer to /${name},`);
    expect((await frozen.settled(name)).kind).toBe("ready");
    expect(await frozen.restored(name)).toContain(`answer to /${name},`);
  }
  expect(await frozen.restored("yours")).not.toBe(yours);
});

it("a published version with SnapStart is restored, $LATEST is not, and a deleted one leaves no file", async () => {
  await server.deploy({ ...counted("published"), url: false });
  const FunctionName = "published";
  const { client } = server;
  const waiter = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
  const SnapStart = { ApplyOn: "PublishedVersions" } as const;
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, SnapStart }));
  await waitUntilFunctionUpdatedV2(waiter, { FunctionName });
  const { Version } = await client.send(new PublishVersionCommand({ FunctionName }));
  await waitUntilPublishedVersionActive(waiter, { FunctionName, Qualifier: Version });
  await client.send(new CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion: Version }));
  const invoked = await client.send(new InvokeCommand({ FunctionName, Qualifier: "live", LogType: "Tail" }));
  expect(Buffer.from(invoked.LogResult ?? "", "base64").toString()).toMatch(/Restore Duration: [\d.]+ ms/);
  expect((await frozen.starts("published", "live"))[0]?.strategy).toBe("snapshot");
  expect(world.asked("/published")).toHaveLength(1);
  await server.runtime.invoke("published");
  expect((await frozen.starts("published"))[0]?.strategy).not.toBe("snapshot");
  expect(await frozen.state("published")).toMatchObject({ kind: "none" });
  expect(await snapshotFiles()).toHaveLength(1);
  await fetch(`${server.url}/2015-03-31/functions/published`, { method: "DELETE" });
  await expect.poll(snapshotFiles, patience).toEqual([]);
});

it("code that changes gets a snapshot of its own, and the old one goes", async () => {
  await frozen.freeze({ name: "changing", files: { "index.js": `exports.handler = async () => "old";` } });
  expect(await frozen.restored("changing")).toBe("old");
  const [old] = await snapshotFiles();
  await frozen.freeze({ name: "changing", files: { "index.js": `exports.handler = async () => "new";` } });
  expect(await frozen.restored("changing")).toBe("new");
  await expect.poll(snapshotFiles, patience).toHaveLength(1);
  expect(await snapshotFiles()).not.toContain(old);
});

it("one environment is restored ahead of need, and taken by whoever comes next", async () => {
  await server.close();
  server = await startServer({ dataDir, egressAllow: ["127.0.0.0/8"] });
  frozen = new FrozenServer(server);
  await frozen.freeze(counted("ahead"));
  const ahead = { strategy: "snapshot", isAhead: true };
  await expect.poll(() => frozen.starts("ahead"), patience).toMatchObject([ahead]);
  expect(await server.runtime.invoke("ahead")).toContain("answer to /ahead");
  // Another one may have followed: nobody waited for that either.
  for (const start of await frozen.starts("ahead")) expect(start).toMatchObject(ahead);
  expect(await frozen.log("ahead")).not.toMatch(/^REPORT .*(?:Init|Restore) Duration/m);
  expect(world.asked("/ahead")).toHaveLength(1);
});
