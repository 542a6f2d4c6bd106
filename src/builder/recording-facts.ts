import { eachMapping, FlattenMap } from "@jridgewell/trace-mapping";
import type { FrozenFacts } from "../model/freeze-messages.ts";
import type { Recording, TapeEvent } from "../model/tape.ts";

const mostNamed = 100;
const largestModules = 20;

const clocks: ReadonlySet<string> = new Set(["clock.monotonic", "clock.wall"]);
const randomness: ReadonlySet<string> = new Set([
  "random.math",
  "crypto.random",
  "crypto.randomUuid",
  "crypto.subtleRandom",
]);

/** What init did, for whoever wonders what is in a snapshot. Every list is bounded: the function decides how long they get. */
export function factsOf(
  recording: Recording,
  script: string,
  mapJson: string,
  isPrimed: boolean,
): FrozenFacts {
  const counts = new Map<string, number>();
  for (const event of recording.init) {
    if (event[0] !== "turn") counts.set(event[1], (counts.get(event[1]) ?? 0) + 1);
  }
  return {
    clockMs: isPrimed ? recording.warmUpEndMs : recording.clockMs,
    operations: Object.fromEntries(
      [...counts].slice(0, mostNamed).map(([name, count]) => [name.slice(0, 100), count]),
    ),
    timeReads: total(counts, clocks),
    randomReads: total(counts, randomness),
    fetches: recording.init.flatMap(fetchOf).slice(0, mostNamed),
    builtins: recording.modules
      .filter((specifier) => specifier.startsWith("node:"))
      .map((specifier) => specifier.slice(0, 100))
      .slice(0, mostNamed),
    largestModules: modulesOf(script, mapJson),
    outcomes: recording.outcomes.slice(0, mostNamed).map((outcome) => outcome.slice(0, 500)),
  };
}

function total(counts: ReadonlyMap<string, number>, names: ReadonlySet<string>): number {
  let sum = 0;
  for (const name of names) sum += counts.get(name) ?? 0;
  return sum;
}

function fetchOf(event: TapeEvent): string[] {
  // Requests and connections alone have one.
  if (event[0] !== "start" || event[3] === undefined) return [];
  return [event[3].slice(0, 500)];
}

/** Characters of the script that come from each of the user's files. */
function modulesOf(script: string, mapJson: string): FrozenFacts["largestModules"] {
  const sizes = new Map<string, number>();
  const lines = script.split("\n");
  let before: { source: string | null; line: number; column: number } | undefined;
  const addUpTo = (column: number): void => {
    if (before?.source == null) return;
    sizes.set(before.source, (sizes.get(before.source) ?? 0) + column - before.column);
  };
  eachMapping(new FlattenMap(mapJson), ({ source, generatedLine, generatedColumn }) => {
    if (before !== undefined) {
      addUpTo(
        before.line === generatedLine ? generatedColumn : (lines[before.line - 1]?.length ?? before.column),
      );
    }
    before = { source, line: generatedLine, column: generatedColumn };
  });
  return [...sizes]
    .filter(([source]) => source.startsWith("/var/task/"))
    .map(([source, bytes]) => ({ path: source.slice("/var/task/".length).slice(0, 300), bytes }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, largestModules);
}
