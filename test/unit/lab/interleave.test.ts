import { expect, test } from "vitest";
import { interleave } from "../../../src/lab/interleave.ts";

/** Three contenders that note when they ran and answer how often they did. */
function recorders(log: string[]) {
  return new Map(
    ["a", "b", "c"].map((name) => [
      name,
      async () => {
        log.push(name);
        return log.filter((entry) => entry === name).length;
      },
    ]),
  );
}

test("each contender runs once a round, and the order changes from round to round", async () => {
  const log: string[] = [];
  await interleave({ contenders: recorders(log), rounds: 20, warmUpRounds: 0, seed: 1 });
  const rounds = Array.from({ length: 20 }, (_, round) => log.slice(round * 3, round * 3 + 3));
  for (const round of rounds) expect(round.toSorted()).toEqual(["a", "b", "c"]);
  expect(new Set(rounds.map(String)).size).toBeGreaterThan(3);
});

test("the order is the seed's", async () => {
  const run = async (seed: number) => {
    const log: string[] = [];
    await interleave({ contenders: recorders(log), rounds: 8, warmUpRounds: 0, seed });
    return log;
  };
  expect(await run(5)).toEqual(await run(5));
  expect(await run(5)).not.toEqual(await run(6));
});

test("results of warm-up rounds are thrown away", async () => {
  const outcomes = await interleave({ contenders: recorders([]), rounds: 2, warmUpRounds: 3, seed: 1 });
  expect(outcomes.get("a")?.results).toEqual([4, 5]);
});

test("a failing contender is counted, also in the warm-up, and stops nobody", async () => {
  const contenders = new Map([
    ["bad", () => Promise.reject(new Error("no answer"))],
    ["good", () => Promise.resolve(1)],
  ]);
  const progress: number[] = [];
  const outcomes = await interleave({
    contenders,
    rounds: 2,
    warmUpRounds: 1,
    seed: 1,
    onProgress: (done, all) => progress.push(done / all),
  });
  expect(outcomes.get("bad")).toMatchObject({ results: [], errors: { length: 3 } });
  expect(outcomes.get("good")?.results).toEqual([1, 1]);
  expect(progress.at(-1)).toBe(1);
  expect(progress).toHaveLength(6);
});

test("an aborted run ends with the signal's reason, before the next measurement", async () => {
  const abort = new AbortController();
  let calls = 0;
  const contenders = new Map([
    [
      "only",
      async () => {
        if (++calls === 2) abort.abort(new Error("enough"));
      },
    ],
  ]);
  const run = interleave({ contenders, rounds: 10, warmUpRounds: 0, seed: 1, signal: abort.signal });
  await expect(run).rejects.toThrow("enough");
  expect(calls).toBe(2);
});
