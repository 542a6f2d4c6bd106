import type { Failure } from "./model.ts";

/** A burst that fails fifty times in one way is one line; more ways than this are not told apart. */
const maxKinds = 10;

/** Equal messages counted, the most frequent first. */
export function countFailures(errors: Iterable<unknown>): Failure[] {
  const counts = new Map<string, number>();
  for (const error of errors) {
    const message = error instanceof Error ? error.message : String(error);
    counts.set(message, (counts.get(message) ?? 0) + 1);
  }
  const failures = [...counts]
    .map(([message, count]) => ({ message, count }))
    .sort((a, b) => b.count - a.count);
  if (failures.length <= maxKinds) return failures;
  const others = failures.slice(maxKinds - 1);
  const count = others.reduce((total, failure) => total + failure.count, 0);
  return [...failures.slice(0, maxKinds - 1), { message: `${others.length} other messages`, count }];
}
