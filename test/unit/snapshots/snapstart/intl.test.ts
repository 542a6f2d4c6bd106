import { beforeAll, describe, expect, test } from "vitest";
import { guestHeap, roundTrip, sameEverywhere } from "./round-trip.ts";

beforeAll(guestHeap, 300_000);

/** How each class is made and used: at init, and again after the restore. */
const uses: Readonly<Record<string, { make: string; use: string }>> = {
  Collator: {
    make: `new Intl.Collator("sv", { sensitivity: "base", numeric: true })`,
    use: `["z", "ö", "a10", "a2"].sort(it.compare).concat(it.compare("a", "A"))`,
  },
  DateTimeFormat: {
    make: `new Intl.DateTimeFormat(["de-AT", "en"], { dateStyle: "full", timeStyle: "long", timeZone: "Asia/Tokyo" })`,
    use: `[it.format(0), it.format(new Date(1e12)), it.formatToParts(1e12), it.formatRange(0, 1e12), it.formatRangeToParts(0, 1e8)]`,
  },
  DisplayNames: {
    make: `new Intl.DisplayNames("fr", { type: "region" })`,
    use: `[it.of("DE"), it.of("JP")]`,
  },
  DurationFormat: {
    make: `new Intl.DurationFormat("pt", { style: "long" })`,
    use: `[it.format({ hours: 1, minutes: 30 }), it.formatToParts({ days: 2 })]`,
  },
  ListFormat: {
    make: `new Intl.ListFormat("en", { type: "disjunction" })`,
    use: `[it.format(["a", "b", "c"]), it.formatToParts(["a", "b"])]`,
  },
  NumberFormat: {
    make: `new Intl.NumberFormat("de", { style: "currency", currency: "EUR" })`,
    use: `[it.format(1234.5), it.format(12345678901234567890n), it.formatToParts(-1), it.formatRange(1, 2)]`,
  },
  PluralRules: {
    make: `new Intl.PluralRules("ar", { type: "cardinal" })`,
    use: `[0, 1, 2, 3, 11, 100].map((n) => it.select(n)).concat(it.selectRange(1, 3))`,
  },
  RelativeTimeFormat: {
    make: `new Intl.RelativeTimeFormat("es", { numeric: "auto" })`,
    use: `[it.format(-1, "day"), it.format(3, "weeks"), it.formatToParts(10, "hour")]`,
  },
  Segmenter: {
    make: `new Intl.Segmenter("ja", { granularity: "word" })`,
    use: `[...it.segment("吾輩は猫である")].map((one) => [one.segment, one.index, one.isWordLike])`,
  },
};

describe("classes of Intl", () => {
  test("are all in the table of these tests", () => {
    const native = Object.getOwnPropertyNames(Intl).filter((name) => /^[A-Z]/.test(name));
    expect(native.filter((name) => name !== "Locale").sort()).toEqual(Object.keys(uses));
  });

  for (const [name, { make, use }] of Object.entries(uses)) {
    test(`Intl.${name}: an instance of init does the same before and after`, async () => {
      const run = await sameEverywhere({
        init: `const it = ${make}; kept.it = it; return [${use}, it.resolvedOptions()];`,
        check: `const it = kept.it; return [${use}, it.resolvedOptions()];`,
      });
      expect(run.check).toEqual(run.init);
      // Proves that the case says something: an empty object would do as well everywhere.
      expect(JSON.stringify(run.check).length).toBeGreaterThan(40);
    });

    test(`Intl.${name} passes for V8's own`, async () => {
      await sameEverywhere({
        init: `
          const native = Intl.${name};
          class Mine extends native { mine() { return Object.keys(this.resolvedOptions()).length; } }
          const args = ${make.slice(make.indexOf("(")).replace(/^\(/, "[").replace(/\)$/, "]")};
          Object.assign(kept, { native, Mine, mine: new Mine(...args), it: ${make}, args });
          return [
            native.name, native.length, native.prototype.constructor === native, Object.prototype.toString.call(kept.it),
            Object.getOwnPropertyNames(native).sort(), Object.getOwnPropertyNames(native.prototype).sort(),
            Object.getOwnPropertyNames(kept.it), native.supportedLocalesOf(["de", "xx-never"]), native.supportedLocalesOf.name,
            kept.it instanceof native, kept.mine instanceof Mine, kept.mine instanceof native, kept.mine.mine(),
            Object.getOwnPropertyNames(native.prototype).map((key) => {
              const { value, get } = Object.getOwnPropertyDescriptor(native.prototype, key);
              return [key, (value ?? get).name, (value ?? get).length, "prototype" in (value ?? get) && key !== "constructor"];
            }),
            attempt(() => native(...args) instanceof native), attempt(() => new native("not a locale!", ...args.slice(1))),
            attempt(() => new native(null)), attempt(() => native.prototype.resolvedOptions.call({})),
          ];
          function attempt(run) { try { const value = run(); return typeof value === "object" ? "object" : value; } catch (error) { return error.name; } }`,
        check: `
          return [
            kept.native === Intl.${name}, kept.it instanceof Intl.${name}, kept.mine.mine(), kept.mine instanceof kept.Mine,
            new kept.Mine(...kept.args).mine(), new kept.native(...kept.args) instanceof Intl.${name},
            new Intl.${name}(...kept.args) instanceof kept.native,
          ];`,
      });
    });
  }
});

