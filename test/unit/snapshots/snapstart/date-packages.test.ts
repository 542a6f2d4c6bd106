import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild-wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guestHeap, sameEverywhere } from "./round-trip.ts";

/** Packages that make formatters when they load or are first used, and keep them. */
const packages: Readonly<Record<string, { source: string; init: string; check: string }>> = {
  luxon: {
    source: `export { DateTime, Duration, Info, Interval, Settings } from "luxon";`,
    init: `
      const { DateTime, Duration, Info } = lib;
      const zoned = DateTime.fromISO("2024-03-31T01:30:00", { zone: "Europe/Berlin", locale: "de" });
      Object.assign(kept, { lib, zoned, months: Info.months("long", { locale: "fr" }), live: () => DateTime.now() });
      return [zoned.toLocaleString(DateTime.DATETIME_FULL), zoned.plus({ hours: 1 }).toISO(), DateTime.now().isValid, Duration.fromISO("PT2H3M").toHuman()];`,
    check: `
      const { DateTime, IANAZone } = kept.lib;
      return [
        kept.zoned.toFormat("cccc d LLLL yyyy HH:mm ZZZZ"), kept.zoned.plus({ months: 6 }).toLocaleString(DateTime.DATETIME_HUGE),
        kept.zoned.setZone("Asia/Kolkata").toISO(), kept.months, Math.abs(kept.live().toMillis() - Date.now()) < 1000,
        DateTime.fromFormat("3 mars 2020", "d MMMM yyyy", { locale: "fr", zone: "utc" }).toISO(), kept.zoned.toRelative({ base: kept.zoned.plus({ days: 2 }) }),
        DateTime.fromISO("2020-01-01", { zone: "America/New_York" }).offsetNameLong,
      ];`,
  },
  "date-fns-tz": {
    source: `export { formatInTimeZone, fromZonedTime, toZonedTime, getTimezoneOffset } from "date-fns-tz"; export { addMonths, format, startOfDay } from "date-fns"; export { de } from "date-fns/locale";`,
    init: `
      const { formatInTimeZone, getTimezoneOffset, fromZonedTime, startOfDay, de } = lib;
      Object.assign(kept, { lib, day: startOfDay(new Date(1e12)), from: fromZonedTime("2024-07-01 12:00", "America/New_York") });
      return [formatInTimeZone(new Date(0), "Asia/Tokyo", "yyyy-MM-dd HH:mm zzzz", { locale: de }), getTimezoneOffset("Europe/Paris", new Date(1e12))];`,
    check: `
      const { formatInTimeZone, toZonedTime, getTimezoneOffset, addMonths, format, de } = kept.lib;
      return [
        formatInTimeZone(new Date(1e12), "Europe/Berlin", "EEEE d. MMMM yyyy HH:mm:ss zzz", { locale: de }),
        toZonedTime(new Date(1e12), "Australia/Sydney").getTime(), getTimezoneOffset("Asia/Kolkata", new Date(0)),
        format(addMonths(kept.day, 5), "PPPP"), kept.from.toISOString(),
      ];`,
  },
  dayjs: {
    source: `
      import dayjs from "dayjs"; import utc from "dayjs/plugin/utc.js"; import timezone from "dayjs/plugin/timezone.js";
      import relative from "dayjs/plugin/relativeTime.js"; import "dayjs/locale/de.js";
      dayjs.extend(utc); dayjs.extend(timezone); dayjs.extend(relative); dayjs.tz.setDefault("Europe/Vienna");
      export { dayjs };`,
    init: `
      const { dayjs } = lib;
      Object.assign(kept, { lib, day: dayjs.tz("2024-03-31 05:00", "Europe/Vienna"), live: () => dayjs().valueOf() });
      return [kept.day.format(), kept.day.tz("America/Lima").format("LT"), dayjs.tz.guess(), dayjs(0).isValid()];`,
    check: `
      const { dayjs } = kept.lib;
      return [
        kept.day.add(3, "month").tz("Asia/Tokyo").format("YYYY-MM-DDTHH:mm:ssZ"), kept.day.offsetName("long"), Math.abs(kept.live() - Date.now()) < 1000,
        dayjs.tz("2020-01-01", "America/New_York").toISOString(), dayjs(0).locale("de").from(dayjs(1e9)), kept.day.locale("de").format("dddd"),
      ];`,
  },
};

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-date-packages-"));
  await guestHeap();
}, 300_000);

afterAll(() => rm(dir, { recursive: true, force: true }));

describe("a package that works with dates and formatters at init does the same after the restore", () => {
  for (const [name, { source, init, check }] of Object.entries(packages)) {
    test(name, async () => {
      const bundle = join(dir, `${name}.js`);
      await build({
        stdin: { contents: source, resolveDir: import.meta.dirname },
        bundle: true,
        format: "iife",
        globalName: "lib",
        outfile: bundle,
        logLevel: "silent",
      });
      const run = await sameEverywhere({ bundle, init, check });
      expect(JSON.stringify(run.check).length).toBeGreaterThan(100);
    });
  }
});
