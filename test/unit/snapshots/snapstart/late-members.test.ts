import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { lateMembers } from "../../../../snapshots/snapstart/lazy/stand-ins/late-members.ts";
import { isolateFlags } from "../../../../src/isolate-flags.ts";
import { guestHeap, roundTrip, sameEverywhere } from "./round-trip.ts";

beforeAll(guestHeap, 300_000);

/** Of what V8 adds late, what nothing stands in for: using it at init is a reason against a snapshot. */
const absent = [
  "Date.prototype.toTemporalInstant",
  "globalThis.AsyncDisposableStack",
  "globalThis.DisposableStack",
  "globalThis.Temporal",
];

test("what V8 lacks while it freezes, and adds when it restores, is what we know of", async () => {
  const program = join(import.meta.dirname, "late-members-main.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [...isolateFlags, program]);
  const { missing, added, onlyFrozen } = JSON.parse(stdout) as Record<string, string[]>;
  const known = lateMembers.map(({ path, key }) => `${path}.${String(key)}`).sort();
  expect(missing).toEqual(known);
  // Otherwise nobody could rely on them after the restore either.
  expect(added).toEqual(missing);
  expect(onlyFrozen).toEqual([]);
});

test("init finds all of them but those that are refused, and the restored heap has V8's own", async () => {
  const paths = lateMembers.map(({ path, key }) => [path, typeof key === "symbol" ? "@@dispose" : key]);
  const shows = `${JSON.stringify(paths)}.map(([path, key]) => {
      const holder = path === "Iterator.prototype" ? Iterator.prototype : path.split(".").reduce((at, name) => at[name], globalThis);
      const value = holder[key === "@@dispose" ? Symbol.dispose : key];
      return [path + "." + key, value === undefined ? "absent" : typeof value === "function" ? String(value).includes("[native code]") ? "native" : "ours" : typeof value];
    })`;
  const { restored } = await roundTrip({ init: `return ${shows};`, check: `return ${shows};` });
  const at = (shown: unknown, what: string) =>
    (shown as [string, string][]).filter(([, kind]) => kind === what).map(([path]) => path);
  expect(at(restored.init, "absent").sort()).toEqual(absent);
  expect(at(restored.check, "absent")).toEqual([]);
  // WebAssembly is ours where init looked at it.
  expect(at(restored.check, "ours")).toEqual([]);
});

describe("in place of what V8 lacks while it freezes", () => {
  const cases: Readonly<Record<string, string>> = {
    "Promise.try": `kept.ready = Promise.try((a) => a + 1, 1).then((value) => { kept.value = value; }); return kept.ready instanceof Promise;`,
    "RegExp.escape": `return ["foo-bar", "1a", "a.b*c+", "\\n\\t x", "\\u2028é😀/", "=<>#&!%:;@~'\`\\"", "\\ud800x"].map(RegExp.escape);`,
    "Error.isError": `return [new Error(), new TypeError(), {}, undefined, Object.create(Error.prototype)].slice(0, 4).map(Error.isError);`,
    getOrInsert: `
      const map = new Map([["a", 1]]); const weak = new WeakMap(); const key = {};
      return [map.getOrInsert("a", 2), map.getOrInsert("b", 3), map.getOrInsertComputed("c", (k) => k + "!"), weak.getOrInsert(key, 4), weak.getOrInsertComputed(key, () => 5), [...map]];`,
    "Iterator.concat": `return [...Iterator.concat([1, 2], new Set([3]))];`,
    "Iterator.prototype[Symbol.dispose]": `let closed = 0; const it = (function* () { try { yield 1; } finally { closed++; } })(); it.next(); it[Symbol.dispose](); return closed;`,
    SuppressedError: `
      const error = new SuppressedError(1, 2, "both");
      return [error.error, error.suppressed, error.message, error.name, error instanceof Error, SuppressedError(1, 2) instanceof SuppressedError, Object.keys(error)];`,
    "base64 and hex of Uint8Array": `
      const bytes = Uint8Array.from({ length: 260 }, (_, index) => index);
      const target = new Uint8Array(5);
      return [
        bytes.toBase64(), bytes.subarray(3, 7).toBase64({ alphabet: "base64url", omitPadding: true }), bytes.toHex(),
        Uint8Array.fromBase64(bytes.toBase64()).length, [...Uint8Array.fromBase64(" aGk = ")], [...Uint8Array.fromBase64("_-8", { alphabet: "base64url" })],
        [...Uint8Array.fromHex("00ffAb")], target.setFromBase64("AAECAwQFBgc="), [...target], target.setFromHex("0102030405060708"), [...target],
        target.setFromBase64("AAEC", { lastChunkHandling: "strict" }),
        ...["a", "aGk", "aGl=", "aGk=x", "a===", "aG k", "äö"].flatMap((text) =>
          ["loose", "strict", "stop-before-partial"].map((lastChunkHandling) => attempt(() => [...Uint8Array.fromBase64(text, { lastChunkHandling })]))),
        attempt(() => Uint8Array.fromHex("0")), attempt(() => Uint8Array.fromHex("0g")), attempt(() => Uint8Array.fromBase64(1)),
      ];
      function attempt(run) { try { return run(); } catch (error) { return error.name; } }`,
    "Buffer's encodings": `
      if (typeof Buffer === "undefined") return ["aGk=", "6869", "hi", "hi", 2, "_-8"];
      return [Buffer.from("hi").toString("base64"), Buffer.from("hi").toString("hex"), Buffer.from("aGk=", "base64").toString(), Buffer.from("6869", "hex").toString(), Buffer.alloc(4).write("aGk", "base64"), Buffer.from("_-8", "base64url").toString("base64url")];`,
  };
  for (const [what, init] of Object.entries(cases)) {
    test(`${what} does what V8's own does`, async () => {
      const run = await sameEverywhere({ init, check: `return [kept.value, (function () { ${init} })()];` });
      expect(run.init).toBeDefined();
    });
  }
});

describe("what user code does to them", () => {
  test("Error.stackTraceLimit and prepareStackTrace of init hold after the restore, stacks of init too", async () => {
    const { restored } = await roundTrip({
      skipsNative: true,
      init: `
        const before = Error.stackTraceLimit;
        Error.stackTraceLimit = 3;
        function deep(left) { return left === 0 ? new Error("deep") : deep(left - 1); }
        kept.early = deep(9);
        kept.deep = deep;
        return [before, kept.early.stack.split("\\n").length];`,
      check: `
        const early = kept.early.stack.split("\\n").length;
        const late = kept.deep(9).stack.split("\\n").length;
        Error.prepareStackTrace = () => "mine";
        return [Error.stackTraceLimit, early, late, new Error("x").stack];`,
    });
    expect(restored.init).toEqual([10, 4]);
    expect(restored.check).toEqual([3, 4, 4, "mine"]);
  });

  test("Error.stackTraceLimit that nobody set is V8's own again", async () => {
    const run = await sameEverywhere({
      init: "return Error.stackTraceLimit;",
      check: "return [Error.stackTraceLimit, Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')];",
    });
    expect(run.init).toBe(10);
  });

  test("a function that polyfills them keeps its polyfills", async () => {
    const run = await sameEverywhere({
      init: `
        Promise.try = () => "mine";
        Object.defineProperty(globalThis, "Temporal", { value: { mine: true }, configurable: true, writable: true });
        Map.prototype.getOrInsert = function () { return "mine"; };
        return [Promise.try(), Temporal.mine];`,
      check: "return [Promise.try(), Temporal.mine, new Map().getOrInsert(1, 2)];",
    });
    expect(run.check).toEqual(["mine", true, "mine"]);
  });

  for (const [what, init, reason] of [
    ["freezes a class", "Object.freeze(Promise);", "Promise is frozen or sealed"],
    ["seals a prototype", "Object.seal(Map.prototype);", "Map.prototype is frozen or sealed"],
    [
      "fixes a member",
      "Object.defineProperty(RegExp, 'escape', { value: 1, configurable: false });",
      "RegExp.escape is not configurable",
    ],
  ] as const) {
    test(`init that ${what} is told the reason, since V8 would abort`, async () => {
      const { recorded } = await roundTrip({ init, check: "return 1;" });
      expect(recorded.reason).toContain(reason);
    });
  }
});
