import { describe, expect, it } from "vitest";
import { digestOf } from "../../../snapshots/snapstart/lazy/replay.ts";
import type { Operation } from "../../../src/host/operation.ts";
import { operations } from "../../../src/host/operations/index.ts";
import { TapeRecorder } from "../../../src/host/tape-recorder.ts";
import { maxTapeBytes, tapeDigest, toTape } from "../../../src/model/tape.ts";

function operation(name: string): Operation {
  const found = operations.get(name);
  if (found === undefined) throw new Error(`There is no operation ${name}`);
  return found;
}

const clock = operation("clock.wall");

describe("TapeRecorder", () => {
  it("writes down turns and operations in their order, and gives each out once", () => {
    const tape = new TapeRecorder();
    tape.turn([2, 7, true, new Uint8Array([0, 255]), undefined]);
    tape.called(clock, [], 12.5);
    tape.called(operation("fetch.read"), [3, 1], undefined);
    tape.refused("crypto.digest", ["md4"], "ERR_INVALID_ARG_VALUE\nno such hash");
    expect(tape.take()).toEqual([
      ["turn", 2, 7, true, ["AP8="], []],
      ["answer", "clock.wall", tapeDigest([]), 12.5],
      ["start", "fetch.read", tapeDigest([3, 1])],
      ["refusal", "crypto.digest", tapeDigest(["md4"]), "ERR_INVALID_ARG_VALUE\nno such hash"],
    ]);
    expect(tape.take()).toEqual([]);
  });

  it("leaves away what is no plain value: the bundle's factory is not on the tape", () => {
    const tape = new TapeRecorder();
    tape.turn([0, "{}", { derefInto: true }, () => 1]);
    expect(tape.take()).toEqual([["turn", 0, "{}", null, null]]);
  });

  it("keeps operations that have no place on a tape away, but remembers the modules that were loaded", () => {
    const tape = new TapeRecorder();
    tape.called(operation("log"), ["INFO", "hello"], undefined);
    for (const name of ["node:util", "node:events", "node:util"]) {
      tape.called(operation("module.load"), [name], undefined);
    }
    expect([tape.take(), [...tape.modules]]).toEqual([[], ["node:util", "node:events"]]);
  });

  it.each([
    ["GET without its query", { url: "https://a.example/b?secret=1#c" }, "GET https://a.example/b"],
    ["the method", { method: "POST", url: "https://a.example/" }, "POST https://a.example/"],
  ])("notes of a request %s", (_, request, note) => {
    const tape = new TapeRecorder();
    const args = [1, 1, JSON.stringify(request)];
    tape.called(operation("fetch.open"), args, undefined);
    expect(tape.take()).toEqual([["start", "fetch.open", tapeDigest(args), note]]);
  });

  it.each([
    ["an address", { host: "192.0.2.1", port: 5432 }, "connect 192.0.2.1:5432"],
    ["the name", { host: "192.0.2.1", name: "db.test", port: 443, tls: {} }, "connect db.test:443 (TLS)"],
  ])("notes of a connection %s", (_, request, note) => {
    const tape = new TapeRecorder();
    const args = [1, 1, JSON.stringify(request)];
    tape.called(operation("net.connect"), args, undefined);
    expect(tape.take()).toEqual([["start", "net.connect", tapeDigest(args), note]]);
  });

  it("notes that there was a request, whatever the guest passed for one", () => {
    const tape = new TapeRecorder();
    for (const hostile of ["{", "null", undefined]) {
      tape.called(operation("fetch.open"), [1, 1, hostile], undefined);
      tape.called(operation("net.connect"), [1, 1, hostile], undefined);
    }
    for (const event of tape.take()) expect(event).toHaveLength(4);
  });

  it("stops when the tape is too long, and says so", () => {
    const tape = new TapeRecorder();
    const chunk = new Uint8Array(maxTapeBytes / 8);
    let added = 0;
    for (; !tape.isTooLong && added < 20; added++) tape.called(operation("crypto.random"), [1], chunk);
    expect(added).toBeLessThan(8);
    tape.called(clock, [], 1);
    expect(tape.take()).toHaveLength(added);
  });
});

describe("toTape()", () => {
  it("survives JSON as what it was, for every value that an operation gives", () => {
    for (const value of ["", "é\u0000\ud800", 0, 1e300, 2 ** 53, true, false, null]) {
      expect(JSON.parse(JSON.stringify(toTape(value)))).toBe(value);
    }
    expect(JSON.parse(JSON.stringify(toTape(undefined)))).toEqual([]);
    expect(toTape(new Uint8Array(8).subarray(2, 4))).toEqual(["AAA="]);
    expect(toTape(new Uint8Array(0))).toEqual([""]);
  });
});

describe("the digest of arguments", () => {
  const bytes = new Uint8Array(64).map((_, index) => index * 7);
  const argumentLists: unknown[][] = [
    [],
    [""],
    ["", ""],
    [0],
    [-0],
    [1, 23],
    [12, 3],
    ["12", 3],
    [0.1 + 0.2],
    [Number.NaN],
    [Number.NEGATIVE_INFINITY],
    [true],
    ["true"],
    [undefined],
    [null],
    ["undefined"],
    ["Grüße, 世界 \u{1f600}"],
    ["\ud800"],
    ["\udc00"],
    ["a\u0000b"],
    ["a", "b"],
    ["ab"],
    [bytes],
    [bytes.subarray(3, 9)],
    [new Uint8Array(0)],
    [new DataView(bytes.buffer, 1, 5)],
    [new Uint16Array([1, 2])],
    [new Uint8Array([1, 0, 2])],
    ["x".repeat(100_000)],
    [2n ** 70n],
    [Symbol("a")],
  ];

  it.each(argumentLists.map((args) => ({ args })))(
    "is the same on both sides of the wall for $args",
    ({ args }) => {
      expect(digestOf(args, 0)).toBe(tapeDigest(args));
    },
  );

  it("is the same on both sides of the wall for whatever else", () => {
    // A generator of its own, so that a failure can be had again.
    let state = 0x2545f491;
    const next = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % below;
    };
    const value = (): unknown => {
      switch (next(4)) {
        case 0:
          return Array.from({ length: next(30) }, () => String.fromCharCode(next(0x10000))).join("");
        case 1:
          return (next(2 ** 31) - 2 ** 30) / (next(1000) + 1);
        case 2:
          return Uint8Array.from({ length: next(30) }, () => next(256));
        default:
          return [undefined, true, false][next(3)];
      }
    };
    for (let round = 0; round < 500; round++) {
      const args = Array.from({ length: next(6) }, value);
      expect([round, digestOf(args, 0)]).toEqual([round, tapeDigest(args)]);
    }
  });

  it("differs where the arguments do, save for -0, which no operation tells from 0", () => {
    const digests = argumentLists.filter(([first]) => !Object.is(first, -0)).map(tapeDigest);
    expect(new Set(digests).size).toBe(digests.length);
    expect(tapeDigest([-0])).toBe(tapeDigest([0]));
  });

  it("differs for every bit of some bytes", () => {
    const digests = new Set([tapeDigest([bytes])]);
    for (let bit = 0; bit < 512; bit++) {
      const changed = new Uint8Array(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      digests.add(tapeDigest([changed]));
    }
    expect(digests.size).toBe(513);
  });
});
