import v8 from "node:v8";
import { beforeAll, describe, expect, test } from "vitest";
import { type Guest, type GuestModule, loadGuest } from "./guest-modules.ts";

let guest: Guest;
let own: GuestModule;

beforeAll(async () => {
  guest = await loadGuest();
  own = guest.require("node:v8");
});

const shared = { in: "both" };
const cyclic: Record<string, unknown> = { list: [shared, shared] };
cyclic["self"] = cyclic;
const caused: Error = new RangeError("outer", { cause: new TypeError("inner") });
const itself = new Error("itself");
itself.cause = itself;
const detached = new ArrayBuffer(1);
detached.transfer();

const values: Record<string, unknown> = {
  primitives: [undefined, null, true, false, "", "latin é", "two bytes €", "😀".repeat(100)],
  numbers: [0, -0, 1, -1, 63, 64, -65, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 0.1, Number.NaN, -Infinity, "mixed"],
  bigints: [0n, 1n, -1n, 2n ** 64n, -(2n ** 200n) + 5n],
  keys: { 1: "a", b: 2, "-1": 3, "01": 4, 4294967294: 5, 4294967295: 6 },
  nested: { a: { b: [{ c: [[]] }] } },
  // biome-ignore lint/suspicious/noSparseArray: that is what is tried
  arrays: [[1, , 3], new Array(5), Object.assign([1, 2], { more: true }), [1.5, "x"]],
  cyclic,
  dates: [new Date(0), new Date(-1.5e12), new Date(Number.NaN)],
  wrapped: [Object(1), Object("s€"), Object(true), Object(false), Object(-7n)],
  expressions: [/a+(?<n>b)/dgimsuy, /[\p{L}--[a-z]]/v, /€/],
  collections: [new Map<unknown, unknown>([[shared, new Set([1, "2", shared])]]), new Set(), new Map()],
  bytes: [
    Buffer.from("bytes"),
    new Uint8Array([1, 2]),
    new Float64Array([1.5]),
    new DataView(new ArrayBuffer(3)),
  ],
  memory: [new ArrayBuffer(3), new ArrayBuffer(2, { maxByteLength: 8 })],
  views: [
    new BigInt64Array(2),
    new Float16Array([1.5]),
    new Uint8ClampedArray(1),
    new Uint16Array([1, 2, 3]).subarray(1),
  ],
  errors: [caused, itself, Object.assign(new Error("with"), { code: 1 }), new EvalError(), new URIError("u")],
  classes: [
    new (class A {
      x = 1;
    })(),
    Object.create(null),
    Object.create({ inherited: 1 }),
  ],
  odd: {
    get computed() {
      return 5;
    },
    ["__proto__"]: 1,
    hidden: undefined,
  },
};

const refused: Record<string, () => unknown> = {
  function: () => (x: number) => x,
  symbol: () => Symbol("s"),
  "a symbol object": () => Object(Symbol("s")),
  promise: () => Promise.resolve(),
  weak: () => new WeakMap(),
  reference: () => new WeakRef({}),
  proxy: () => new Proxy({}, {}),
  iterator: () => [][Symbol.iterator](),
  generator: () => (function* () {})(),
  detached: () => detached,
  "shared memory": () => new SharedArrayBuffer(1),
  arguments: new Function("return () => (function () { return arguments; })();")() as () => unknown,
};

