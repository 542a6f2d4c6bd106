const maxLimit = 100_000;

/** Passes events on; with a limit, only the last ones, for which it must have read all. */
export async function* newest<T>(events: AsyncIterable<T>, limit: number | undefined): AsyncGenerator<T> {
  if (limit === undefined) {
    yield* events;
    return;
  }
  const kept: T[] = [];
  const size = Math.min(Math.max(0, limit), maxLimit);
  for await (const event of events) {
    kept.push(event);
    if (kept.length > 2 * size) kept.splice(0, kept.length - size);
  }
  yield* kept.slice(Math.max(0, kept.length - size));
}
