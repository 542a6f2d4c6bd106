import type * as childProcess from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { factsOf } from "../../../src/builder/recording-facts.ts";
import { type FreezeReply, maxFreezeReplyBytes } from "../../../src/model/freeze-messages.ts";
import type { TapeEvent } from "../../../src/model/tape.ts";
import { Freezer } from "../../../src/snapstart/freezer.ts";

/** What the builder process runs: whatever one could do that a function has taken over, or that V8 has ended. */
let program = "";
const started: { pid: number | undefined; args: readonly string[] }[] = [];

vi.mock("node:child_process", async (importOriginal) => {
  const real = await importOriginal<typeof childProcess>();
  return {
    ...real,
    spawn: (_file: string, args: string[], options: childProcess.SpawnOptions) => {
      const child = real.spawn(process.execPath, ["-e", program], options);
      started.push({ pid: child.pid, args });
      return child;
    },
  };
});

const frame = `const frame = (type, payload, length) => {
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
  const header = Buffer.alloc(5); header[0] = type; header.writeUInt32BE(length ?? bytes.length, 1);
  process.stdout.write(Buffer.concat([header, bytes]));
};
const reply = 17, snapshot = 18, piece = Buffer.alloc(1024 * 1024, 7);
const frozen = ${JSON.stringify({ kind: "frozen", facts: factsOf(recordingOf([]), "", emptyMap(), false) })};
`;
const stays = "; setInterval(() => {}, 1000);";
const parts = {
  recording: Buffer.from("{}"),
  script: Buffer.from("s"),
  map: Buffer.from("m"),
  isPrimed: false,
};
const limits = { timeoutMs: 60_000, memoryMb: 512 };

function emptyMap(): string {
  return JSON.stringify({ version: 3, sections: [] });
}

function recordingOf(init: readonly TapeEvent[], outcomes: readonly string[] = []) {
  return { init, warmUp: [], modules: [], files: [], clockMs: 1, warmUpEndMs: 2, outcomes };
}

function run(
  code: string,
  what: { job?: "freeze" | "verify"; limits?: Partial<typeof limits>; signal?: AbortSignal } = {},
) {
  program = frame + code;
  const freezer = new Freezer(import.meta.dirname, { ...limits, ...what.limits });
  const signal = what.signal ?? new AbortController().signal;
  return what.job === "verify" ? freezer.verify(Buffer.from("heap"), signal) : freezer.freeze(parts, signal);
}

/** Nothing of a builder is left, however it went. */
function isAlive(pid: number | undefined): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

afterEach(() => {
  expect(started.filter(({ pid }) => isAlive(pid))).toEqual([]);
  started.length = 0;
});

const brokeProtocol = { code: "BuilderFailed", message: "The builder process broke the protocol" };

