import type { Command } from "commander";
import { ApiError } from "./api-client.ts";
import { CliError, UsageError } from "./cli-error.ts";
import {
  type ClientOptions,
  type CommandContext,
  createClient,
  defineCommand,
  withClientOptions,
} from "./command.ts";
import { findFunction, findUrl, openUrl, withSuggestion } from "./lambda-api.ts";

interface UrlOptions extends ClientOptions {
  readonly qualifier?: string;
  readonly create?: boolean;
  readonly stream?: boolean;
}

export function urlCommand(context: CommandContext): Command {
  const command = defineCommand("url <name>", "Print a function's URL", [
    "brisk url hello",
    'curl "$(brisk url hello)"',
    "brisk url hello --create --stream",
  ])
    .option("--qualifier <alias>", "the URL of this alias")
    .option("--create", "give the function a public URL if it has none")
    .option("--stream", "with --create: let the URL stream responses");
  return withClientOptions(command).action((name: string, options: UrlOptions) =>
    printUrl(name, options, context),
  );
}

async function printUrl(name: string, options: UrlOptions, context: CommandContext): Promise<void> {
  if (options.create && options.qualifier !== undefined) {
    throw new UsageError("--create makes the URL of the function itself; leave --qualifier out");
  }
  const client = createClient(options, context);
  let config = await findUrl(client, name, options.qualifier);
  if (config === undefined) {
    const found = await findFunction(client, name);
    if (found === undefined) {
      const missing = new ApiError("ResourceNotFoundException", 404, `no function "${name}"`);
      throw await withSuggestion(missing, client, name);
    }
    if (!options.create) {
      throw new CliError(`function "${name}" has no URL (brisk url ${name} --create makes one)`);
    }
    config = await openUrl(client, name, options.stream ? "RESPONSE_STREAM" : "BUFFERED");
  }
  if (options.json) context.terminal.json(config);
  else context.terminal.print(config.FunctionUrl);
}
