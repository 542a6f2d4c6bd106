import { parseArgs } from "node:util";
import { bench as codeCache } from "./code-cache.ts";
import { bench as coldStart } from "./cold-start.ts";
import { bench as guestCalls } from "./guest-calls.ts";
import { bench as guestModules } from "./guest-modules.ts";
import { bench as guestStart } from "./guest-start.ts";
import { describeMachine } from "./harness/machine.ts";
import { type Bench, formatRows, passes, type Results } from "./harness/report.ts";
import { writeGuestCosts } from "./harness/write-docs.ts";
import { bench as idleMemory } from "./idle-memory.ts";
import { bench as manyFunctions } from "./many-functions.ts";
import { bench as sealedStore } from "./sealed-store.ts";
import { bench as stream } from "./stream.ts";
import { bench as warmUrl } from "./warm-url.ts";

const benches: Readonly<Record<string, Bench>> = {
  "warm-url": warmUrl,
  "cold-start": coldStart,
  stream,
  "idle-memory": idleMemory,
  "guest-start": guestStart,
  "guest-modules": guestModules,
  "guest-calls": guestCalls,
  "code-cache": codeCache,
  "sealed-store": sealedStore,
  "many-functions": manyFunctions,
};

const usage = `npm run bench                       every bench
npm run bench -- warm-url stream    only these
npm run bench -- --json             the same as one JSON document on stdout
npm run bench:guest -- --write-docs what was measured of the guest into docs/compatibility.md

benches:
${Object.entries(benches)
  .map(([name, { question }]) => `  ${name.padEnd(12)} ${question}`)
  .join("\n")}
`;

/** Exit 0: every target met. 1: one missed, or a bench could not run. 2: misused. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      "write-docs": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const unknown = positionals.find((name) => benches[name] === undefined);
  if (unknown !== undefined) {
    process.stderr.write(`error: no bench named ${JSON.stringify(unknown)}\n\n${usage}`);
    return 2;
  }
  const machine = describeMachine();
  const talk = values.json ? process.stderr : process.stdout;
  talk.write(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB · Node ${machine.node} · commit ${machine.commit}\n`,
  );
  const results: Results = {};
  for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
    const bench = benches[name] as Bench;
    talk.write(`\n${name}: ${bench.question}\n`);
    const startedMs = performance.now();
    try {
      const rows = await bench.run();
      results[name] = { rows };
      talk.write(`${formatRows(rows)}\n`);
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      results[name] = { error: message };
      talk.write(`could not run: ${message}\n`);
    }
    talk.write(`(${((performance.now() - startedMs) / 1000).toFixed(0)} s)\n`);
  }
  if (values["write-docs"]) await writeGuestCosts(machine, results);
  if (values.json)
    process.stdout.write(`${JSON.stringify({ machine, results: withMarks(results) }, undefined, 2)}\n`);
  const good = Object.values(results).every(
    (result) => "rows" in result && result.rows.every((row) => passes(row) !== false),
  );
  return good ? 0 : 1;
}

function withMarks(results: Results) {
  return Object.fromEntries(
    Object.entries(results).map(([name, result]) => [
      name,
      "rows" in result ? { rows: result.rows.map((row) => ({ ...row, passes: passes(row) })) } : result,
    ]),
  );
}

process.exitCode = await main();
