import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFileLogStore, type LogEvent, type LogStore } from "../../../src/observe/index.ts";

const group = "/aws/lambda/../../hello";
const stream = "2026/11/20/[$LATEST]0123456789abcdef0123456789abcdef";

let dir: string;
let store: LogStore;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-logs-"));
  store = createFileLogStore({ dir, fileBytes: 64 * 1024 });
});

afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

async function collect(events: AsyncIterable<LogEvent>): Promise<LogEvent[]> {
  const all: LogEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function files(): Promise<string[]> {
  const [folder] = await readdir(dir);
  const names = await readdir(join(dir, folder as string));
  return names.filter((name) => name.endsWith(".log")).map((name) => join(dir, folder as string, name));
}

test("read() gives back what was appended, whatever the text holds", async () => {
  const texts = [
    "plain",
    "two\nlines",
    "back\\slash \\n",
    "carriage\r\nreturn",
    "",
    "tab\there",
    "ünï \u{1f600}",
  ];
  const log = store.openStream(group, stream);
  for (const [index, text] of texts.entries()) log.append(1000 + index, text);
  log.close();
  const events = await collect(store.read(group));
  expect(events.map((event) => event.text)).toEqual(texts);
  expect(events[1]).toEqual({ timestampMs: 1001, stream, text: "two\nlines" });
});

test("a group's name never becomes a path", async () => {
  store.openStream(group, stream).append(1, "x");
  await collect(store.read(group));
  expect(await readdir(dir)).toEqual([expect.stringMatching(/^[0-9a-f]{40}$/)]);
});

test("read() keeps to since and limit", async () => {
  const log = store.openStream(group, stream);
  for (let index = 0; index < 10; index++) log.append(Date.now() + index, `line ${index}`);
  const sinceMs = (await collect(store.read(group)))[6]?.timestampMs ?? 0;
  expect((await collect(store.read(group, { sinceMs }))).map((event) => event.text)).toEqual([
    "line 6",
    "line 7",
    "line 8",
    "line 9",
  ]);
  expect((await collect(store.read(group, { limit: 2 }))).map((event) => event.text)).toEqual([
    "line 8",
    "line 9",
  ]);
});

test("a group without events is empty", async () => {
  expect(await collect(store.read("/aws/lambda/none"))).toEqual([]);
});

test("what was appended is there for the next process, after a half-written event too", async () => {
  store.openStream(group, stream).append(1, "first");
  await store.close();
  await appendFile((await files())[0] as string, "12345 torn");
  store = createFileLogStore({ dir, fileBytes: 64 * 1024 });
  store.openStream(group, stream).append(2, "second");
  expect((await collect(store.read(group))).map((event) => event.text)).toEqual(["first", "second"]);
});

test("files are rotated at their size and the oldest go", async () => {
  const log = store.openStream(group, stream);
  for (let round = 0; round < 20; round++) {
    for (let line = 0; line < 40; line++) log.append(round * 100 + line, "x".repeat(1000));
    await collect(store.read(group, { limit: 1 }));
  }
  const kept = await files();
  expect(kept.length).toBe(5);
  for (const file of kept) expect((await stat(file)).size).toBeLessThanOrEqual(64 * 1024);
  const events = await collect(store.read(group));
  expect(events.at(-1)?.timestampMs).toBe(1939);
  expect(events.length).toBeGreaterThan(100);
});

test("follow() gives what is there and then what comes, each event once, also across rotation", async () => {
  const log = store.openStream(group, stream);
  log.append(0, "before");
  const stop = new AbortController();
  const seen: number[] = [];
  let appended = 1;
  for await (const event of store.follow(group, { signal: stop.signal })) {
    seen.push(event.timestampMs);
    if (seen.length === appended) for (let i = 0; i < 50; i++) log.append(appended++, "y".repeat(2000));
    if (seen.length === 201) stop.abort();
  }
  expect(seen).toEqual(Array.from({ length: 201 }, (_, index) => index));
});

test("follow() ends when its signal fires while it waits, and when the store closes", async () => {
  const stop = new AbortController();
  const aborted = collect(store.follow(group, { signal: stop.signal }));
  const closed = collect(store.follow(group, { signal: new AbortController().signal }));
  stop.abort();
  expect(await aborted).toEqual([]);
  store.openStream(group, stream).append(1, "last");
  await store.close();
  expect((await closed).map((event) => event.text)).toEqual(["last"]);
});

test("deleteGroup() removes the events and the group can be written again", async () => {
  const log = store.openStream(group, stream);
  log.append(1, "old");
  await store.deleteGroup(group);
  expect(await collect(store.read(group))).toEqual([]);
  log.append(2, "new");
  expect((await collect(store.read(group))).map((event) => event.text)).toEqual(["new"]);
});

test("beyond the bound events are dropped and counted, not kept in memory", async () => {
  const log = store.openStream(group, stream);
  for (let index = 0; index < 12; index++) log.append(index, "z".repeat(1_000_000));
  const events = await collect(store.read(group));
  await collect(store.read(group));
  log.append(99, "after");
  const all = [...events, ...(await collect(store.read(group)))].map((event) => event.text);
  expect(all).toContainEqual(
    expect.stringMatching(/^\[brisk\] \d+ log events were dropped: the disk did not take them in time$/),
  );
  expect(all).toContain("after");
});

test("a disk that refuses costs events, not the process, and is said once", async () => {
  const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const blocked = createFileLogStore({ dir: join(dir, "file"), fileBytes: 64 * 1024 });
  await writeFile(join(dir, "file"), "not a folder");
  const log = blocked.openStream(group, stream);
  log.append(1, "lost");
  await blocked.close();
  log.append(2, "lost too");
  await blocked.close();
  expect(warned).toHaveBeenCalledTimes(1);
  warned.mockRestore();
});

test("an event longer than a mebibyte is cut", async () => {
  store.openStream(group, stream).append(1, "w".repeat(1024 * 1024 + 5));
  const [event] = await collect(store.read(group));
  expect(event?.text.length).toBe(1024 * 1024);
});

test("a stream with white space in its name is refused", () => {
  expect(() => store.openStream(group, "a b")).toThrow(TypeError);
});

test("log files are for their owner only", async () => {
  store.openStream(group, stream).append(1, "secret");
  await collect(store.read(group));
  expect((await stat((await files())[0] as string)).mode & 0o077).toBe(0);
});
