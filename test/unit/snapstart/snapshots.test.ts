import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ReadySnapshot } from "../../../src/fleet/start-plan.ts";
import type { FrozenFacts } from "../../../src/model/freeze-messages.ts";
import type { VersionSpec } from "../../../src/model/version.ts";
import { deriveSealingKey } from "../../../src/sealing/sealing-key.ts";
import { FreezeError, type Freezer } from "../../../src/snapstart/freezer.ts";
import { SealedStore } from "../../../src/snapstart/sealed-store.ts";
import { type Recorded, Snapshots } from "../../../src/snapstart/snapshots.ts";
import { versionSpec } from "../fleet/version-spec.ts";

const facts: FrozenFacts = {
  clockMs: 42,
  operations: { "clock.wall": 1 },
  timeReads: 1,
  randomReads: 0,
  fetches: [],
  builtins: [],
  largestModules: [],
  outcomes: ["answered"],
};
const heap = () => Buffer.from("a heap");
const recorded: Recorded = { kind: "recorded", json: Buffer.from("{}") };

let dir: string;
let store: SealedStore;
let snapshots: Snapshots;
let bugs: unknown[];
let nowMs: number;
const record =
  vi.fn<(spec: VersionSpec, events: readonly string[], signal: AbortSignal) => Promise<Recorded>>();
const freeze = vi.fn<Freezer["freeze"]>();
const verify = vi.fn<Freezer["verify"]>();
const onReady = vi.fn<(spec: VersionSpec) => void>();

const spec = (changes: Partial<VersionSpec> = {}) =>
  versionSpec({
    start: "snapshot",
    version: "1",
    bundle: { hash: "0".repeat(64), key: "0".repeat(64), builtins: [] },
    ...changes,
  });

async function open(): Promise<void> {
  store = await SealedStore.open({
    dir,
    sealing: await deriveSealingKey(Buffer.alloc(32, 1)),
    onDamaged: () => {},
  });
  snapshots = new Snapshots({
    store,
    freezer: { freeze, verify } as never,
    guestDir: "/guest/hash",
    clock: { now: () => nowMs, monotonicMs: () => 1 },
    record,
    readBundle: async () => ({ script: Buffer.from("script"), map: Buffer.from("{}") }),
    sampleEvents: () => ({ events: ["{}"], source: "configuration" }),
    onReady,
    onBug: (error) => bugs.push(error),
  });
}

async function close(): Promise<void> {
  await snapshots.close();
  await store.close();
}

const files = () => readdir(join(dir, "snapshot"));

/** Whether a start would be a restore, and of what. */
async function bytesOf(of: VersionSpec): Promise<string | undefined> {
  const found = snapshots.find(of) as ReadySnapshot | { reason: string };
  if ("reason" in found) return undefined;
  const bytes = found.bytes ?? (await found.read());
  return bytes && Buffer.from(bytes).toString();
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-snapshots-"));
  bugs = [];
  nowMs = 1000;
  record.mockReset().mockImplementation(async () => recorded);
  freeze.mockReset().mockImplementation(async () => ({ snapshot: heap(), facts }));
  verify.mockReset().mockImplementation(async () => ({ heapBytes: 1 }));
  onReady.mockReset();
  await open();
});
afterEach(async () => {
  await close();
  await rm(dir, { recursive: true, force: true });
  expect(bugs).toEqual([]);
});

