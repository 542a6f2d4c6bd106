import util from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { type Guest, loadGuest } from "./guest-modules.ts";

let guest: Guest;
beforeAll(async () => {
  guest = await loadGuest();
});

const long = "lorem ipsum dolor sit amet ".repeat(8);
const cyclic: Record<string, unknown> = { name: "cyclic", list: [1] };
cyclic["self"] = cyclic;
(cyclic["list"] as unknown[]).push(cyclic);
class Point {
  x = 1;
  #hidden = 2;
  static origin = 0;
  get sum() {
    return this.x + this.#hidden;
  }
}
class Point3 extends Point {
  override x = 3;
  get [Symbol.toStringTag]() {
    return "P3";
  }
}
class Stack extends Array {}
class Registry extends Map {}
const stackless = (error: Error) =>
  Object.assign(error, { stack: `${error.name}: ${error.message}\n    at somewhere` });
const custom = {
  [util.inspect.custom]: (depth: number, options: object) => `custom ${depth} ${"colors" in options}`,
};
const tagged = { [Symbol.toStringTag]: "Tagged", a: 1 };
const symbols = { [Symbol("key")]: Symbol("value"), [Symbol.iterator]: null };
const accessors = {
  get a() {
    return 1;
  },
  set b(_: number) {},
  get c() {
    return 2;
  },
  set c(_: number) {},
};
const nullish = Object.assign(Object.create(null) as object, { a: 1 });
function named() {}
Object.assign(named, { more: 1 });

/** By what they are. Each is made once, and shown by both. */
const values: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  true: true,
  number: 1.5,
  "minus zero": -0,
  NaN: Number.NaN,
  big: 12345678901234567890n,
  string: "it's",
  quotes: `'"\``,
  newline: "a\nb\tc\0\x7f",
  lone: "\ud800x",
  emoji: "👩‍👩‍👧",
  long,
  symbol: Symbol("s"),
  "empty symbol": Symbol(),
  "registered symbol": Symbol.for("r"),
  array: [1, "a", null, undefined],
  // biome-ignore lint/suspicious/noSparseArray: that is what is shown
  sparse: [1, , 3, , ,],
  "many numbers": Array.from({ length: 120 }, (_, index) => index),
  "array with names": Object.assign([1], { more: true, [-1]: 0 }),
  nested: [[[[[1]]]]],
  "long strings": [long, long],
  columns: Array.from({ length: 30 }, (_, index) => `item ${index * 7919}`),
  matrix: [
    [1, 2],
    [3, 4],
  ],
  "sub class": Stack.from([1, 2]),
  object: { a: 1, "b-c": 2, 3: 4 },
  empty: {},
  "null prototype": nullish,
  deep: { a: { b: { c: { d: { e: 1 } } } } },
  cyclic,
  wide: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`property${index}`, index])),
  symbols,
  accessors,
  tagged,
  hidden: Object.defineProperty({ seen: 1 }, "hidden", { value: 2 }),
  "odd keys": { "": 1, "1a": 2, π: 3, "\n": 4 },
  instance: new Point(),
  "sub instance": new Point3(),
  class: Point,
  "class that extends": Point3,
  anonymous: class {},
  "extends null": class extends (null as unknown as new () => object) {},
  function: named,
  arrow: () => {},
  async: async () => {},
  generator: function* g() {},
  "async generator": async function* ag() {},
  "bound function": named.bind(null),
  "native function": Math.max,
  "no prototype": Object.setPrototypeOf(() => {}, null),
  date: new Date(1e12),
  "bad date": new Date(Number.NaN),
  "date with more": Object.assign(new Date(0), { more: 1 }),
  expression: /a\/b/giu,
  error: stackless(new Error("message")),
  "error with code": Object.assign(stackless(new TypeError("typed")), { code: "E_CODE", list: [1] }),
  cause: stackless(new Error("outer", { cause: stackless(new RangeError("inner")) })),
  "cause that is no error": stackless(new Error("x", { cause: { a: 1 } })),
  "errors of many": stackless(new AggregateError([stackless(new Error("one"))], "many")),
  "error of a class": stackless(new (class Own extends Error {})("own")),
  "error without stack": Object.assign(new Error("bare"), { stack: undefined }),
  "error without name": Object.assign(stackless(new Error("n")), { name: "" }),
  "renamed error": Object.assign(stackless(new Error("n")), { name: "Renamed" }),
  errors: [stackless(new Error("in a list"))],
  map: new Map<unknown, unknown>([
    ["a", 1],
    [{ b: 2 }, new Map()],
  ]),
  set: new Set([1, "a", { b: 1 }]),
  "sub map": Reflect.construct(Registry, [[[1, 2]]]),
  "empty map": new Map(),
  "map with more": Object.assign(new Map(), { more: 1 }),
  weak: new WeakMap(),
  "weak set": new WeakSet(),
  reference: new WeakRef({ a: 1 }),
  bytes: new Uint8Array([1, 2, 3]),
  floats: new Float64Array([1.5, -0]),
  bigs: new BigInt64Array([1n]),
  half: new Float16Array(2),
  view: new DataView(new ArrayBuffer(2)),
  memory: new ArrayBuffer(4),
  resizable: new ArrayBuffer(2, { maxByteLength: 4 }),
  "many bytes": new Uint8Array(200),
  wrapped: [Object(1), Object("text"), Object(true), Object(1n), Object(Symbol("w")), Object(-0)],
  "wrapped with more": Object.assign(Object("ab"), { more: 1 }),
  arguments: new Function("return arguments")(1, 2),
  "of a generator": (function* () {})(),
  iterator: [][Symbol.iterator](),
  global: Math,
  json: JSON,
  reflect: Reflect,
  atomics: Atomics,
  intl: Intl,
  custom,
  "custom inside": { custom, list: [custom] },
  "to string": { toString: () => "text" },
  "to json": { toJSON: () => "json" },
  module: { __esModule: true, default: 1 },
  "long key": { [long]: 1 },
  "text in objects": { text: 'it\'s "quoted"', lines: "a\nb\nc" },
  "long text in objects": { a: { b: { text: `${long}\n${long}` } } },
  mixed: {
    list: [
      { id: 1, tags: new Set(["a"]), at: new Date(0) },
      { id: 2, tags: new Set(), at: null },
    ],
    total: 2n,
    next: undefined,
    run() {},
  },
  url: new URL("https://u:p@host:8080/p?q=1#h"),
  params: new URLSearchParams("a=1&b=2"),
  "abort controller": new AbortController(),
  event: { type: "x" },
};

