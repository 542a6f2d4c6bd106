import { beforeAll, describe, expect, test } from "vitest";
import { guestHeap, roundTrip, sameEverywhere } from "./round-trip.ts";

beforeAll(guestHeap, 300_000);

/** What the tape of these tests says. */
const wall = 1e12;

describe("Date of a function with SnapStart", () => {
  test("is told at init by the tape, and by the clock after the restore", async () => {
    const before = Date.now();
    const { recorded, restored } = await roundTrip({
      skipsNative: true,
      init: `
        class Stamp extends Date {}
        const now = [Date.now(), new Date().getTime(), new Stamp().getTime(), Reflect.construct(Date, [], Stamp).getTime()];
        kept.stamp = new Stamp();
        return [...now, Date(), host.asked.length];`,
      check:
        "return [kept.stamp.getTime(), Date.now(), new Date().getTime(), Date.parse(Date()), host.asked.length];",
    });
    expect(restored.init).toEqual([
      wall,
      wall,
      wall,
      wall,
      `${new Date(wall)}`.replace(/GMT.*/, "GMT+0000 (Coordinated Universal Time)"),
      6,
    ]);
    expect(recorded.init).toEqual(restored.init);
    const [stamp, ...live] = restored.check as number[];
    expect(stamp).toBe(wall);
    expect(live.pop()).toBe(0);
    for (const ms of live) expect(ms).toBeGreaterThan(before - 1000);
  });

  test("passes for V8's own: identity, statics, subclasses, values", async () => {
    const { init } = await sameEverywhere({
      init: `
        class Later extends Date { year() { return this.getUTCFullYear(); } }
        Object.assign(kept, { Date, Later, later: new Later(2e12), plain: new Date(5) });
        return [
          Date.name, Date.length, Date.prototype.constructor === Date, Object.getPrototypeOf(Date) === Function.prototype,
          Object.getOwnPropertyNames(Date).sort(), Object.keys(Date), Date.now.name, Date.now.length, "prototype" in Date.now,
          Date.UTC(2020, 1), Date.parse("2020-01-01"), new Date(2020, 1, 2, 3, 4, 5, 6).getTime(), new Date("x").getTime(),
          new Date(undefined).getTime(), new Date(null).getTime(), new Date(new Date(7)).getTime(), kept.later.year(),
          Object.prototype.toString.call(new Date()), typeof Date(1), new Date() instanceof Date, kept.later instanceof Later,
          JSON.stringify(new Date(0)), new Date(0).toLocaleString("de-DE", { timeZone: "Europe/Paris" }),
        ];`,
      check: `
        return [
          kept.Date === Date, kept.plain instanceof Date, kept.later.year(), new kept.Later(0).year(),
          new kept.Later() instanceof Date, new Date() instanceof kept.Date, new Date(1, 2).getTime(),
          structuredCloneable(kept.plain), new Date().constructor === Date,
        ];
        function structuredCloneable(date) { return Date.prototype.getTime.call(date); }`,
    });
    expect((init as unknown[])[0]).toBe("Date");
  });
});

test("Math.random is on the tape at init, and differs between environments of one heap", async () => {
  const { recorded, restored } = await roundTrip({
    skipsNative: true,
    init: "kept.random = Math.random; return [Math.random(), Math.random(), Math.random.name, Math.random.length];",
    check: "return [kept.random(), Math.random(), kept.random === Math.random, host.asked.length];",
  });
  expect(restored.init).toEqual([1 / 1024, 2 / 1024, "random", 0]);
  expect(recorded.init).toEqual(restored.init);
  const [one, two, isSame, asked] = restored.check as [number, number, boolean, number];
  const [other] = restored.again as number[];
  expect([isSame, asked]).toEqual([true, 0]);
  expect(new Set([one, two, other, 1 / 1024, 2 / 1024, 3 / 1024]).size).toBe(6);
});

test("formatting without a date is formatting the tape's now", async () => {
  const { restored } = await roundTrip({
    skipsNative: true,
    init: `
      const year = new Intl.DateTimeFormat("en", { year: "numeric" });
      kept.year = year;
      kept.format = year.format;
      return [year.format(), kept.format(), kept.format(undefined), year.formatToParts()[0].value, host.asked.length];`,
    check:
      "return [kept.year.format(), kept.format(), kept.year.formatToParts()[0].value, host.asked.length];",
  });
  expect(restored.init).toEqual(["2001", "2001", "2001", "2001", 4]);
  const year = `${new Date().getFullYear()}`;
  expect(restored.check).toEqual([year, year, year, 0]);
});
