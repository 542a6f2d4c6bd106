import type { Command } from "commander";
import { functionPath } from "./api-client.ts";
import { CliError } from "./cli-error.ts";
import {
  type ClientOptions,
  type CommandContext,
  createClient,
  defineCommand,
  withClientOptions,
} from "./command.ts";
import { withSuggestion } from "./lambda-api.ts";

export function rmCommand(context: CommandContext): Command {
  const command = defineCommand(
    "rm <names...>",
    "Delete functions with all their versions, aliases and URLs",
    ["brisk rm hello", "brisk rm hello greet --json"],
  );
  return withClientOptions(command).action((names: readonly string[], options: ClientOptions) =>
    remove(names, options, context),
  );
}

async function remove(
  names: readonly string[],
  options: ClientOptions,
  context: CommandContext,
): Promise<void> {
  const client = createClient(options, context);
  const deleted: string[] = [];
  try {
    for (const name of names) {
      try {
        await client.send({ method: "DELETE", path: functionPath(name) });
      } catch (error) {
        const refusal = await withSuggestion(error, client, name);
        if (!(refusal instanceof CliError)) throw refusal;
        throw new CliError(`cannot delete "${name}": ${refusal.message}`, { cause: refusal });
      }
      deleted.push(name);
      context.terminal.say(`Deleted ${name}`);
    }
  } finally {
    if (options.json) context.terminal.json({ deleted });
  }
}
