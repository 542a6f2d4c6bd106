import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { WorkloadRequest } from "../lab/index.ts";
import { CliError, UsageError } from "./cli-error.ts";
import { type CommandContext, defineCommand } from "./command.ts";
import { commandAsTyped, integerOption, readEvent, showRun } from "./lab-options.ts";
import { ProgressBar } from "./progress-bar.ts";
import { signerFrom } from "./request-signer.ts";

interface BenchOptions {
  readonly event?: string;
  readonly path: string;
  readonly handler?: string;
  readonly strategies?: string;
  readonly runs: string;
  readonly warmUp: string;
  readonly burst: string;
  readonly seed: string;
  readonly memory: string;
  readonly timeout: string;
  readonly env?: readonly string[];
  readonly egressAllow?: readonly string[];
  readonly json?: string;
  readonly html: string | false;
  readonly endpointUrl?: string;
}

const examples = [
  "brisk bench ./my-function",
  "brisk bench ./my-function --event event.json --runs 100",
  "brisk bench handler.ts --strategies node-process,init,snapshot-warm-up --burst 0",
  "brisk bench ./my-function --json - --no-html > run.json",
];

export function benchCommand(context: CommandContext): Command {
  return defineCommand("bench <path>", "Compare ways of starting a function, on a Brisk of its own", examples)
    .option("--event <file>", "file with the event, or the event itself (a GET request to its URL)")
    .option("--path <path>", "path and query of that request", "/")
    .option("--handler <handler>", "file.export of the handler (found by the usual names)")
    .option("--strategies <ids>", "which, separated by commas (all that can run here)")
    .option("--runs <n>", "cold starts that are kept, for each strategy", "30")
    .option("--warm-up <n>", "cold starts before those, which are thrown away", "3")
    .option("--burst <n>", "cold starts at once, after that; also tells memory; 0 for none", "20")
    .option("--seed <n>", "of the order within each round and of the intervals", "1")
    .option("--memory <MB>", "memory of an environment, MB", "512")
    .option("--timeout <seconds>", "wall time of one invocation, seconds", "30")
    .option("--env <NAME=value>", "an environment variable; may be repeated", collect)
    .option("--egress-allow <cidr>", "an address block that it may reach; may be repeated", collect)
    .option("--json <file>", "write the run as JSON; - for stdout, in place of the table")
    .option("--html <file>", "where the report is written", "brisk-bench.html")
    .option("--no-html", "write no report")
    .option("--endpoint-url <url>", "a Brisk that runs, in place of one of its own; tells no CPU and memory")
    .addHelpText("after", strategiesHelp)
    .action((path: string, options: BenchOptions) => bench(path, options, context));
}

const strategiesHelp = `
Strategies: node-process, deno-process, bun-process, worker-thread, node-vm, workerd-loader, and Brisk's own: init,
code-cache, snapshot, snapshot-warm-up, restored-ahead, warm. Deno, Bun and workerd are measured where their npm
packages are installed (npm i -D deno bun workerd) or their programs are on the PATH.`;

async function bench(path: string, options: BenchOptions, context: CommandContext): Promise<void> {
  const { terminal, cwd, signal } = context;
  const location = resolve(cwd, path);
  await stat(location).catch((error: unknown) => {
    throw new CliError(`cannot bench: no file or folder ${path}`, { cause: error });
  });
  const request = await toRequest(options, cwd);
  const settings = {
    runs: integerOption("--runs", options.runs, 1),
    warmUpRuns: integerOption("--warm-up", options.warmUp, 0),
    burstSize: integerOption("--burst", options.burst, 0),
    seed: integerOption("--seed", options.seed, 0),
  };
  const lab = await import("../lab/index.ts");
  const folder = await mkdtemp(join(tmpdir(), "brisk-bench-"));
  const progress = new ProgressBar(terminal);
  try {
    await using strategies = new lab.AllStrategies({
      origin: options.endpointUrl,
      sign: options.endpointUrl === undefined ? undefined : signerFrom(context.env),
      flags: (options.egressAllow ?? []).flatMap((block) => ["--egress-allow", block]),
    });
    const picked = pick(strategies, options.strategies);
    progress.update(0, 1, "bundling");
    const unchecked = await lab.createUserWorkload({
      location,
      handler: options.handler,
      request,
      variables: toVariables(options.env),
      memorySizeMb: integerOption("--memory", options.memory, 128),
      timeoutSeconds: integerOption("--timeout", options.timeout, 1),
      folder,
    });
    const [reference = picked[0]] = strategies.pick(["init"]);
    if (reference === undefined) throw new UsageError("--strategies names none");
    progress.update(0, 1, "looking at its answers");
    const workload = await lab.withExpectedAnswers(unchecked, reference);
    const run = await lab.runBench({
      ...settings,
      command: commandAsTyped(),
      strategies: picked,
      workloads: [workload],
      baseline: "init",
      signal,
      onProgress: (done, all, doing) => progress.update(done, all, doing),
    });
    progress.end();
    await showRun(run, options, context, (table) => lab.benchTable(run, table));
  } catch (error) {
    progress.end();
    if (error instanceof CliError || signal.aborted) throw error;
    throw new CliError(`cannot bench ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function pick(
  strategies: import("../lab/index.ts").AllStrategies,
  ids: string | undefined,
): ReturnType<typeof strategies.pick> {
  try {
    return strategies.pick(ids?.split(",").map((id) => id.trim()));
  } catch (error) {
    throw new UsageError(`--strategies: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

async function toRequest({ event, path }: BenchOptions, cwd: string): Promise<WorkloadRequest> {
  if (event !== undefined) return { kind: "event", event: await readEvent(event, cwd) };
  if (!path.startsWith("/")) throw new UsageError(`--path "${path}" does not begin with a /`);
  return { kind: "url", path };
}

function toVariables(pairs: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals <= 0) throw new UsageError(`--env "${pair}" is not NAME=value`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
