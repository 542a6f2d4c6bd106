import { beforeAll, describe, expect, test } from "vitest";
import { guestHeap, roundTrip } from "./round-trip.ts";

beforeAll(guestHeap, 300_000);

describe("what V8 does not have while it freezes", () => {
  const uses: Readonly<Record<string, [init: string, reason: string]>> = {
    "Temporal.Now": ["Temporal.Now.instant();", "init called Temporal.Now.instant, which V8 does not have"],
    "a Temporal object": [
      "kept.day = Temporal.PlainDate.from('2020-01-01');",
      "init called Temporal.PlainDate.from",
    ],
    "a constructor": ["new Temporal.PlainTime(1);", "init called new Temporal.PlainTime"],
    "Date to Temporal": ["new Date(0).toTemporalInstant();", "init called Date.prototype.toTemporalInstant"],
    DisposableStack: ["new DisposableStack().use(null);", "init called new DisposableStack"],
    AsyncDisposableStack: ["new AsyncDisposableStack();", "init called new AsyncDisposableStack"],
  };
  for (const [what, [init, reason]] of Object.entries(uses)) {
    test(`${what} works at init, and is told as the reason against a snapshot`, async () => {
      const { recorded, native } = await roundTrip({ init: `${init} return 1;`, check: "return 1;" });
      expect([recorded.init, native.init]).toEqual([1, 1]);
      expect(recorded.reason).toContain(reason);
    });
  }

  test("the reason names the line of the user's code", async () => {
    const { recorded } = await roundTrip({
      init: "function mine() { new DisposableStack(); }\nmine();",
      check: "return 1;",
    });
    expect(recorded.reason).toMatch(/^init called new DisposableStack, which .+ \(at mine \(.+:1:\d+\)\)$/);
  });

  test("looking whether it is there is no use of it, and after the restore it is there", async () => {
    const { recorded, restored } = await roundTrip({
      init: `
        kept.has = [typeof Temporal, typeof SharedArrayBuffer, typeof DisposableStack];
        kept.isShared = (value) => typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer;
        const length = Object.getOwnPropertyDescriptor(SharedArrayBuffer.prototype, "byteLength").get;
        return [kept.isShared(new ArrayBuffer(1)), typeof length, typeof globalThis.Temporal?.Now, SharedArrayBuffer.name];`,
      check: `
        return [
          typeof Temporal.Now.instant().epochMilliseconds, new SharedArrayBuffer(4).byteLength, kept.isShared(new SharedArrayBuffer(1)),
          typeof new DisposableStack().use, new Date(0).toTemporalInstant().epochMilliseconds,
        ];`,
    });
    expect(recorded.reason).toBeUndefined();
    expect(restored.init).toEqual([false, "function", "undefined", "SharedArrayBuffer"]);
    expect(restored.check).toEqual(["number", 4, true, "function", 0]);
  });

  test("shared memory of init is memory that nobody shares", async () => {
    const { recorded, restored } = await roundTrip({
      init: `
        const cell = kept.cell = new Int32Array(new SharedArrayBuffer(8, { maxByteLength: 16 }));
        kept.Captured = SharedArrayBuffer;
        cell[0] = 7;
        kept.facts = ({ buffer }) => [buffer instanceof SharedArrayBuffer, Object.prototype.toString.call(buffer), buffer.byteLength,
          buffer.growable, new Uint8Array(buffer.slice(0, 1)).join(), Atomics.wait(cell, 0, 1), Atomics.wait(cell, 0, 7, 1), Atomics.add(cell, 1, 2)];
        return kept.facts(cell);`,
      check: `
        const own = new Int32Array(new kept.Captured(4));
        kept.cell.buffer.grow(16);
        return [...kept.facts(kept.cell), kept.cell[0], own.buffer instanceof SharedArrayBuffer, Atomics.wait(own, 0, 0, 1), Atomics.wait(own, 0, 1)];`,
    });
    const facts = [true, "[object SharedArrayBuffer]", 8, true, "7", "not-equal", "timed-out"];
    expect(recorded.reason).toBeUndefined();
    expect([recorded.init, restored.init]).toEqual([
      [...facts, 0],
      [...facts, 0],
    ]);
    facts[2] = 16;
    expect(restored.check).toEqual([...facts, 2, 7, true, "timed-out", "not-equal"]);
  });
});
