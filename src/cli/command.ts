import { resolve } from "node:path";
import { Command } from "commander";
import { ApiClient, defaultEndpoint } from "./api-client.ts";
import { signerFrom } from "./request-signer.ts";
import type { Terminal } from "./terminal.ts";
import { trustedAuthorities } from "./trusted-authorities.ts";

/** What a command is given from outside, so that a test can stand in for the process. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** Fires at Ctrl-C, for commands that only wait. `serve` has its own rules, from `onSignal`. */
  readonly signal: AbortSignal;
  /** Calls back for each SIGINT and SIGTERM from then on, in place of `signal`. */
  onSignal(listener: (name: NodeJS.Signals) => void): void;
}

/** A command whose help starts with examples. */
export function defineCommand(usage: string, summary: string, examples: readonly string[]): Command {
  const [name = "", ...args] = usage.split(" ");
  const command = new Command(name).summary(summary).description(summary);
  for (const argument of args) command.argument(argument);
  return command.addHelpText("before", `Examples:\n${examples.map((line) => `  $ ${line}\n`).join("")}`);
}

export interface ClientOptions {
  readonly endpointUrl?: string;
  readonly ca?: string;
  readonly json?: boolean;
}

/** Adds the options that every client of the API has. */
export function withClientOptions(command: Command): Command {
  return command
    .option("--json", "print data as JSON")
    .option("--endpoint-url <url>", `where Brisk answers (BRISK_ENDPOINT_URL, else ${defaultEndpoint})`)
    .option("--ca <file>", "PEM of a certificate authority to trust (BRISK_CA, else AWS_CA_BUNDLE)");
}

export function createClient(options: ClientOptions, context: CommandContext): ApiClient {
  const endpoint = options.endpointUrl ?? context.env["BRISK_ENDPOINT_URL"] ?? defaultEndpoint;
  return new ApiClient(endpoint, {
    signal: context.signal,
    sign: signerFrom(context.env),
    authorities: authoritiesFrom(options, context),
  });
}

function authoritiesFrom(options: ClientOptions, { env, cwd }: CommandContext): string[] | undefined {
  if (options.ca !== undefined) return trustedAuthorities(resolve(cwd, options.ca), "--ca");
  for (const name of ["BRISK_CA", "AWS_CA_BUNDLE"]) {
    const file = env[name];
    if (file) return trustedAuthorities(resolve(cwd, file), name);
  }
  return undefined;
}
