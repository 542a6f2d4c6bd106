import { readdir, readFile } from "node:fs/promises";
import { FunctionError } from "brisk";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startServer, type TestServer } from "./server.ts";

/** Hostile guests: whatever they do, it has a named end, and their neighbour's next invocation succeeds. */
let server: TestServer;
let number = 0;

beforeAll(async () => {
  server = await startServer({ spareHosts: 2 });
  await server.deploy({ name: "neighbour", files: { "index.js": "exports.handler = async () => 'well'" } });
});
afterAll(() => server.close());

async function attack(
  body: string,
  options: Record<string, unknown> = {},
): Promise<{ type: string; message: string } | unknown> {
  const name = `hostile-${++number}`;
  await server.runtime.deploy({
    name,
    files: { "index.js": `exports.handler = async (event) => { if (event.calm) return "calm"; ${body} }` },
    timeoutSeconds: 1,
    ...options,
  });
  const outcome = await server.runtime.invoke(name, {}).catch((error: unknown) => {
    if (error instanceof FunctionError) return { type: error.errorType, message: error.message };
    throw error;
  });
  // Whatever happened, it starts anew, and so does everybody else.
  expect(await server.runtime.invoke(name, { calm: true })).toBe("calm");
  expect(await server.runtime.invoke("neighbour")).toBe("well");
  return outcome;
}

describe("endless loops end at the timeout", () => {
  it.each([
    ["synchronous", "for (;;);"],
    ["in microtasks", "for (;;) await 0;"],
    ["in nextTick", "const again = () => process.nextTick(again); again(); await new Promise(() => {});"],
    ["in timers", "const again = () => setTimeout(again, 0); again(); await new Promise(() => {});"],
    ["in immediates", "const again = () => setImmediate(again); again(); await new Promise(() => {});"],
    ["of host operations", "for (;;) performance.now();"],
    [
      "that catch everything",
      "for (;;) { try { for (;;) crypto.randomUUID(); } catch {} finally { continue } }",
    ],
    ["of a regular expression", "/(a+)+$/.test('a'.repeat(40) + 'b')"],
    ["of logs", "for (;;) console.log('x'.repeat(1000));"],
    ["in a getter that the runtime reads", "return { get statusCode() { for (;;); } };"],
    ["in toJSON", "return { toJSON() { for (;;); } };"],
    ["in then", "return { then() { for (;;); } };"],
    [
      "waiting with Atomics",
      "if (typeof SharedArrayBuffer === 'function') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); for (;;);",
    ],
    [
      "of JSON.parse, which V8 does not interrupt",
      "const text = JSON.stringify(Array.from({ length: 200000 }, () => ({ a: [1, 2, { b: 'c' }] }))); for (;;) JSON.parse(text);",
    ],
  ])(
    "%s",
    async (_where, body) => {
      expect(await attack(body)).toMatchObject({ type: "Sandbox.Timedout" });
    },
    60_000,
  );
});

it("a first invocation that V8 can't interrupt ends at its timeout, not at that of init", async () => {
  await server.runtime.deploy({
    name: "uninterruptible",
    files: {
      "index.js": `const text = JSON.stringify(Array.from({ length: 200000 }, () => ({ a: [1, 2, { b: "c" }] })));
        exports.handler = async () => { for (;;) JSON.parse(text); }`,
    },
    timeoutSeconds: 1,
  });
  const endedInit = Promise.withResolvers<string>();
  const ended = server.runtime
    .invoke("uninterruptible")
    .catch((error: unknown) => (error as FunctionError).errorType);
  // The init phase has 10 s: whoever is killed by it comes second.
  const timer = setTimeout(() => endedInit.resolve("init's limit"), 8000);
  expect(await Promise.race([ended, endedInit.promise])).toBe("Sandbox.Timedout");
  clearTimeout(timer);
}, 60_000);

describe("memory ends at the limit", () => {
  it.each([
    ["maps", "const map = new Map(); for (let i = 0; ; i++) map.set(i, { i });"],
    ["closures", "let last; for (;;) { const before = last; last = () => before; }"],
    ["arrays of arrays", "const a = []; for (;;) a.push(new Array(1000).fill(1));"],
    [
      "one huge array",
      "new Array(2 ** 27).fill({}); const a = []; for (;;) a.push(new Array(1000).fill({}));",
    ],
    ["a split string", "const parts = 'x'.repeat(2 ** 29 - 24).split(''); return parts.length;"],
    [
      "strings that grow",
      "const numbers = Array.from({ length: 50000 }, (_, i) => i); const all = []; for (let i = 0; ; i++) all.push(JSON.stringify(numbers) + i);",
    ],
  ])(
    "%s",
    async (_what, body) => {
      const outcome = (await attack(body, {
        timeoutSeconds: 20,
        environment: { BRISK_CPU_TIME_MS: "20000" },
      })) as { type: string };
      expect(["Runtime.OutOfMemory", "Runtime.ExitError"]).toContain(outcome.type);
    },
    90_000,
  );

  it("array buffers throw a RangeError that the function may catch", async () => {
    expect(
      await attack(
        "const all = []; try { for (;;) all.push(new Uint8Array(16 * 1024 * 1024)); } catch (error) { return error.name }",
      ),
    ).toBe("RangeError");
  }, 60_000);
});

