import { beforeAll, describe, expect, test } from "vitest";
import { guestHeap, roundTrip, sameEverywhere } from "./round-trip.ts";

beforeAll(guestHeap, 300_000);

const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
const section = (id: number, ...bytes: number[]): number[] => [id, bytes.length, ...bytes];
const i32 = 0x7f;
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/**
 * (module
 *   (import "env" "times" (func $times (param i32) (result i32)))
 *   (memory (export "memory") 1) (data (i32.const 0) "\01\02\03")
 *   (global (export "count") (mut i32) (i32.const 7))
 *   (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
 *   (func (export "call") (param i32) (result i32) local.get 0 call $times))
 * and a custom section "hello".
 */
const bytes = JSON.stringify([
  ...header,
  ...section(1, 2, 0x60, 1, i32, 1, i32, 0x60, 2, i32, i32, 1, i32),
  ...section(2, 1, ...text("env"), ...text("times"), 0, 0),
  ...section(3, 2, 1, 0),
  ...section(5, 1, 0, 1),
  ...section(6, 1, i32, 1, 0x41, 7, 0x0b),
  ...section(
    7,
    4,
    ...text("memory"),
    2,
    0,
    ...text("count"),
    3,
    0,
    ...text("add"),
    0,
    1,
    ...text("call"),
    0,
    2,
  ),
  ...section(10, 2, 7, 0, 0x20, 0, 0x20, 1, 0x6a, 0x0b, 6, 0, 0x20, 0, 0x10, 0, 0x0b),
  ...section(11, 1, 0, 0x41, 0, 0x0b, 3, 1, 2, 3),
  ...section(0, ...text("hello"), 9, 9),
]);

/** Imports a memory and a table, and has a start function that does nothing. */
const withStart = JSON.stringify([
  ...header,
  ...section(1, 1, 0x60, 0, 0),
  ...section(3, 1, 0),
  ...section(8, 0),
  ...section(10, 1, 2, 0, 0x0b),
]);
const importsMemory = JSON.stringify([
  ...header,
  ...section(2, 2, ...text("js"), ...text("mem"), 2, 0, 1, ...text("js"), ...text("tab"), 1, 0x70, 0, 2),
  ...section(7, 1, ...text("mem"), 2, 0),
  ...section(11, 1, 0, 0x41, 0, 0x0b, 1, 42),
]);

const attempt = `function attempt(run) { try { return run(); } catch (error) { return error.name; } }`;