const outcome = (run: () => unknown) => {
  try {
    return run();
  } catch (error) {
    return `${(error as Error).name} ${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
};

describe("serialize", () => {
  test.each(Object.keys(values))("of %s makes Node's bytes, and reads them", (name) => {
    const value = values[name];
    // The guest's own, so that it is known for one.
    const given =
      name === "bytes"
        ? [guest.require("node:buffer").Buffer.from("bytes"), ...(value as unknown[]).slice(1)]
        : value;
    expect(own.serialize(given).toString("hex")).toBe(v8.serialize(value).toString("hex"));
    const read = [own, v8].map(({ deserialize }) => deserialize(v8.serialize(value)));
    // Each has a Buffer of its own.
    if (name === "bytes") for (const list of read) list[0] = String(list[0]);
    expect(read[0]).toEqual(read[1]);
  });

  test.each(Object.keys(refused))("refuses %s as Node does", (name) => {
    const value = refused[name]!();
    const expected = outcome(() => v8.serialize({ value }));
    expect(expected).toMatch(/could not be cloned/);
    expect(outcome(() => own.serialize({ value }))).toBe(expected);
  });
});

test("statistics are the isolate's own, and no more than its limit", () => {
  const heap = own.getHeapStatistics();
  expect(Object.keys(heap)).toEqual(Object.keys(v8.getHeapStatistics()));
  expect(heap.heap_size_limit).toBe(128 * 1024 * 1024);
  expect(heap.used_heap_size).toBeGreaterThan(1_000_000);
  const usage = guest.require("node:process").memoryUsage();
  expect(usage.heapUsed).toBeGreaterThan(1_000_000);
  expect([usage.external, own.getHeapSpaceStatistics().length]).toEqual([1, 1]);
});

describe("Serializer and Deserializer", () => {
  test("write and read piece by piece, with views on their own memory, transfers and objects of others", () => {
    const written = [v8, own].map(({ Serializer }) => {
      class Own extends Serializer {
        _writeHostObject(object: ArrayBufferView) {
          this["writeUint32"](object.byteLength);
        }
      }
      const plain = new Serializer();
      const memory = new ArrayBuffer(8);
      plain.writeHeader();
      plain.writeValue([new Uint8Array(memory, 1, 2), new DataView(memory), memory]);
      const pieces = new Own();
      pieces._setTreatArrayBufferViewsAsHostObjects(true);
      pieces.transferArrayBuffer(7, memory);
      pieces.writeHeader();
      pieces.writeUint32(-1);
      pieces.writeUint64(1, 2);
      pieces.writeDouble(-1.5);
      pieces.writeRawBytes(Buffer.from("raw"));
      pieces.writeValue({ memory, view: new Uint8Array(3) });
      return [plain.releaseBuffer(), pieces.releaseBuffer()] as Buffer[];
    });
    expect(written[1]!.map((bytes) => bytes.toString("hex"))).toEqual(
      written[0]!.map((bytes) => bytes.toString("hex")),
    );

    const read = [v8, own].map(({ Deserializer }) => {
      class Own extends Deserializer {
        _readHostObject() {
          return { of: this["readUint32"]() };
        }
      }
      const [plain, pieces] = written[0]!;
      const views: GuestModule = new Deserializer(plain!);
      const all: GuestModule = new (Own as GuestModule)(pieces!);
      all.transferArrayBuffer(7, new ArrayBuffer(8));
      return [views, all].map((from, index) => [
        from.readHeader(),
        from.getWireFormatVersion(),
        ...(index === 1
          ? [from.readUint32(), from.readUint64(), from.readDouble(), String(from.readRawBytes(3))]
          : []),
        from.readValue(),
      ]);
    });
    expect(read[1]).toEqual(read[0]);
    const [view, , memory] = read[1]![0]!.at(-1) as [Uint8Array, DataView, ArrayBuffer];
    expect(view.buffer).toBe(memory);
  });

  test("bytes that are no such thing are refused as by Node, and nothing is allotted for what they claim", () => {
    const whole = v8.serialize([
      { a: "b€", c: new Map([[1, /x/g]]) },
      new Uint8Array(3),
      new Error("e", { cause: 1n }),
    ]);
    const cases = [
      "",
      "ff",
      "ff10",
      "49",
      "ff0f",
      "ff0f5e05",
      "ff0f5c05",
      "ff0f7105",
      "ff0f6f490249047b02",
      "ff0f52220161bf09",
    ];
    cases.push(
      "ff0f2205",
      "ff0f42ffffffff0f",
      "ff0f41ffffffff0f",
      "ff0f61ffffffff0f4000ffffffff0f",
      "ff0f5a0201",
      "ff0d4902",
      "ff0f530361c3a9",
    );
    cases.push(
      "ff0f4204010203045642010200",
      "ff0f4204010203045642030200",
      "ff0f4204010203045657010200",
      "ff0f6f490249",
      "ff0f5affffffff0f",
      "ff0f522201287f",
    );
    for (let length = 0; length < whole.length; length += 3)
      cases.push(whole.subarray(0, length).toString("hex"));
    for (const hex of cases) {
      const bytes = Buffer.from(hex, "hex");
      const expected = outcome(() => v8.deserialize(bytes));
      expect([hex, outcome(() => own.deserialize(bytes))]).toEqual([hex, expected]);
    }
    for (const wrong of [undefined, "text", new ArrayBuffer(3), {}]) {
      expect(outcome(() => own.deserialize(wrong))).toBe(outcome(() => v8.deserialize(wrong as never)));
    }
    for (const method of ["readUint32", "readUint64", "readDouble", "readRawBytes", "readHeader"] as const) {
      const read = ({ Deserializer }: GuestModule) =>
        outcome(() => (new Deserializer(Buffer.alloc(0)) as GuestModule)[method](2));
      expect(read(own)).toBe(read(v8));
    }
    expect(outcome(() => new own.Serializer().writeRawBytes("x"))).toBe(
      outcome(() => new v8.Serializer().writeRawBytes("x" as never)),
    );
  });
});
