import { describe, expect, it } from "vitest";
import {
  type Argument,
  boolean,
  bytes,
  defineOperation,
  either,
  integer,
  invalid,
  number,
  oneOf,
  optional,
  parseArguments,
  string,
} from "../../../src/host/operation.ts";
import { OperationError } from "../../../src/model/values.ts";

/** What a guest might send in the hope that a check looks once and the use another time. */
const changing = {
  valueOf: () => 1,
  toString: () => "a",
  [Symbol.toPrimitive]: () => 1,
  length: 1,
  byteLength: 1,
};
const objects: [string, unknown][] = [
  ["an object with valueOf and toString", changing],
  ["a boxed number", Object(1)],
  ["a boxed string", Object("a")],
  ["a boxed boolean", Object(true)],
  ["an array of one", [1]],
  ["a function", () => 1],
  ["a symbol", Symbol("a")],
  ["a bigint", 1n],
  ["a date", new Date(1)],
  ["a proxy", new Proxy({}, { get: () => () => 1 })],
];

const checks: [string, Argument<unknown>][] = [
  ["string", string(10)],
  ["integer", integer(0, 10)],
  ["number", number(0, 10)],
  ["boolean", boolean()],
  ["bytes", bytes(10)],
  ["oneOf", oneOf("a", "b")],
  ["either", either(string(10), integer(0, 10))],
  ["optional", optional(integer(0, 10))],
];

describe.each(checks)("%s()", (_name, argument) => {
  it.each(objects)("refuses %s, and runs nothing of it", (_what, value) => {
    expect(argument.parse(value)).toBe(invalid);
  });
});

describe("integer()", () => {
  it.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    1.5,
    -1,
    11,
    2 ** 53,
    "5",
    true,
    null,
  ])("refuses %s", (value) => {
    expect(integer(0, 10).parse(value)).toBe(invalid);
  });

  it("gives its bounds, and 0 for -0", () => {
    expect([0, 10].map((value) => integer(0, 10).parse(value))).toEqual([0, 10]);
    expect(integer(0, 10).parse(-0)).toBe(0);
  });
});

describe("number()", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0.1, 10.1, "5"])(
    "refuses %s",
    (value) => {
      expect(number(0, 10).parse(value)).toBe(invalid);
    },
  );

  it("gives fractions, and 0 for -0", () => {
    expect(number(0, 10).parse(0.5)).toBe(0.5);
    expect(number(0, 10).parse(-0)).toBe(0);
  });
});

describe("string()", () => {
  it("takes as many UTF-16 units as it says and refuses one more, however long it is", () => {
    expect(string(4).parse("\u{1f600}\u{1f600}")).toBe("\u{1f600}\u{1f600}");
    expect(string(4).parse("12345")).toBe(invalid);
    expect(string(4).parse("x".repeat(2 ** 28))).toBe(invalid);
  });
});

describe("bytes()", () => {
  it("takes as many bytes as it says and refuses one more", () => {
    const data = Uint8Array.of(1, 2, 3, 4);
    expect(bytes(4).parse(data)).toBe(data);
    expect(bytes(3).parse(data)).toBe(invalid);
  });

  it.each([
    new Uint16Array([1, 2]),
    new DataView(Uint8Array.of(0, 1, 0, 2, 0).buffer, 1, 4),
    new Float64Array(1),
  ])("gives another view's own bytes, and no more of its buffer", (view) => {
    const parsed = bytes(8).parse(view) as Uint8Array;
    expect(parsed).toBeInstanceOf(Uint8Array);
    expect([parsed.byteOffset, parsed.byteLength]).toEqual([view.byteOffset, view.byteLength]);
  });

  it("counts a view of wide elements in bytes", () => {
    expect(bytes(7).parse(new Float64Array(1))).toBe(invalid);
  });

  it.each([
    ["Uint8Array", new Uint8Array(new SharedArrayBuffer(4))],
    ["Int32Array", new Int32Array(new SharedArrayBuffer(4))],
    ["DataView", new DataView(new SharedArrayBuffer(4))],
  ])("refuses a %s of shared memory, which could change while it is read", (_type, view) => {
    expect(bytes(10).parse(view)).toBe(invalid);
  });

  it.each([
    ["a buffer without a view", new ArrayBuffer(2)],
    ["shared memory itself", new SharedArrayBuffer(2)],
    ["a plain object in its shape", { buffer: new ArrayBuffer(2), byteOffset: 0, byteLength: 2 }],
    ["a plain object of its class", Object.create(Uint8Array.prototype)],
    ["text", "ab"],
  ])("refuses %s", (_what, value) => {
    expect(bytes(10).parse(value)).toBe(invalid);
  });
});

describe("optional(), either() and oneOf()", () => {
  it("optional() gives undefined for what is absent and for null, and checks all else", () => {
    const argument = optional(integer(0, 10));
    expect([argument.parse(undefined), argument.parse(null), argument.parse(3)]).toEqual([
      undefined,
      undefined,
      3,
    ]);
    for (const value of [Number.NaN, "", false, 11]) expect(argument.parse(value)).toBe(invalid);
  });

  it("either() takes what one of the two takes", () => {
    const argument = either(string(1), bytes(1));
    expect(argument.parse("a")).toBe("a");
    expect(argument.parse(Uint8Array.of(1))).toEqual(Uint8Array.of(1));
    for (const value of ["ab", Uint8Array.of(1, 2), 1]) expect(argument.parse(value)).toBe(invalid);
  });

  it("oneOf() takes no name that objects have", () => {
    for (const value of ["__proto__", "constructor", "A", ""]) expect(oneOf("a").parse(value)).toBe(invalid);
  });
});

describe("parseArguments()", () => {
  const operation = defineOperation({
    name: "test.run",
    kind: "sync",
    args: [string(3), integer(1, 5)],
    replay: "pure",
    run: () => undefined,
  });

  it("gives the checked arguments behind `from`, and leaves out what the guest added", () => {
    expect(parseArguments(operation, ["call", "abc", 5, "more"], 1)).toEqual(["abc", 5]);
  });

  it("refuses with a code, and says which argument of what must be what, but not what it was", () => {
    const refused = (): unknown => parseArguments(operation, ["abc", "secret"], 0);
    expect(refused).toThrow(OperationError);
    expect(refused).toThrow('Cannot call "test.run": argument 2 must be an integer from 1 to 5');
    try {
      refused();
    } catch (error) {
      expect((error as OperationError).code).toBe("ERR_INVALID_ARG_VALUE");
    }
  });

  it("refuses arguments that are missing", () => {
    expect(() => parseArguments(operation, [], 0)).toThrow("argument 1");
    expect(() => parseArguments(operation, ["abc"], 5)).toThrow("argument 1");
  });
});