describe("WebAssembly of init", () => {
  test("modules and instances nobody used are native ones after the restore", async () => {
    const { init, check } = await sameEverywhere({
      init: `
        const bytes = new Uint8Array(${bytes});
        const module = new WebAssembly.Module(bytes);
        bytes.fill(0);
        const imports = { env: { times: (x) => x * 100 } };
        const instance = new WebAssembly.Instance(module, imports);
        imports.env.times = undefined;
        Object.assign(kept, { W: WebAssembly, module, instance, add: instance.exports.add });
        return [
          WebAssembly.Module.imports(module), WebAssembly.Module.exports(module),
          [...new Uint8Array(WebAssembly.Module.customSections(module, "hello")[0])],
          Object.keys(instance.exports), kept.add.length, kept.add.name, Object.isFrozen(instance.exports),
          instance.exports === instance.exports, instance instanceof WebAssembly.Instance,
          instance.exports.memory instanceof WebAssembly.Memory, String(module), String(instance), String(WebAssembly),
          WebAssembly.validate(new Uint8Array(${bytes})), WebAssembly.validate(new Uint8Array(3)),
          attempt(() => new WebAssembly.Module(new Uint8Array(3))), attempt(() => new WebAssembly.Module("no")),
          attempt(() => WebAssembly.Module(new Uint8Array(${bytes}))), attempt(() => new WebAssembly.Instance({})),
          attempt(() => new WebAssembly.Instance(module)), attempt(() => new WebAssembly.Instance(module, {})),
          attempt(() => new WebAssembly.Instance(module, { env: { times: 1 } })), attempt(() => new WebAssembly.Memory()),
        ];
        ${attempt}`,
      check: `
        const { W, module, instance, add } = kept;
        const env = { times: () => 5 };
        const second = new WebAssembly.Instance(module, { env });
        return [
          add(1, 2), instance.exports.call(3), [...new Uint8Array(instance.exports.memory.buffer, 0, 4)],
          instance.exports.count.value, (instance.exports.count.value = 9), instance.exports.count.value,
          instance.exports.memory.grow(1), instance.exports.memory.buffer.byteLength, second.exports.call(1),
          second.exports.count.value, WebAssembly === W, module instanceof W.Module, second instanceof W.Instance,
          second.exports.memory instanceof W.Memory, new W.Memory({ initial: 2 }).buffer.byteLength,
          WebAssembly.Module.imports(module), attempt(() => new W.Module(new Uint8Array(3))),
          attempt(() => { throw new W.RuntimeError("x"); }), new W.Global({ value: "i32" }, 4).value,
        ];
        ${attempt}`,
    });
    expect((init as unknown[]).length).toBe(23);
    expect((check as unknown[]).slice(0, 3)).toEqual([3, 300, [1, 2, 3, 0]]);
  });

  test("compile and instantiate settle, at init and later", async () => {
    const { check } = await sameEverywhere({
      init: `
        const bytes = new Uint8Array(${bytes});
        const env = { times: (x) => x * 2 };
        kept.ready = Promise.all([
          WebAssembly.compile(bytes).then((module) => WebAssembly.instantiate(module, { env })).then((it) => { kept.one = it; }),
          WebAssembly.instantiate(bytes, { env }).then((it) => { kept.two = it; }),
          WebAssembly.compile(new Uint8Array(4)).catch((error) => { kept.error = error; }),
          WebAssembly.instantiate(bytes, {}).catch((error) => { kept.missing = error; }),
        ]);`,
      check: `
        const { one, two, error, missing } = kept;
        return [
          one.exports.call(4), two.instance.exports.call(5), two.module instanceof WebAssembly.Module, error.name,
          error instanceof WebAssembly.CompileError, error instanceof Error, missing.name,
        ];`,
    });
    expect((check as unknown[]).slice(0, 2)).toEqual([8, 10]);
  });

  test("memories and tables that init made and gave to a module are made later", async () => {
    const { check } = await sameEverywhere({
      init: `
        kept.memory = new WebAssembly.Memory({ initial: 1, maximum: 3 });
        kept.table = new WebAssembly.Table({ initial: 2, element: "anyfunc" });
        kept.global = new WebAssembly.Global({ value: "i64", mutable: true }, 5n);
        const module = new WebAssembly.Module(new Uint8Array(${importsMemory}));
        kept.instance = new WebAssembly.Instance(module, { js: { mem: kept.memory, tab: kept.table } });
        return kept.memory instanceof WebAssembly.Memory;`,
      check: `
        const { memory, table, instance, global } = kept;
        instance.exports.mem.buffer;
        return [new Uint8Array(memory.buffer)[0], memory.buffer.byteLength, table.length, table.get(0), String(global.value)];`,
    });
    expect(check).toEqual([42, 65536, 2, null, "5"]);
  });

  const instance = `new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(${bytes})), { env: { times: () => 1 } })`;
  const refused: Readonly<Record<string, [init: string, reason: string]>> = {
    "a call of an export": [
      `return ${instance}.exports.add(2, 3);`,
      'init called the export "add" of a WebAssembly.Instance, and',
    ],
    "a look into an exported memory": [
      `return new Uint8Array(${instance}.exports.memory.buffer)[0] + 4;`,
      "init used buffer of a WebAssembly.Memory, and",
    ],
    "a look into a memory of its own": [
      "return new WebAssembly.Memory({ initial: 1 }).buffer.byteLength === 65536 ? 5 : 0;",
      "init used buffer of a WebAssembly.Memory, and",
    ],
    "a start function": [
      `new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(${withStart}))); return 5;`,
      "init instantiated a module with a start function, and",
    ],
  };
  for (const [what, [init, reason]] of Object.entries(refused)) {
    test(`${what} works at init, and is told as the reason against a snapshot`, async () => {
      const { native, recorded } = await roundTrip({ init, check: "return 1;" });
      expect([native.init, recorded.init]).toEqual([5, 5]);
      expect(recorded.reason).toContain(reason);
    });
  }
});

test("a function that never touched WebAssembly has V8's own, whose promises settle", async () => {
  const { restored } = await roundTrip({
    skipsNative: true,
    init: "return typeof globalThis.nothing;",
    check: `
      WebAssembly.compile(new Uint8Array(${bytes})).then(() => { kept.settled = true; });
      return [String(WebAssembly.Module.prototype.constructor), typeof WebAssembly.promising];`,
    afterwards: "return kept.settled;",
  });
  expect(restored.check).toEqual(["function Module() { [native code] }", "function"]);
  expect(restored.afterwards).toBe(true);
});
