import type { Command } from "commander";
import { CliError } from "./cli-error.ts";
import {
  type ClientOptions,
  type CommandContext,
  createClient,
  defineCommand,
  withClientOptions,
} from "./command.ts";
import { toCount, toEpochMs } from "./event-range.ts";
import { withSuggestion } from "./lambda-api.ts";
import { readLines } from "./read-lines.ts";

interface LogsOptions extends ClientOptions {
  readonly follow?: boolean;
  readonly since?: string;
  readonly limit?: string;
}

const examples = [
  "brisk logs hello --follow",
  "brisk logs hello --since 10m",
  "brisk logs hello --limit 50 --json",
];

export function logsCommand(context: CommandContext): Command {
  const command = defineCommand("logs <name>", "Print a function's log", examples)
    .option("-f, --follow", "go on with what comes, until Ctrl-C")
    .option("--since <time>", "only events since: 90s, 10m, 2h, 1d ago, or an ISO time")
    .option("--limit <count>", "only the newest events");
  return withClientOptions(command)
    .addHelpText(
      "after",
      "\nWith --json, one object per line: timestampMs, stream (the environment) and text.",
    )
    .action((name: string, options: LogsOptions) => printLogs(name, options, context));
}

async function printLogs(name: string, options: LogsOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const client = createClient(options, context);
  const query = {
    since: options.since === undefined ? undefined : String(toEpochMs(options.since, Date.now())),
    follow: options.follow ? "1" : undefined,
    limit: options.limit === undefined ? undefined : toCount(options.limit),
  };
  try {
    const response = await client.send({
      method: "GET",
      path: `/_brisk/logs/${encodeURIComponent(name)}`,
      query,
    });
    for await (const line of readLines(response.body)) {
      if (options.json) await terminal.write(Buffer.from(`${line}\n`));
      else await terminal.write(Buffer.from(`${(JSON.parse(line) as { text: string }).text}\n`));
    }
  } catch (error) {
    if (context.signal.aborted) return;
    const refusal = await withSuggestion(error, client, name);
    if (refusal instanceof CliError) {
      throw new CliError(`cannot read the log of "${name}": ${refusal.message}`, { cause: refusal });
    }
    throw new CliError(`the log of "${name}" broke off: ${(error as Error).message}`, { cause: error });
  }
}
