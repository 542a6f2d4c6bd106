import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AuditFacts } from "../../../src/audit/audit-event.ts";
import { matcher } from "../../../src/audit/audit-query.ts";
import { AuditTrail, type AuditTrailOptions } from "../../../src/audit/audit-trail.ts";
import { systemClock } from "../../../src/model/clock.ts";

/** Whether the disk is full, and how many bytes of the next write it still takes. */
const disk = vi.hoisted(() => ({ isFull: false, takes: 0, synced: 0 }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return {
    ...real,
    open: async (path: string, flags: string, mode?: number) => {
      const handle = await real.open(path, flags, mode);
      const { datasync } = handle;
      const write = handle.write.bind(handle) as (
        bytes: Uint8Array,
        ...rest: number[]
      ) => Promise<{ bytesWritten: number }>;
      handle.write = (async (bytes: Uint8Array, offset = 0) => {
        if (!disk.isFull) return write(bytes, offset);
        if (disk.takes === 0)
          throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        const taken = await write(bytes, offset, Math.min(disk.takes, bytes.length - offset));
        disk.takes = 0;
        return taken;
      }) as typeof handle.write;
      handle.datasync = async () => {
        disk.synced += 1;
        await datasync.call(handle);
      };
      return handle;
    },
  };
});

let dir: string;
let trail: AuditTrail;
let notes: string[];
let nowMs: number;

function open(more: Partial<AuditTrailOptions> = {}): AuditTrail {
  trail = new AuditTrail({
    dir: join(dir, "audit"),
    scope: { region: "us-east-1", accountId: "000000000000" },
    fileBytes: 64 * 1024,
    totalBytes: 1024 * 1024,
    retentionDays: 90,
    clock: { ...systemClock, now: () => nowMs },
    onNote: (text) => notes.push(text),
    ...more,
  });
  return trail;
}

beforeEach(async () => {
  Object.assign(disk, { isFull: false, takes: 0, synced: 0 });
  dir = await mkdtemp(join(tmpdir(), "brisk-audit-"));
  notes = [];
  nowMs = Date.now();
  open();
});

afterEach(async () => {
  disk.isFull = false;
  await trail.close();
  await rm(dir, { recursive: true, force: true });
});

const root = {
  type: "Account",
  arn: "arn:aws:iam::000000000000:root",
  accountId: "000000000000",
  userId: "000000000000",
  userName: undefined,
  roleArn: undefined,
  accessKeyId: "AKIAROOT",
} as const;

const call = (more: Partial<AuditFacts> = {}): AuditFacts => ({
  timeMs: nowMs,
  eventSource: "lambda.amazonaws.com",
  operation: "ListFunctions",
  isRead: true,
  requestId: "request",
  sourceAddress: "127.0.0.1",
  userAgent: undefined,
  principal: root,
  ...more,
});

async function lines(): Promise<Record<string, unknown>[]> {
  const folder = join(dir, "audit");
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts
    .join("")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

async function told(query: Parameters<AuditTrail["read"]>[0] = {}): Promise<string[]> {
  const found: string[] = [];
  for await (const { record } of trail.read(query)) found.push(record.requestID);
  return found;
}

test("records are lines in the order of their calls, synced, and readable by their owner only", async () => {
  for (let index = 0; index < 500; index++) trail.add(call({ requestId: `${index}` }));
  await trail.close();
  expect((await lines()).map((line) => line["requestID"])).toEqual(
    Array.from({ length: 500 }, (_, i) => `${i}`),
  );
  expect(disk.synced).toBeGreaterThan(0);
  // Batched: far fewer writes than records.
  expect(disk.synced).toBeLessThan(20);
  expect((await stat(join(dir, "audit"))).mode & 0o777).toBe(0o700);
  expect((await stat(join(dir, "audit", "0000000001.log"))).mode & 0o777).toBe(0o600);
  expect(trail.figures).toEqual({ written: 500, lost: 0, suppressed: 0 });
});

test("a record is on the disk within a moment, without anybody's asking", async () => {
  trail.add(call());
  await vi.waitFor(async () => expect(await lines()).toHaveLength(1));
});

test("files rotate at their size, and all of them keep to the total", async () => {
  await trail.close();
  open({ fileBytes: 64 * 1024, totalBytes: 200 * 1024 });
  for (let round = 0; round < 30; round++) {
    for (let index = 0; index < 40; index++)
      trail.add(call({ userAgent: "x".repeat(500), requestId: `${round}-${index}` }));
    await trail.flush();
  }
  const folder = join(dir, "audit");
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
  );
  expect(sizes.length).toBeGreaterThan(1);
  for (const size of sizes) expect(size).toBeLessThanOrEqual(64 * 1024);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(200 * 1024);
  expect((await told()).at(-1)).toBe("29-39");
});