/** What `inspect` does here as well as it can, and otherwise than Node. */
const different: Record<string, readonly [value: () => unknown, shown: string]> = {
  "a promise's state cannot be seen": [() => Promise.resolve(1), "Promise { <unknown> }"],
  "nor what an iterator of a map has yet to give": [
    () => new Map([[1, 2]]).keys(),
    "[Map Iterator] {\n  <unknown>,\n  [Symbol(Symbol.toStringTag)]: 'Map Iterator'\n}",
  ],
  "Node takes shared memory for a class of the function's": [
    () => new SharedArrayBuffer(2),
    "SharedArrayBuffer { [Uint8Contents]: <00 00>, [byteLength]: 2 }",
  ],
  "nor a proxy's handler": [() => new Proxy({ a: 1 }, {}), "Proxy [ { a: 1 }, <unknown> ]"],
};

const optionSets: object[] = [
  {},
  { depth: 0 },
  { depth: null, compact: false },
  { colors: true },
  { compact: true, breakLength: 40 },
  { showHidden: true, sorted: true },
];
optionSets.push(
  { maxArrayLength: 2, maxStringLength: 5 },
  { getters: true, numericSeparator: true },
  { breakLength: Number.POSITIVE_INFINITY, compact: 1 },
);

describe("inspect", () => {
  test.each(Object.keys(values))("shows %s as Node's does, with any options", (name) => {
    const own = guest.require("node:util");
    for (const options of optionSets) {
      expect([options, own.inspect(values[name], options)]).toEqual([
        options,
        util.inspect(values[name], options),
      ]);
    }
  });

  test.each(Object.keys(different))("differs where %s", (name) => {
    const [make, shown] = different[name]!;
    expect(guest.require("node:util").inspect(make(), { showProxy: true, showHidden: true })).toBe(shown);
  });

  test("shows what is behind a proxy by its traps, with Node's words around it", () => {
    const { inspect, format } = guest.require("node:util");
    const logged = new Proxy({ a: 1 }, { get: (target, key) => Reflect.get(target, key) });
    // Inside of something it is not looked for, unless that is asked for.
    expect(inspect({ inner: logged })).toBe("{ inner: { a: 1 } }");
    expect(inspect({ inner: logged }, { showProxy: true })).toBe("{ inner: Proxy [ { a: 1 }, <unknown> ] }");
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    for (const proxy of [
      logged,
      new Proxy([1, 2], {}),
      new Proxy(new Point(), {}),
      new Proxy({}, logged as object),
      revoked.proxy,
    ]) {
      expect([inspect(proxy), format("%o %s %j", { a: 1 }, "s", 1)]).toEqual([
        util.inspect(proxy),
        util.format("%o %s %j", { a: 1 }, "s", 1),
      ]);
    }
  });
});