describe("Freezer", () => {
  test("takes the pieces of a snapshot and what the builder saw", async () => {
    const made = (await run(
      `frame(snapshot, piece); frame(snapshot, "rest"); frame(reply, frozen)${stays}`,
    )) as { snapshot: Buffer; facts: object };
    expect(made.snapshot.byteLength).toBe(1024 * 1024 + 4);
    expect(made.snapshot.subarray(-4).toString()).toBe("rest");
    expect(made.facts).toMatchObject({ clockMs: 1, operations: {} });
  });

  test("hands over the job and its parts, and no variable or argument of ours", async () => {
    await run(`
      let bytes = Buffer.alloc(0);
      process.stdin.on("data", (chunk) => { bytes = Buffer.concat([bytes, chunk]); });
      process.stdin.on("end", () => {
        const length = bytes.readUInt32BE(1);
        const expected = '{"kind":"freeze","recordingBytes":2,"scriptBytes":1,"mapBytes":1,"isPrimed":false}{}sm';
        const isWell = bytes.subarray(5).toString() === expected && length === expected.length - 4;
        if (isWell && Object.keys(process.env).length === 0) { frame(snapshot, "x"); frame(reply, frozen); }
      })`);
    expect(started[0]?.args).toContain("--permission");
  });

  test("verifies", async () => {
    expect(await run(`frame(reply, { kind: "verified", heapBytes: 5 })`, { job: "verify" })).toEqual({
      heapBytes: 5,
    });
  });

  test.each([
    ["announces gigabytes", `frame(snapshot, "", 0xffffffff)`],
    ["sends frames of an unknown type", `frame(9, "x")`],
    ["sends the supervisor's own frames", `frame(16, "{}")`],
    ["replies with what is no JSON", `frame(reply, "{")`],
    ["replies with what is no reply", `frame(reply, { kind: "frozen" })`],
    ["replies with more than was asked for", `frame(reply, { ...frozen, file: "/etc/passwd" })`],
    ["says that it froze nothing", `frame(reply, frozen)`],
    ["says that it verified what it was to freeze", `frame(reply, { kind: "verified", heapBytes: 1 })`],
    ["sends its snapshot in crumbs", `for (let i = 0; i < 100; i++) frame(snapshot, "x")`],
    ["sends nothing for ever", `for (let i = 0; i < 100; i++) frame(snapshot, "")`],
    ["talks without end", `frame(reply, "x".repeat(2_000_000))`],
    ["makes up a reason", `frame(reply, { kind: "failed", code: "Bored", message: "" })`],
  ])("a builder that %s breaks the protocol", async (_, code) => {
    await expect(run(code + stays)).rejects.toMatchObject(brokeProtocol);
  });

  test("a heap of more than 256 MiB is refused while it comes", async () => {
    await expect(run(`for (let i = 0; i < 300; i++) frame(snapshot, piece)${stays}`)).rejects.toMatchObject({
      code: "NotFreezable",
      message: "The frozen heap has more than 256 MiB, which every environment would hold",
    });
  });

  test("a reason of the builder's is the reason", async () => {
    const failed = {
      kind: "failed",
      code: "NotDeterministic",
      message: "Init called x (at /var/task/a.js:1:2)",
    };
    await expect(run(`frame(reply, ${JSON.stringify(failed)})${stays}`)).rejects.toMatchObject({
      code: failed.code,
      message: failed.message,
    });
  });

  test("a builder that hangs is ended after its time", async () => {
    await expect(run("for (;;);", { limits: { timeoutMs: 300 } })).rejects.toMatchObject({
      code: "BuilderTimedOut",
      message: "Freezing the heap took longer than 300 ms (setting builderTimeoutMs)",
    });
  });

  test("a builder that eats memory outside of V8's own limit is ended", async () => {
    const eats = `const all = []; setInterval(() => { all.push(Buffer.alloc(32 * 1024 * 1024, 1)); }, 5)`;
    await expect(run(eats, { limits: { memoryMb: 128 } })).rejects.toMatchObject({
      code: "BuilderOutOfMemory",
      message: "Freezing the heap took more than 128 MB of memory (setting builderMemoryMb)",
    });
  });

  test("what V8 says of its memory before it aborts counts", async () => {
    const dies = `process.stderr.write("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\\n", () => process.abort())`;
    await expect(run(dies)).rejects.toMatchObject({ code: "BuilderOutOfMemory" });
  });

  test("what V8 says when it can't freeze an object is the function's affair", async () => {
    const dies = `process.stderr.write("\\n#\\n# Fatal error in v8::SnapshotCreator::CreateBlob\\n# global handle not serialized\\n#\\n", () => process.abort())`;
    await expect(run(dies)).rejects.toMatchObject({
      code: "NotFreezable",
      message: expect.stringContaining("native parts that V8 can't freeze"),
    });
  });

  test.each([
    [
      `process.stderr.write("# Fatal error in , line 0\\n# Check failed: x.\\n", () => process.abort())`,
      "signal SIGABRT: Fatal error in , line 0 # Check failed: x.",
    ],
    [`process.exit(3)`, "exit status 3"],
    [`process.kill(process.pid, "SIGKILL")`, "signal SIGKILL"],
    [`process.stdout.end()`, "exit status 0"],
  ])("a builder that dies: %s", async (code, how) => {
    await expect(run(code)).rejects.toMatchObject({
      code: "BuilderFailed",
      message: `The process that freezes the heap ended with ${how}`,
    });
  });

  test("a process that dies over a restored heap has verified nothing", async () => {
    await expect(run("process.abort()", { job: "verify" })).rejects.toMatchObject({
      code: "VerifyFailed",
      message: "A fresh process could not restore the heap: it ended with signal SIGABRT",
    });
  });

  test("ends with its signal, with the signal's reason, before and after it began", async () => {
    const ending = new AbortController();
    const reason = new Error("the version was deleted");
    const running = run(`for (;;);`, { signal: ending.signal });
    ending.abort(reason);
    await expect(running).rejects.toBe(reason);
    const processes = started.length;
    await expect(run("", { signal: ending.signal })).rejects.toBe(reason);
    expect(started).toHaveLength(processes);
  });

  test("leaves no file descriptor behind", async () => {
    const open = () => readdirSync("/proc/self/fd").length;
    await expect(run("process.exit(1)")).rejects.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
    const before = open();
    for (let time = 0; time < 3; time++) await expect(run("process.exit(1)")).rejects.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
    expect(open()).toBeLessThanOrEqual(before);
  });
});

test("whatever init did, what is told of it fits into a reply", () => {
  const long = "\u0001".repeat(10_000);
  const init = Array.from({ length: 500 }, (_, index): TapeEvent[] => [
    ["start", "fetch.open", "d", `GET https://a.example/${index}${long}`],
    ["refusal", `${index}${long}`, "d", long],
  ]).flat();
  const recording = {
    ...recordingOf(
      init,
      Array.from({ length: 200 }, () => long),
    ),
    modules: Array.from({ length: 500 }, (_, index) => `node:${index}${long}`),
  };
  const facts = factsOf(recording, "", emptyMap(), false);
  const reply: FreezeReply = { kind: "frozen", facts };
  expect(Buffer.byteLength(JSON.stringify(reply))).toBeLessThan(maxFreezeReplyBytes);
  expect(Math.max(...Object.keys(facts.operations).map(({ length }) => length))).toBeLessThanOrEqual(100);
});

test("the clock of a primed heap goes on behind its sample events", () => {
  const clocks = [false, true].map((isPrimed) => factsOf(recordingOf([]), "", emptyMap(), isPrimed).clockMs);
  expect(clocks).toEqual([1, 2]);
});
