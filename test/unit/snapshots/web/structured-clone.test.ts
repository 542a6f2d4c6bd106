import { inspect, isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { guest, outcome } from "./guest.ts";

class Point {
  x = 1;
  get y() {
    return 2;
  }
}
const sparse: unknown[] = new Array(3);
sparse[2] = 3;
Object.assign(sparse, { extra: true });
const bytes = new Uint8Array([1, 2, 3, 4]);

const values: [string, unknown][] = [
  ["primitives", [1, -0, Number.NaN, "x", true, null, undefined, 10n]],
  ["wrappers", [Object(1), Object("s"), Object(false), Object(3n)]],
  ["a sparse array with properties", sparse],
  ["dates", [new Date(5), new Date(Number.NaN)]],
  ["regular expressions", [/a/giu, /[/]/y]],
  ["maps and sets", new Map<unknown, unknown>([[{ k: 1 }, new Set([1, { a: 2 }])]])],
  ["errors", [new TypeError("t", { cause: { c: 1 } }), new Error("e"), new RangeError("r")]],
  ["an instance of a class", new Point()],
  ["an object without prototype", Object.assign(Object.create(null), { a: 1 })],
  [
    "buffers and views of one",
    { buffer: bytes.buffer, part: bytes.subarray(1, 3), view: new DataView(bytes.buffer, 2) },
  ],
  ["typed arrays", [new Float64Array([1.5]), new BigInt64Array([1n]), new Uint8ClampedArray([300])]],
  ["a forged tag", { [Symbol.toStringTag]: "Map", a: 1 }],
  ["a forged prototype", Object.create(Map.prototype, { a: { value: 1, enumerable: true } })],
  ["a key named __proto__", JSON.parse('{"__proto__": {"a": 1}}')],
  ["a function", () => 1],
  ["a symbol", Symbol("s")],
  ["a promise", Promise.resolve(1)],
  ["a weak map", new WeakMap()],
  ["a weak reference", new WeakRef({})],
  ["a generator", (function* () {})()],
  ["a function deep inside", { a: [{ b() {} }] }],
  [
    "arguments",
    (function (..._: number[]) {
      // biome-ignore lint/complexity/noArguments: this is what is cloned
      return arguments;
    })(1, 2),
  ],
  [
    "a throwing getter",
    {
      get a() {
        throw new RangeError("mine");
      },
    },
  ],
];

describe("structuredClone", () => {
  test.each(values)("%s is as in Node", async (_, value) => {
    const mine = (await outcome(() => guest.structuredClone(value))) as { value?: unknown };
    const theirs = (await outcome(() => structuredClone(value))) as { value?: unknown };
    expect(isDeepStrictEqual(mine, theirs), `${inspect(mine)} / ${inspect(theirs)}`).toBe(true);
    if (typeof value === "object" && "value" in mine) expect(mine.value).not.toBe(value);
  });

  test("keeps cycles and shared references", () => {
    const shared = {};
    const value: Record<string, unknown> = { a: shared, b: shared };
    value["self"] = value;
    const clone = guest.structuredClone(value);
    expect(clone["self"]).toBe(clone);
    expect(clone["a"]).toBe(clone["b"]);
    expect(clone["a"]).not.toBe(shared);
  });

  test("moves what is transferred", () => {
    const buffer = new ArrayBuffer(8);
    const view = new Uint8Array(buffer, 2, 4);
    const clone = guest.structuredClone({ view, buffer }, { transfer: [buffer] });
    expect(buffer.detached).toBe(true);
    expect(clone.view.buffer).toBe(clone.buffer);
    expect([clone.view.byteOffset, clone.view.length, clone.buffer.byteLength]).toEqual([2, 4, 8]);
  });

  test("refuses what cannot be transferred, and moves nothing then", async () => {
    const buffer = new ArrayBuffer(8);
    const twice = { transfer: [buffer, buffer] };
    expect(await outcome(() => guest.structuredClone(1, twice))).toEqual({ error: "DataCloneError" });
    const odd = { transfer: [buffer, {}] } as unknown as { transfer: ArrayBuffer[] };
    expect(await outcome(() => guest.structuredClone(1, odd))).toEqual({ error: "DataCloneError" });
    const late = () => guest.structuredClone({ buffer, f() {} }, { transfer: [buffer] });
    expect(await outcome(late)).toEqual({ error: "DataCloneError" });
    expect(buffer.detached).toBe(false);
  });

  test("carries a DOMException", () => {
    const clone = guest.structuredClone(new guest.DOMException("m", "AbortError"));
    expect([clone.name, clone.message, clone.code, clone instanceof guest.DOMException]).toEqual([
      ...["AbortError", "m", 20, true],
    ]);
  });

  test("carries blobs and files", async () => {
    for (const realm of [guest, globalThis]) {
      const blob = realm.structuredClone(new realm.Blob(["ab"], { type: "x/y" }));
      const file = realm.structuredClone({ f: new realm.File(["c"], "n", { lastModified: 5 }) }).f;
      expect([blob.type, await blob.text(), blob instanceof realm.Blob]).toEqual(["x/y", "ab", true]);
      expect([file.name, file.lastModified, await file.text(), file instanceof realm.File]).toEqual([
        "n",
        5,
        "c",
        true,
      ]);
    }
  });

  test("refuses proxies wherever they are, and objects of the platform, without calling a trap", async () => {
    const traps: string[] = [];
    const get = (target: object, key: PropertyKey) => {
      traps.push(String(key));
      return Reflect.get(target, key);
    };
    const proxy = new Proxy({ a: 1 }, { get });
    const many = Array.from({ length: 200 }, (): object => ({}));
    const wrong = [proxy, { deep: [many, { proxy: new Proxy([], {}) }] }, new guest.URL("http://h/")];
    for (const value of [...wrong, new guest.URLSearchParams(), new guest.MessageChannel().port1]) {
      expect(await outcome(() => guest.structuredClone(value))).toEqual({ error: "DataCloneError" });
    }
    expect(guest.structuredClone(many)).toEqual(many);
  });

  test("moves streams, whose chunks are cloned", async () => {
    for (const realm of [guest, globalThis]) {
      const chunk = { a: [1] };
      const source = new realm.ReadableStream({
        start(controller) {
          controller.enqueue(chunk);
          controller.close();
        },
      });
      const moved = realm.structuredClone({ source }, { transfer: [source] }).source;
      expect([source.locked, moved instanceof realm.ReadableStream]).toEqual([true, true]);
      expect(await outcome(() => realm.structuredClone(source, { transfer: [source] }))).toEqual({
        error: "DataCloneError",
      });
      const reader = moved.getReader();
      const { value } = await reader.read();
      expect([value, value === chunk, (await reader.read()).done]).toEqual([chunk, false, true]);
      const transform = new realm.TransformStream();
      for (const list of [
        [transform, transform.readable],
        [transform.writable, transform],
      ] as unknown as ArrayBuffer[][]) {
        const twice = () => realm.structuredClone(list, { transfer: list });
        expect(await outcome(twice)).toEqual({ error: "DataCloneError" });
      }
      const end = realm.structuredClone(transform, { transfer: [transform] });
      const writer = end.writable.getWriter();
      const written = writer.write("through");
      expect(await end.readable.getReader().read()).toEqual({ value: "through", done: false });
      await written;
    }
  });
});
