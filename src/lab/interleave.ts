import { seededRandom } from "./statistics.ts";

export interface Rounds<Result> {
  /** By name; each makes one measurement. */
  readonly contenders: ReadonlyMap<string, () => Promise<Result>>;
  readonly rounds: number;
  /** Rounds before those, whose results are thrown away; failures in them are kept. */
  readonly warmUpRounds: number;
  /** Of the order within each round. */
  readonly seed: number;
  /** Called after each measurement, warm-up or not. */
  readonly onProgress?: (done: number, all: number, name: string) => void;
  readonly signal?: AbortSignal;
}

export interface Outcomes<Result> {
  readonly results: Result[];
  readonly errors: unknown[];
}

/**
 * Runs each contender once a round, in an order that is drawn anew for each: a machine that slows down slows all of
 * them, and none always follows the same neighbour. A rejection counts as that contender's failure and ends nothing.
 * @throws The signal's reason, once it is aborted.
 */
export async function interleave<Result>(options: Rounds<Result>): Promise<Map<string, Outcomes<Result>>> {
  const { contenders, rounds, warmUpRounds, signal } = options;
  const random = seededRandom(options.seed);
  const outcomes = new Map<string, Outcomes<Result>>();
  for (const name of contenders.keys()) outcomes.set(name, { results: [], errors: [] });
  const all = (warmUpRounds + rounds) * contenders.size;
  let done = 0;
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    for (const name of shuffle([...contenders.keys()], random)) {
      signal?.throwIfAborted();
      const outcome = outcomes.get(name)!;
      try {
        const result = await contenders.get(name)!();
        if (round >= warmUpRounds) outcome.results.push(result);
      } catch (error) {
        outcome.errors.push(error);
      }
      options.onProgress?.(++done, all, name);
    }
  }
  return outcomes;
}

function shuffle<Item>(items: Item[], random: () => number): Item[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}
