import { expect, test } from "vitest";
import { SortedNames } from "../../../src/control/sorted-names.ts";

test("SortedNames keeps any order of additions and removals sorted, without repeats", () => {
  const names = new SortedNames();
  const expected = new Set<string>();
  // A fixed walk over 97 names, in which many come and go several times.
  for (let step = 1, at = 1; step <= 2000; step++, at = (at * 57 + 13) % 97) {
    const name = `f-${at}`;
    if (step % 3 === 0) {
      names.delete(name);
      expected.delete(name);
    } else {
      names.add(name);
      expected.add(name);
    }
  }
  const sorted = [...expected].sort();
  expect(sorted.length).toBeGreaterThan(10);
  expect([...names.from("")]).toEqual(sorted);
  for (const start of ["a", "f-4", "f-40", "f-96", "z"]) {
    expect([...names.from(start)]).toEqual(sorted.filter((name) => name >= start));
  }
});