describe("prepare()", () => {
  test("goes through its steps, and is ready when the heap was verified and stored", async () => {
    const seen: unknown[] = [];
    const see = <T>(value?: T) => {
      const state = snapshots.state(spec());
      seen.push(state.kind === "building" ? state.step : state.kind);
      return value as T;
    };
    record.mockImplementation(async () => see(recorded));
    freeze.mockImplementation(async () => see({ snapshot: heap(), facts }));
    verify.mockImplementation(async () => see({ heapBytes: 1 }));
    onReady.mockImplementation(() => see());
    see();
    expect(snapshots.find(spec())).toEqual({ reason: "no snapshot was made of it yet" });
    const state = await snapshots.prepare(spec());
    expect(seen).toEqual(["none", "record", "freeze", "verify", "ready"]);
    expect(state).toEqual(snapshots.state(spec()));
    expect(state).toMatchObject({
      kind: "ready",
      report: { bytes: 6, madeAtMs: 1000, warmUps: [{ source: "configuration", outcome: "answered" }] },
    });
    expect(snapshots.find(spec())).toMatchObject({ clockMs: 42, bytes: new Uint8Array(heap()) });
    expect(await files()).toHaveLength(1);
  });

  test("calls for one version share one build, and later ones its end", async () => {
    const states = await Promise.all([snapshots.prepare(spec()), snapshots.prepare(spec())]);
    states.push(await snapshots.prepare(spec()));
    expect(new Set(states).size).toBe(1);
    expect([record.mock.calls.length, onReady.mock.calls.length]).toEqual([1, 1]);
  });

  test("builds one after the other", async () => {
    let running = 0;
    let most = 0;
    record.mockImplementation(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return recorded;
    });
    await Promise.all(["a", "b", "c"].map((key) => snapshots.prepare(spec({ key, functionArn: key }))));
    expect([most, record.mock.calls.length]).toEqual([1, 3]);
  });

  test("makes none for a version that starts otherwise", async () => {
    expect(await snapshots.prepare(spec({ start: "init" }))).toEqual({ kind: "none" });
    expect(record).not.toHaveBeenCalled();
  });

  test.each([
    [
      "record",
      () =>
        record.mockResolvedValue({ kind: "failed", code: "InitFailed", message: "no", isTransient: false }),
      "InitFailed",
    ],
    ["freeze", () => freeze.mockRejectedValue(new FreezeError("NotDeterministic", "no")), "NotDeterministic"],
    ["verify", () => verify.mockRejectedValue(new FreezeError("VerifyFailed", "no")), "VerifyFailed"],
  ])("a failing %s is told with its step, and leaves no file", async (step, fail, code) => {
    fail();
    const failure = { step, code, message: "no" };
    expect(await snapshots.prepare(spec())).toEqual({ kind: "failed", failure });
    expect(snapshots.find(spec())).toEqual({ reason: "it has no snapshot: no" });
    expect(onReady).not.toHaveBeenCalled();
    expect(await files()).toEqual([]);
    // The code decides: nobody tries the same again.
    expect(await snapshots.prepare(spec())).toEqual({ kind: "failed", failure });
    expect(record).toHaveBeenCalledTimes(1);
  });

  test("a snapshot that can't be stored is none", async () => {
    vi.spyOn(store, "put").mockRejectedValueOnce(new Error("no space left on device"));
    expect(await snapshots.prepare(spec())).toEqual({
      kind: "failed",
      failure: {
        step: "store",
        code: "StoreFailed",
        message: "The snapshot could not be stored: no space left on device",
        retryAtMs: 61_000,
      },
    });
  });

  test("an error of ours is told as one, and is no rejection", async () => {
    const bug = new TypeError("a bug");
    freeze.mockRejectedValueOnce(bug);
    expect(await snapshots.prepare(spec())).toMatchObject({
      kind: "failed",
      failure: { code: "BuilderFailed" },
    });
    expect(bugs.splice(0)).toEqual([bug]);
  });

  test("a recording that found no room is tried again", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    try {
      record.mockResolvedValueOnce({
        kind: "failed",
        code: "InitFailed",
        message: "no room",
        isTransient: true,
      });
      const prepared = snapshots.prepare(spec());
      await vi.waitFor(async () => {
        await vi.advanceTimersByTimeAsync(1000);
        expect(record).toHaveBeenCalledTimes(2);
      });
      expect((await prepared).kind).toBe("ready");
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a build that failed", () => {
  const failNext = (code: FreezeError["code"]) =>
    freeze.mockRejectedValueOnce(new FreezeError(code, "it failed"));

  test("for what may pass is made again by a start, some time later and not for ever", async () => {
    const delaysMs: number[] = [];
    failNext("BuilderTimedOut");
    let state = await snapshots.prepare(spec());
    for (;;) {
      const retryAtMs = state.kind === "failed" ? state.failure.retryAtMs : undefined;
      if (retryAtMs === undefined) break;
      delaysMs.push(retryAtMs - nowMs);
      nowMs = retryAtMs - 1;
      expect(snapshots.find(spec())).toEqual({ reason: "it has no snapshot: it failed" });
      nowMs++;
      failNext("BuilderFailed");
      expect(snapshots.find(spec())).toEqual({ reason: "its snapshot is being made (record)" });
      state = await snapshots.prepare(spec());
    }
    expect(delaysMs).toEqual([60_000, 300_000, 1_800_000]);
    nowMs = Number.MAX_SAFE_INTEGER;
    expect(snapshots.find(spec())).toEqual({ reason: "it has no snapshot: it failed" });
  });

  test("and is ready the next time starts the count anew with its first good restore", async () => {
    failNext("BuilderFailed");
    await snapshots.prepare(spec());
    nowMs += 60_000;
    snapshots.find(spec());
    expect(await snapshots.prepare(spec())).toMatchObject({ kind: "ready" });
    snapshots.restored(spec());
    snapshots.failed(spec(), "once");
    snapshots.failed(spec(), "twice");
    expect(snapshots.state(spec())).toMatchObject({ failure: { retryAtMs: nowMs + 60_000 } });
  });

  test("over the function's code is not made again", async () => {
    failNext("NotDeterministic");
    const state = await snapshots.prepare(spec());
    expect(state.kind === "failed" && state.failure).not.toHaveProperty("retryAtMs");
  });
});

test("a configuration that is changed and changed back while its snapshot is stored keeps it", async () => {
  const put = store.put.bind(store);
  let change: (() => Promise<unknown>) | undefined = async () => {
    change = undefined;
    snapshots.forget(spec());
    return { again: snapshots.prepare(spec()) };
  };
  let again: unknown;
  vi.spyOn(store, "put").mockImplementation(async (...args) => {
    again = await change?.();
    return put(...args);
  });
  await snapshots.prepare(spec());
  await (again as { again: Promise<unknown> } | undefined)?.again;
  await expect.poll(() => snapshots.state(spec())).toMatchObject({ kind: "ready" });
  expect(await bytesOf(spec())).toBe("a heap");
  expect(await files()).toHaveLength(1);
});

describe("what is stored", () => {
  test("serves the next process, which builds nothing", async () => {
    const before = await snapshots.prepare(spec());
    await close();
    await open();
    const after = await snapshots.prepare(spec());
    expect(after).toMatchObject({ kind: "ready" });
    expect((after as { report: { hash: string } }).report.hash).toBe(
      (before as { report: { hash: string } }).report.hash,
    );
    expect(await bytesOf(spec())).toBe("a heap");
    expect([record.mock.calls.length, onReady.mock.calls.length]).toEqual([1, 2]);
  });

  test("of an older Brisk, with another description, is made again", async () => {
    await snapshots.prepare(spec());
    const [key] = await files();
    await store.put("snapshot", key!, heap(), { clockMs: 1 });
    await close();
    await open();
    expect(await snapshots.prepare(spec())).toMatchObject({ kind: "ready" });
    expect(record).toHaveBeenCalledTimes(2);
  });

  test.each([
    ["handler", { handler: "other.handler" }],
    ["memory", { memorySizeMb: 256 }],
    ["variables", { environmentVariables: { A: "1" } }],
    ["sample events", { warmUpEvents: ["1"] }],
    ["priming", { isPrimed: true }],
    ["code", { bundle: { ...spec().bundle, hash: "1".repeat(64) } }],
    ["set of files beside the same script", { bundle: { ...spec().bundle, key: "1".repeat(64) } }],
    ["version", { version: "2" }],
  ] as [string, Partial<VersionSpec>][])("is another for another %s", async (_, changes) => {
    await snapshots.prepare(spec());
    await snapshots.prepare(spec({ key: "other", ...changes }));
    expect(await files()).toHaveLength(2);
  });

  test("when it is damaged, is made again by whoever finds out, and meanwhile init serves", async () => {
    await snapshots.prepare(spec());
    await close();
    const [name] = await files();
    const path = join(dir, "snapshot", name!);
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    await open();
    await snapshots.prepare(spec());
    const building = Promise.withResolvers<Recorded>();
    record.mockImplementation(() => building.promise);
    expect(await Promise.all([bytesOf(spec()), bytesOf(spec())])).toEqual([undefined, undefined]);
    expect(snapshots.find(spec())).toEqual({ reason: "its snapshot is being made (record)" });
    building.resolve(recorded);
    expect(await snapshots.prepare(spec())).toMatchObject({ kind: "ready" });
    expect(await bytesOf(spec())).toBe("a heap");
    expect(record).toHaveBeenCalledTimes(2);
  });

  test("and can't be read is as good as damaged", async () => {
    await snapshots.prepare(spec());
    const broken = new Error("input/output error");
    vi.spyOn(store, "read").mockRejectedValueOnce(broken);
    const found = snapshots.find(spec()) as ReadySnapshot;
    expect(await found.read()).toBeUndefined();
    expect(bugs.splice(0)).toEqual([broken]);
    expect(await snapshots.prepare(spec())).toMatchObject({ kind: "ready" });
  });

  test("goes with its version, unless another one has the same", async () => {
    await snapshots.prepare(spec());
    await snapshots.prepare(spec({ key: "twin" }));
    expect(await files()).toHaveLength(1);
    snapshots.forget(spec());
    expect(snapshots.state(spec())).toEqual({ kind: "none" });
    expect(await bytesOf(spec({ key: "twin" }))).toBe("a heap");
    snapshots.forget(spec({ key: "twin" }));
    await expect.poll(files).toEqual([]);
  });
});

describe("failed()", () => {
  test("a restore that went well in between starts the count anew", async () => {
    await snapshots.prepare(spec());
    snapshots.failed(spec(), "first");
    snapshots.restored(spec());
    snapshots.failed(spec(), "long after");
    expect(await bytesOf(spec())).toBe("a heap");
    snapshots.failed(spec(), "at once");
    expect(snapshots.state(spec())).toMatchObject({ failure: { code: "RestoreFailed" } });
  });

  test("once is forgiven, twice ends the snapshot", async () => {
    await snapshots.prepare(spec());
    snapshots.failed(spec(), "first");
    expect(await bytesOf(spec())).toBe("a heap");
    snapshots.failed(spec(), "second");
    const reason = "Its snapshot was given up after 2 failed restores: second";
    expect(snapshots.find(spec())).toEqual({ reason: `it has no snapshot: ${reason}` });
    expect(snapshots.state(spec())).toMatchObject({ failure: { code: "RestoreFailed", message: reason } });
    await expect.poll(files).toEqual([]);
    snapshots.failed(spec(), "third");
    snapshots.failed(spec({ key: "unknown" }), "of nobody");
    expect(snapshots.state(spec())).toMatchObject({ failure: { message: reason } });
  });
});

describe.each(["record", "freeze", "verify"] as const)("during %s", (step) => {
  /** Stands until its signal says that nobody wants it, as builders and recordings do. */
  const reached = Promise.withResolvers<void>();
  const stands = (signal: AbortSignal) => {
    reached.resolve();
    return new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
  };
  beforeEach(() => {
    if (step === "record") record.mockImplementationOnce((_spec, _events, signal) => stands(signal));
    if (step === "freeze") freeze.mockImplementationOnce((_parts, signal) => stands(signal));
    if (step === "verify") verify.mockImplementationOnce((_snapshot, signal) => stands(signal));
  });

  test("a version that is deleted ends its build, gives its slot to the next, and leaves nothing", async () => {
    const gone = snapshots.prepare(spec());
    const next = snapshots.prepare(spec({ key: "next", functionArn: "next" }));
    await reached.promise;
    snapshots.forget(spec());
    expect(await gone).toMatchObject({ kind: "failed", failure: { message: "The version was deleted" } });
    expect(snapshots.state(spec())).toEqual({ kind: "none" });
    expect((await next).kind).toBe("ready");
    expect(onReady.mock.calls.map(([{ key }]) => key)).toEqual(["next"]);
    expect(await files()).toHaveLength(1);
  });

  test("a server that stops ends the build, and nobody hears that it failed", async () => {
    const settled = vi.fn();
    void snapshots.prepare(spec()).then(settled);
    await vi.waitFor(() => expect(snapshots.state(spec())).toMatchObject({ step }));
    await snapshots.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).not.toHaveBeenCalled();
    expect(snapshots.state(spec())).toMatchObject({ kind: "building" });
    expect(await files()).toEqual([]);
  });
});

test("a version that is deleted while its snapshot is written leaves no file", async () => {
  const put = store.put.bind(store);
  vi.spyOn(store, "put").mockImplementationOnce(async (...args) => {
    snapshots.forget(spec());
    await put(...args);
  });
  await snapshots.prepare(spec());
  await expect.poll(files).toEqual([]);
  expect(onReady).not.toHaveBeenCalled();
});