describe("the wall between guest and host", () => {
  it("deep recursion is a RangeError", async () => {
    expect(await attack("const f = () => f(); try { f() } catch (error) { return error.name }")).toBe(
      "RangeError",
    );
  });

  it("recursion through host operations ends, too", async () => {
    const outcome = await attack(
      "const f = () => { performance.now(); f() }; try { f() } catch (error) { return error.name }",
    );
    expect(outcome).toBe("RangeError");
  });

  it("nothing of isolated-vm and no second bind is within reach", async () => {
    const outcome = await attack(`
      const seen = [];
      try { __brisk_bind(() => {}); seen.push("bound") } catch (error) { seen.push(error.message) }
      try { delete globalThis.__brisk_bind; } catch {}
      Object.defineProperty(globalThis, "x", { value: Function("return this")() });
      seen.push(globalThis.x === globalThis, typeof __brisk_bind, typeof ivm, typeof require);
      return seen;`);
    expect(outcome).toEqual(["The host is bound already", true, "function", "undefined", "function"]);
  });

  it("tampering with prototypes harms only the function itself", async () => {
    const outcome = await attack(`
      Map.prototype.get = Map.prototype.set = () => { throw new Error("tampered") };
      Array.prototype.push = Array.prototype[Symbol.iterator] = () => { throw new Error("tampered") };
      Promise.prototype.then = () => { throw new Error("tampered") };
      JSON.stringify = () => "tampered";
      return { still: "an answer" };`);
    // Its own await goes through the intrinsic then; the runtime through its primordials.
    expect(outcome).toEqual({ still: "an answer" });
  });

  it("errors of the host carry no host stack or path", async () => {
    const outcome = (await attack(`
      try { crypto.getRandomValues(new Uint8Array(70000)) } catch (error) { return [String(error.stack), error.name] }`)) as string[];
    expect(outcome[0]).not.toMatch(/node_modules|src\/host|isolated-vm|file:/);
  });

  it("a host process that is killed costs only what ran in it", async () => {
    await server.deploy({
      name: "slow",
      files: { "index.js": "exports.handler = ({ ms }) => new Promise((r) => setTimeout(r, ms))" },
      timeoutSeconds: 10,
    });
    // Warm, so that its event has started when the host is lost: before that it would be moved to another one.
    await server.runtime.invoke("slow", { ms: 1 });
    const running = server.runtime.invoke("slow", { ms: 5000 }).catch((error: unknown) => error);
    await server.runtime.invoke("neighbour");
    await signalHosts("SIGKILL");
    expect(await running).toMatchObject({ errorType: "Runtime.ExitError" });
    expect(await server.runtime.invoke("neighbour")).toBe("well");
  }, 60_000);

  it("a host process that hangs is replaced while it hangs", async () => {
    await server.runtime.invoke("neighbour");
    await signalHosts("SIGSTOP");
    const lost = server.runtime.invoke("neighbour").catch((error: unknown) => error);
    // What is sent before the silence is noticed may wait in the stopped host; what comes after goes elsewhere.
    const answers: unknown[] = [];
    await vi.waitFor(
      async () => {
        const answer = server.runtime.invoke("neighbour").catch((error: unknown) => error);
        answers.push(answer);
        expect(await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 500))])).toBe("well");
      },
      { timeout: 30_000, interval: 100 },
    );
    for (const outcome of [await lost, ...(await Promise.all(answers))]) {
      expect(["well", "Runtime.ExitError", "Sandbox.Timedout"]).toContain(
        outcome instanceof FunctionError ? outcome.errorType : outcome,
      );
    }
  }, 60_000);
});

/** To every host process of this test's server, spares included. */
async function signalHosts(signal: NodeJS.Signals): Promise<void> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1];
    if (parent === String(process.pid) && /host\/main/.test(commandLine)) process.kill(Number(pid), signal);
  }
}
