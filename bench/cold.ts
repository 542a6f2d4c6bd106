/**
 * The cold-start laboratory on its own workloads: every strategy, side by side, and what Brisk promises of them.
 * `npm run bench:cold -- --help`
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ProgressBar } from "../src/cli/progress-bar.ts";
import { Terminal } from "../src/cli/terminal.ts";
import {
  AllStrategies,
  benchTable,
  distributionPicture,
  htmlReport,
  runBench,
  type Workload,
} from "../src/lab/index.ts";
import { measureRestoreBySize } from "../src/lab/restore-by-size.ts";
import { claimsOf } from "./cold/claims.ts";
import { measureMicro } from "./cold/micro.ts";
import { snapshotPackages } from "./cold/packages.ts";
import { createWorkload, SettingsServer, workloadIds } from "./cold/workloads.ts";
import { installPeers } from "./harness/install-peers.ts";

const usage = `npm run bench:cold                                all of it: about half an hour
npm run bench:cold -- --workloads tiny,app        only these
npm run bench:cold -- --strategies init,snapshot-warm-up --runs 100
npm run bench:cold -- --json cold.json --html cold.html

  --workloads <ids>     ${workloadIds.join(", ")} (all)
  --strategies <ids>    as in "brisk bench --help" (all)
  --runs <n>            cold starts that are kept, for each workload and strategy (30)
  --warm-up <n>         cold starts before those, which are thrown away (5)
  --burst <n>           cold starts at once (50)
  --sizes <MB,…>        heaps whose restore is timed (1,5,10,20,35,50); "none" for none
  --no-packages         do not try which packages get a snapshot
  --seed <n>            of the order and the intervals (1)
  --json <file>         write the run as JSON; - for stdout, in place of the table
  --html <file>         write the report
  --svg <file>          write one picture of it: how long each strategy took for the first workload

Exit code 1: a promise was not kept, or could not be measured in a run of everything.
`;

const { values } = parseArgs({
  options: {
    workloads: { type: "string", default: workloadIds.join(",") },
    strategies: { type: "string" },
    runs: { type: "string", default: "30" },
    "warm-up": { type: "string", default: "5" },
    burst: { type: "string", default: "50" },
    sizes: { type: "string", default: "1,5,10,20,35,50" },
    packages: { type: "boolean", default: true },
    seed: { type: "string", default: "1" },
    json: { type: "string" },
    html: { type: "string" },
    svg: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
  allowNegative: true,
});
if (values.help) process.stdout.write(usage);
else process.exitCode = await main();

async function main(): Promise<number> {
  const terminal = new Terminal({ stdout: process.stdout, stderr: process.stderr, env: process.env });
  const progress = new ProgressBar(terminal);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Servers and folders are put away on the way out.
    process.once(signal, () => stop.abort(new Error("interrupted")));
  }
  await installPeers(["workerd", "deno", "bun"]);
  const folder = await mkdtemp(join(tmpdir(), "brisk-cold-"));
  try {
    await using settingsServer = await SettingsServer.start();
    await using strategies = new AllStrategies({ flags: ["--egress-allow", "127.0.0.0/8"] });
    const picked = strategies.pick(values.strategies?.split(","));
    const workloads: Workload[] = [];
    for (const id of values.workloads.split(",")) {
      progress.update(0, 1, `bundling ${id}`);
      workloads.push(await createWorkload(id, folder, settingsServer));
    }
    const settings = {
      runs: Number(values.runs),
      warmUpRuns: Number(values["warm-up"]),
      burstSize: Number(values.burst),
      seed: Number(values.seed),
      signal: stop.signal,
    };
    const onProgress = (done: number, all: number, doing: string) => progress.update(done, all, doing);
    const sizesMb = values.sizes === "none" ? [] : values.sizes.split(",").map(Number);
    const run = await runBench({
      ...settings,
      command: [
        "npm run bench:cold",
        ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : []),
      ].join(" "),
      strategies: picked,
      workloads,
      baseline: "init",
      onProgress,
      restoreBySize: () =>
        sizesMb.length === 0
          ? Promise.resolve([])
          : measureRestoreBySize({
              ...settings,
              brisk: strategies.brisk,
              sizesMb,
              onProgress: (done, all, doing) => onProgress(done, all, `restore by heap size: ${doing}`),
            }),
      async claims({ workloads }) {
        progress.update(0, 1, "bare isolates");
        const micro = await measureMicro(settings.runs);
        const packages = values.packages
          ? await snapshotPackages(await strategies.brisk.server("onDemand"), (done, all, name) =>
              onProgress(done, all, `snapshots of packages: ${name}`),
            )
          : undefined;
        return claimsOf({ workloads, micro, packages, seed: settings.seed });
      },
    });
    progress.end();
    if (values.json === "-") terminal.json(run);
    else {
      const columns = terminal.columns ?? 140;
      const lines = benchTable(run, { columns, style: (name, text) => terminal.style(name, text, "stdout") });
      for (const line of lines) terminal.print(line);
      if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(run, undefined, 2)}\n`);
    }
    if (values.html !== undefined) await writeFile(values.html, await htmlReport(run));
    const [drawn] = run.workloads;
    if (values.svg !== undefined && drawn !== undefined) {
      await writeFile(values.svg, await distributionPicture(run, drawn));
    }
    const isWhole = values.strategies === undefined && workloads.length === workloadIds.length;
    return run.claims.some(({ isMet }) => isMet === false || (isWhole && isMet === null)) ? 1 : 0;
  } finally {
    progress.end();
    await rm(folder, { recursive: true, force: true });
  }
}