test("what a crash left half written costs one record", async () => {
  trail.add(call({ requestId: "before" }));
  await trail.close();
  const { appendFile } = await import("node:fs/promises");
  await appendFile(join(dir, "audit", "0000000001.log"), '{"eventVersion":"1.08","userId');
  open();
  trail.add(call({ requestId: "after" }));
  expect(await told()).toEqual(["before", "after"]);
});

test("a full disk fails no call, is told once, and costs only what finds no room meanwhile", async () => {
  await trail.close();
  open({ fileBytes: 16 * 1024 * 1024, totalBytes: 64 * 1024 * 1024 });
  trail.add(call({ requestId: "first" }));
  await trail.flush();
  disk.isFull = true;
  disk.takes = 100;
  trail.add(call({ requestId: "second" }));
  await trail.flush();
  trail.add(call({ requestId: "third" }));
  await trail.flush();
  expect(notes).toEqual([
    expect.stringMatching(/cannot be written: ENOSPC: no space left on device; calls are/),
  ]);
  expect(trail.figures).toMatchObject({ written: 1, lost: 0, failing: "ENOSPC: no space left on device" });
  for (let index = 0; index < 8000; index++) trail.add(call({ userAgent: "x".repeat(500) }));
  const { lost } = trail.figures;
  expect(lost).toBeGreaterThan(0);
  disk.isFull = false;
  await trail.flush();
  expect(trail.figures).toMatchObject({ lost });
  expect(trail.figures.failing).toBeUndefined();
  expect(notes).toHaveLength(2);
  const all = await lines();
  // Whole lines, each once, although the disk took a part of the second.
  expect(all.slice(0, 3).map((line) => line["requestID"])).toEqual(["first", "second", "third"]);
  await trail.flush();
  expect((await lines()).at(-1)).toMatchObject({
    eventName: "AuditLogInterrupted",
    eventType: "AwsServiceEvent",
    serviceEventDetails: { lostRecords: lost },
  });
});

test("refused calls of nobody cannot push the others out: beyond a rate they are counted", async () => {
  const error = { code: "MissingAuthenticationTokenException", message: "Missing Authentication Token" };
  for (let index = 0; index < 5000; index++) trail.add(call({ principal: undefined, error }));
  trail.add(call({ requestId: "signed" }));
  await trail.flush();
  expect(trail.figures).toMatchObject({ written: 1002, suppressed: 4000 });
  expect((await lines()).slice(-2)).toMatchObject([
    { eventName: "AnonymousRefusalsSuppressed", serviceEventDetails: { suppressedRecords: 4000 } },
    { requestID: "signed" },
  ]);
  nowMs += 60_000;
  trail.add(call({ principal: undefined, error, requestId: "later" }));
  expect((await told()).at(-1)).toBe("later");
});

test("read() follows time, filters and limit; follow() goes on with what comes", async () => {
  const user = {
    ...root,
    type: "User",
    arn: "arn:aws:iam::000000000000:user/ci",
    userName: "ci",
    accessKeyId: "AKIACI",
  } as const;
  trail.add(call({ requestId: "old", timeMs: nowMs - 3_600_000 }));
  trail.add(call({ requestId: "create", operation: "CreateFunction", principal: user }));
  trail.add(call({ requestId: "refused", error: { code: "ResourceNotFoundException", message: "no" } }));
  expect(await told()).toEqual(["old", "create", "refused"]);
  expect(await told({ sinceMs: nowMs - 10_000 })).toEqual(["create", "refused"]);
  expect(await told({ limit: 1 })).toEqual(["refused"]);
  for (const who of ["ci", "AKIACI", user.arn]) {
    expect(await told({ matches: matcher({ user: who }) })).toEqual(["create"]);
  }
  expect(await told({ matches: matcher({ user: "root" }) })).toEqual(["old", "refused"]);
  expect(await told({ matches: matcher({ user: "" }) })).toEqual([]);
  expect(await told({ matches: matcher({ event: "createfunction" }) })).toEqual(["create"]);
  expect(await told({ matches: matcher({ errorsOnly: true }) })).toEqual(["refused"]);

  const followed: string[] = [];
  const stop = new AbortController();
  const following = (async () => {
    for await (const { record } of trail.follow({ sinceMs: nowMs - 10_000, signal: stop.signal })) {
      followed.push(record.requestID);
      if (followed.length === 2) trail.add(call({ requestId: "new" }));
      if (followed.length === 3) stop.abort();
    }
  })();
  await following;
  expect(followed).toEqual(["create", "refused", "new"]);
  const endless = (async () => {
    for await (const _ of trail.follow({ signal: new AbortController().signal }));
  })();
  trail.stopFollowing();
  await endless;
});
