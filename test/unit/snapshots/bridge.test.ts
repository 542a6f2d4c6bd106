import { afterEach, expect, test } from "vitest";
import { bindHost, callAsync, callSync, type Value } from "../../../snapshots/bridge.ts";

const received: Value[][] = [];
bindHost((...args) => {
  // Not by push: a test puts setters on Array.prototype.
  Object.defineProperty(received, received.length, { value: args, configurable: true });
  return undefined;
});
afterEach(() => {
  received.length = 0;
});

test("bytes of a SharedArrayBuffer cross as a copy, all others as they are", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(8), 2, 3).fill(7);
  const disguised = Object.setPrototypeOf(new Uint8Array(new SharedArrayBuffer(2)), null) as Uint8Array;
  const growable = new Uint8Array(new SharedArrayBuffer(1, { maxByteLength: 4 }));
  const plain = new Uint8Array([1, 2]);
  const resizable = new Uint8Array(new ArrayBuffer(1, { maxByteLength: 2 }));
  callSync("some.operation", "text", 1, null, undefined, shared, disguised, growable, plain, resizable);
  const [, , , , , copy, bare, grown, ...rest] = received[0] as Uint8Array[];
  expect(copy).toEqual(new Uint8Array([7, 7, 7]));
  for (const one of [copy, bare, grown]) expect(one?.buffer).toBeInstanceOf(ArrayBuffer);
  expect([bare?.length, grown?.length]).toEqual([2, 1]);
  expect(rest[0]).toBe(plain);
  expect(rest[1]).toBe(resizable);
});

test.each([
  ["a SharedArrayBuffer", new SharedArrayBuffer(8)],
  ["a view that is no array", new DataView(new SharedArrayBuffer(8))],
  ["a proxy of bytes", new Proxy(new Uint8Array(1), {})],
  ["an object that says it has bytes", { buffer: new ArrayBuffer(1), [Symbol.toStringTag]: "Uint8Array" }],
])("%s does not cross", async (_what, value) => {
  expect(() => callSync("some.operation", value as never)).toThrow(TypeError);
  await expect(callAsync("some.operation", value as never)).rejects.toThrow(TypeError);
  expect(received).toEqual([]);
});

test("what user code does to prototypes changes nothing", () => {
  const { prototype } = Uint8Array;
  Object.defineProperty(prototype, "buffer", { value: new ArrayBuffer(1), configurable: true });
  try {
    callSync("some.operation", new Uint8Array(new SharedArrayBuffer(1)));
  } finally {
    Reflect.deleteProperty(prototype, "buffer");
  }
  expect((received[0]![1] as Uint8Array).buffer).toBeInstanceOf(ArrayBuffer);
});

test("a setter on Array.prototype is given nothing, and changes nothing", () => {
  let sets = 0;
  const shared = new Uint8Array(new SharedArrayBuffer(1));
  for (let index = 0; index < 20; index++) {
    Object.defineProperty(Array.prototype, index, {
      set(this: object) {
        sets++;
        Object.defineProperty(this, index, { value: shared, writable: true, configurable: true });
      },
      get: () => shared,
      configurable: true,
    });
  }
  try {
    callSync("some.operation", "a", "b");
    void callAsync("some.operation", "a", "b").catch(() => {});
  } finally {
    for (let index = 0; index < 20; index++) Reflect.deleteProperty(Array.prototype, index);
  }
  expect(sets).toBe(0);
  expect(received[0]).toEqual(["some.operation", "a", "b"]);
  expect(received[1]!.slice(2)).toEqual(["a", "b"]);
});

test("more arguments than any operation has are refused", () => {
  expect(() => callSync("some.operation", ...Array.from({ length: 16 }, () => 1))).toThrow("at most 15");
});
