import { randomFrom } from "../random.ts";
import { type CaseMaker, caseMakers } from "./cases.ts";
import { type FuzzCase, toBytes } from "./fuzz-case.ts";
import { faultOf } from "./judge.ts";
import { fuzzedOperations } from "./members.ts";
import { type Outcome, RawClient } from "./raw-client.ts";
import type { Target } from "./target.ts";

export interface FuzzOptions {
  readonly target: Target;
  readonly seed: number;
  /** Of requests. */
  readonly count: number;
  /** Only requests of these; all when there are none. */
  readonly operations?: readonly string[];
  /** Only the request of this number, from 0. */
  readonly only?: number;
  /** Requests at the same time. Default 8. */
  readonly concurrency?: number;
  /** Default 20 s. */
  readonly timeoutMs?: number;
  readonly onProgress?: (sent: number) => void;
}

export interface FuzzResult {
  readonly number: number;
  readonly fuzzCase: FuzzCase;
  readonly outcome: Outcome;
  /** What was wrong with the answer. */
  readonly fault: string | undefined;
}

/** Every request of a seed, in order. The same seed, count and operations make the same requests. */
export function generateCases(options: Pick<FuzzOptions, "seed" | "count" | "operations">): FuzzCase[] {
  const { seed, count, operations = [] } = options;
  const chosen = fuzzedOperations().filter(
    ({ name }) => operations.length === 0 || operations.includes(name),
  );
  if (chosen.length === 0) throw new Error(`There is no operation ${operations.join(", ")}`);
  const random = randomFrom(seed);
  const makers = chosen.flatMap(caseMakers);
  const cases: FuzzCase[] = [];
  while (cases.length < count) {
    // Each way to spoil a request comes once before any comes again.
    for (const make of shuffled(makers, random).slice(0, count - cases.length)) cases.push(make(random));
  }
  return cases;
}

export async function fuzz(options: FuzzOptions): Promise<FuzzResult[]> {
  const { target, only, concurrency = 8, timeoutMs = 20_000, onProgress = () => {} } = options;
  const cases = generateCases(options);
  const { hostname, port, host } = new URL(target.url);
  const results: FuzzResult[] = [];
  const numbers = (only === undefined ? cases.keys() : [only].values())[Symbol.iterator]();
  const work = async () => {
    const client = new RawClient(hostname, Number(port), timeoutMs);
    for (const number of numbers) {
      const fuzzCase = cases[number] as FuzzCase;
      const { request, expectation } = fuzzCase;
      const outcome = await client.send(toBytes(request, host), {
        hasBody: request.method !== "HEAD",
        isLast: expectation.kind === "any",
      });
      results.push({ number, fuzzCase, outcome, fault: faultOf(fuzzCase, outcome) });
      onProgress(results.length);
      // All that follow would say the same.
      if (outcome.kind === "refused") break;
    }
    client.close();
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return results.sort((a, b) => a.number - b.number);
}

function shuffled(makers: readonly CaseMaker[], random: (below: number) => number): CaseMaker[] {
  const left = [...makers];
  for (let end = left.length - 1; end > 0; end--) {
    const at = random(end + 1);
    [left[end], left[at]] = [left[at] as CaseMaker, left[end] as CaseMaker];
  }
  return left;
}