test("a failed assertion shows the call's own text, whatever is in it", async () => {
  const { expressionAt } = guest.require("brisk:node/internal/library/errors/error_source");
  for (const [line, at, expected] of [
    ["  assert(false); other();", "assert", "assert(false)"],
    ["x(), a?.b.ok(f(')', \"(\"), [1, `)`]) || y", "ok", "a?.b.ok(f(')', \"(\"), [1, `)`])"],
    ["assert.ok(value ===", "ok", "assert.ok(value ==="],
    ["assert(/* ) */ a, // )", "assert", "assert(/* ) */ a, // )"],
    ["check; rest", "check", "check"],
  ] as const) {
    expect(expressionAt(line, line.indexOf(at))).toBe(expected);
  }
  const assert = guest.require("node:assert");
  expect(() => assert.ok(0)).toThrow(/^The expression evaluated to a falsy value/);
});

describe("format", () => {
  const formats: unknown[][] = [
    ["%s", "a"],
    ["%s", 1n],
    ["%s", -0],
    ["%s", Symbol("s")],
    ["%s", {}],
    ["%s", new Point()],
    ["%s", { toString: () => "own" }],
    ["%s", null],
  ];
  formats.push(
    ["%s", stackless(new Error("e"))],
    ["%s", [1, [2, [3]]]],
    ["%s", () => {}],
    ["%s", new Date(0)],
    ["%s", Object.create(null)],
    ["%s", class A {}],
  );
  formats.push(
    ["%d", "42"],
    ["%d", 1n],
    ["%d", {}],
    ["%d", Symbol("d")],
    ["%i", 42.9],
    ["%i", "0x10"],
    ["%i", 5n],
    ["%f", "1.5e3"],
    ["%f", Symbol("f")],
    ["%j", { a: [1] }],
  );
  formats.push(
    ["%j", cyclic],
    [
      "%j",
      {
        toJSON() {
          throw new Error("own");
        },
      },
    ],
    ["%o", { a: { b: [1] } }],
    ["%o", named],
    ["%O", { a: { b: { c: { d: 1 } } } }],
    ["%c", "css"],
    ["%%", 1],
  );
  formats.push(
    ["%", "a"],
    ["%s"],
    ["%s %s", "one"],
    ["%s", "one", "two", { three: 3 }],
    ["%x", 1],
    ["a", "b", 1, { c: 1 }],
    [1, 2, "3"],
    [],
    ["%%s%s", "a"],
    ["100%", 1],
    ["%s%", "x"],
  );
  test.each(formats.map((args, index) => [index, args] as const))(
    "%i of the formats is Node's",
    (_, args) => {
      const own = guest.require("node:util");
      const outcome = (run: () => unknown) => {
        try {
          return run();
        } catch (error) {
          return String(error);
        }
      };
      expect(outcome(() => own.format(...args))).toBe(outcome(() => util.format(...args)));
      expect(outcome(() => own.formatWithOptions({ colors: true }, ...args))).toBe(
        outcome(() => util.formatWithOptions({ colors: true }, ...args)),
      );
    },
  );
});