describe("stand-ins of Intl", () => {
  test("bound getters that libraries store live on", async () => {
    const run = await sameEverywhere({
      init: `
        const number = Intl.NumberFormat("de").format;
        const date = new Intl.DateTimeFormat("de", { timeZone: "UTC" });
        const compare = new Intl.Collator("sv").compare;
        Object.assign(kept, { number, date: date.format, compare, it: date });
        return [number(1.5), kept.date(0), compare("z", "ö"), date.format === date.format, number.name, number.length];`,
      check: `
        return [kept.number(1234.5), kept.date(1e12), ["z", "ö", "a"].sort(kept.compare), kept.it.format === kept.date];`,
    });
    expect(run.check).toEqual(["1.234,5", "9.9.2001", ["a", "z", "ö"], true]);
  });

  test("options and locales that change, or go, after the constructor make no difference", async () => {
    const { check } = await sameEverywhere({
      init: `
        const options = { style: "percent", get minimumFractionDigits() { return 2; } };
        const locales = ["de"];
        kept.inherited = new Intl.NumberFormat("de", Object.create({ style: "percent" }));
        kept.it = new Intl.NumberFormat(locales, options);
        options.style = "nonsense";
        locales[0] = "en";
        return kept.it.format(0.5);`,
      check: "return [kept.it.format(0.5), kept.inherited.format(0.5)];",
    });
    expect(check).toEqual(["50,00\u00a0%", "50\u00a0%"]);
  });

  test("Intl.Locale: its members, what it derives, and where locales are taken", async () => {
    const run = await sameEverywhere({
      init: `
        class Mine extends Intl.Locale {}
        const it = new Intl.Locale("de-AT", { numberingSystem: "latn", hourCycle: "h12" });
        Object.assign(kept, { it, big: new Intl.Locale("zh").maximize(), small: new Intl.Locale("zh-Hans-CN").minimize(), Mine });
        kept.copy = new Intl.Locale(it, { region: "CH" });
        kept.mine = new Mine("fr");
        kept.number = new Intl.NumberFormat(it);
        return [String(it), it.language, Intl.Locale.name, Intl.Locale.length, kept.big instanceof Intl.Locale, Object.keys(it)];`,
      check: `
        const { it, big, small, copy, mine } = kept;
        return [
          it.toString(), it.baseName, it.region, it.hourCycle, it.numberingSystem, it.getCalendars(), String(big), big.script,
          String(small), String(copy), mine instanceof kept.Mine, mine.language, it instanceof Intl.Locale,
          (1234.5).toLocaleString(it), new Intl.NumberFormat(it).format(1234.5), new Intl.NumberFormat([it, "en"]).format(1.5),
          Intl.getCanonicalLocales(it), new Date(0).toLocaleDateString(copy, { timeZone: "UTC" }), "a".localeCompare("b", it),
          kept.number.format(1234.5), String(new Intl.Locale(it)), big.maximize() instanceof Intl.Locale,
        ];`,
    });
    expect((run.check as string[]).slice(0, 3)).toEqual(["de-AT-u-hc-h12-nu-latn", "de-AT", "AT"]);
  });

  test("segments and their iterators go on where they were", async () => {
    const { check } = await sameEverywhere({
      init: `
        const segments = new Intl.Segmenter("en", { granularity: "word" }).segment("one two three");
        const iterator = segments[Symbol.iterator]();
        Object.assign(kept, { segments, iterator });
        return [iterator.next().value, iterator.next().value, segments.containing(5), String(iterator)];`,
      check: `
        return [
          [...kept.iterator].map(({ segment }) => segment), [...kept.segments].length, kept.segments.containing(9),
          kept.iterator.next(),
        ];`,
    });
    expect((check as unknown[])[0]).toEqual(["two", " ", "three"]);
  });

  test("what priming makes, in the heap that is frozen, can be frozen too", async () => {
    const { restored } = await roundTrip({
      skipsNative: true,
      init: "kept.registry = new FinalizationRegistry(() => {}); return 1;",
      prime: `
        kept.it = new Intl.NumberFormat("de"); kept.it.format(1.5); kept.bound = kept.it.format; kept.key = {};
        kept.segments = new Intl.Segmenter("de").segment("a b"); kept.registry.register(kept.key, 1, kept.key);
        kept.now = Date.now(); kept.limit = Error.stackTraceLimit;`,
      check: `
        return [kept.it.format(1.5), kept.bound(2.5), [...kept.segments].length, kept.registry.unregister(kept.key), kept.limit];`,
    });
    expect(restored).toMatchObject({ init: 1, check: ["1,5", "2,5", 3, true, 10] });
  });

  test("a function that never looked at Intl has V8's own", async () => {
    const { restored } = await roundTrip({
      skipsNative: true,
      init: "return (1234.5).toLocaleString('de');",
      check:
        "return [String(Intl.NumberFormat), Object.getOwnPropertyDescriptor(globalThis, 'Intl').get === undefined];",
    });
    expect(restored.check).toEqual(["function NumberFormat() { [native code] }", true]);
  });

  test("a warm-up that uses them leaves nothing behind that can't be frozen", async () => {
    const { restored } = await roundTrip({
      init: `kept.it = new Intl.NumberFormat("de"); kept.bound = kept.it.format; return 1;`,
      warmUp: `
        kept.it.format(1.5); kept.bound(1); kept.own = new Intl.DateTimeFormat("de"); kept.own.format(0);
        [..."ab"].toSorted(new Intl.Collator("de").compare); new Date(); Math.random(); new Error("x").stack;
        [...new Intl.Segmenter("de").segment("a b")]; new FinalizationRegistry(() => {}).register({}, 1);`,
      check: "return [kept.it.format(1.5), typeof kept.own];",
    });
    expect(restored.check).toEqual(["1,5", "undefined"]);
  });
});
