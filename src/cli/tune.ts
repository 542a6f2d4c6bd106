import type { Command } from "commander";
import { ApiError, defaultEndpoint } from "./api-client.ts";
import { CliError, UsageError } from "./cli-error.ts";
import { type CommandContext, createClient, defineCommand } from "./command.ts";
import { commandAsTyped, integerOption, readEvent, showRun } from "./lab-options.ts";
import { findFunction, withSuggestion } from "./lambda-api.ts";
import { ProgressBar } from "./progress-bar.ts";
import { signerFrom } from "./request-signer.ts";

interface TuneOptions {
  readonly memory: string;
  readonly event: string;
  readonly qualifier?: string;
  readonly runs: string;
  readonly warmUp: string;
  readonly seed: string;
  readonly json?: string;
  readonly html: string | false;
  readonly endpointUrl?: string;
}

const smallestMb = 128;
const largestMb = 10_240;

const examples = [
  "brisk tune hello",
  "brisk tune hello --memory 128,256,512 --event event.json --runs 100",
  "brisk tune hello --qualifier prod --json - --no-html > tune.json",
];

export function tuneCommand(context: CommandContext): Command {
  return defineCommand(
    "tune <name>",
    "Run a function at several memory sizes: duration against cost",
    examples,
  )
    .option("--memory <MB,…>", "memory sizes, which CPU time follows", "128,256,512,1024,1769,3008")
    .option("--event <file>", "file with the event, or the event itself", "{}")
    .option("--qualifier <qualifier>", "a version or an alias")
    .option("--runs <n>", "invocations that are kept, for each size", "30")
    .option("--warm-up <n>", "invocations before those, the cold one among them", "5")
    .option("--seed <n>", "of the order within each round", "1")
    .option("--json <file>", "write the run as JSON; - for stdout, in place of the table")
    .option("--html <file>", "where the report is written", "brisk-tune.html")
    .option("--no-html", "write no report")
    .option("--endpoint-url <url>", `where Brisk answers (BRISK_ENDPOINT_URL, else ${defaultEndpoint})`)
    .addHelpText(
      "after",
      "\nCopies of the function are made, invoked and deleted; the function itself is only read. What an invocation costs\nis by AWS Lambda's prices.",
    )
    .action((name: string, options: TuneOptions) => tune(name, options, context));
}

async function tune(name: string, options: TuneOptions, context: CommandContext): Promise<void> {
  const { terminal, cwd, signal } = context;
  const memorySizesMb = options.memory.split(",").map((text) => {
    const size = integerOption("--memory", text.trim(), smallestMb);
    if (size > largestMb) throw new UsageError(`--memory "${text}" is more than ${largestMb} MB`);
    return size;
  });
  const settings = {
    runs: integerOption("--runs", options.runs, 1),
    warmUpRuns: integerOption("--warm-up", options.warmUp, 1),
    seed: integerOption("--seed", options.seed, 0),
    event: await readEvent(options.event, cwd),
  };
  const client = createClient(
    options.endpointUrl === undefined ? {} : { endpointUrl: options.endpointUrl },
    context,
  );
  if ((await findFunction(client, name)) === undefined) throw await missing(client, name);
  const lab = await import("../lab/index.ts");
  const progress = new ProgressBar(terminal);
  await using server = lab.BriskServer.at(client.endpoint, signerFrom(context.env));
  try {
    const run = await lab.runTune({
      ...settings,
      command: commandAsTyped(),
      server,
      functionName: name,
      qualifier: options.qualifier,
      memorySizesMb,
      signal,
      onProgress: (done, all, doing) => progress.update(done, all, doing),
    });
    progress.end();
    await showRun(run, options, context, (table) => lab.tuneTable(run, table));
  } catch (error) {
    progress.end();
    if (error instanceof CliError || signal.aborted) throw error;
    throw new CliError(`cannot tune "${name}": ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

async function missing(client: ReturnType<typeof createClient>, name: string): Promise<unknown> {
  return withSuggestion(
    new ApiError("ResourceNotFoundException", 404, `no function is called "${name}"`),
    client,
    name,
  );
}
