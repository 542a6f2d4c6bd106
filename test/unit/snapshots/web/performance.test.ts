import { describe, expect, test, vi } from "vitest";
import { guest, outcome } from "./guest.ts";

type Realm = Pick<typeof globalThis, "performance" | "PerformanceMark" | "PerformanceObserver">;

/** What `run` makes of both, with the error's code too. */
async function both(run: (realm: Realm) => unknown): Promise<[unknown, unknown]> {
  const told = (realm: Realm) =>
    outcome(() => {
      realm.performance.clearMarks();
      realm.performance.clearMeasures();
      try {
        return run(realm);
      } catch (error) {
        const { name, code } = error as Error & { code?: string };
        return { name, code };
      }
    });
  return [await told(guest), await told(globalThis)];
}

const fields = ({
  name,
  entryType,
  startTime,
  duration,
  ...rest
}: PerformanceEntry & { detail?: unknown }) => ({
  ...{ name, entryType, startTime, duration },
  detail: rest.detail,
});

const measures: [string, ...unknown[]][] = [
  ["both marks", "a", "b"],
  ["numbers", { start: 2, end: 7 }],
  ["a start and a duration", { start: "a", duration: 5, detail: { x: [1] } }],
  ["an end and a duration", { end: "b", duration: 3 }],
  ["null", null, "b"],
  ["no such mark", "nowhere"],
  ["no such end", "a", "nowhere"],
  ["a negative time", { start: -1 }],
  ["all three", { start: 1, end: 2, duration: 1 }],
  ["options and an end", { start: 1 }, "b"],
  ["what can't be cloned", { start: 1, end: 2, detail: () => 1 }],
];

describe("performance.measure()", () => {
  test.each(measures)("of %s is as Node's", async (_name, ...args) => {
    const [ours, theirs] = await both(({ performance }) => {
      performance.mark("a", { startTime: 10 });
      performance.mark("b", { startTime: 25.5 });
      const measure = performance.measure("m", ...(args as [string]));
      return [fields(measure), measure.toJSON(), performance.getEntries().map(fields)];
    });
    expect(ours).toEqual(theirs);
  });
});

const marks: [string, unknown?][] = [
  ["m"],
  ["m", { startTime: 3, detail: { a: 1 } }],
  ["m", { startTime: -1 }],
  ["m", { startTime: "soon" }],
  ["m", 5],
  ["nodeStart"],
];

describe("performance.mark()", () => {
  test.each(marks)("of %s and %j is as Node's", async (name, options) => {
    const [ours, theirs] = await both(({ performance, PerformanceMark }) => {
      const times = { startTime: expect.any(Number) };
      const made = [performance.mark(name, options as object), new PerformanceMark(name, options as object)];
      const kept = performance.getEntriesByName(name, "mark").length;
      return [made.map((mark) => ({ ...fields(mark), ...(options === undefined && times) })), kept];
    });
    expect(ours).toEqual(theirs);
  });
});

describe("PerformanceObserver", () => {
  test("hears of what it asked for, also of what was there before", async () => {
    const heard = async ({ performance, PerformanceObserver }: Realm) => {
      performance.clearMarks();
      performance.mark("early", { startTime: 4 });
      const names: string[][] = [];
      const observer = new PerformanceObserver((list, self) => {
        names.push(list.getEntries().map(({ name }) => name));
        expect(self).toBe(observer);
      });
      observer.observe({ type: "mark", buffered: true });
      performance.mark("late", { startTime: 2 });
      performance.measure("unasked", "early");
      await vi.waitFor(() => expect(names).toHaveLength(1));
      observer.disconnect();
      performance.mark("unheard");
      return [names, observer.takeRecords()];
    };
    expect(await heard(guest)).toEqual(await heard(globalThis));
  });

  test.each([
    [undefined],
    [{}],
    [{ type: "mark", entryTypes: ["mark"] }],
    [{ entryTypes: "mark" }],
    [{ entryTypes: ["nothing of the sort"] }],
    [null],
  ])("refuses %j as Node does", async (options) => {
    const [ours, theirs] = await both(({ PerformanceObserver }) => {
      new PerformanceObserver(() => {}).observe(options as never);
    });
    expect(ours).toEqual(theirs);
  });

  test("cannot change between one type and several", async () => {
    const [ours, theirs] = await both(({ PerformanceObserver }) => {
      const observer = new PerformanceObserver(() => {});
      observer.observe({ entryTypes: ["mark"] });
      observer.observe({ type: "mark" });
    });
    expect(ours).toEqual(theirs);
  });
});
