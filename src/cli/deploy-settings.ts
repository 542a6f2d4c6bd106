import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import type { Command } from "commander";
import { CliError, UsageError } from "./cli-error.ts";
import type { ClientOptions } from "./command.ts";
import type { FunctionSettings } from "./lambda-api.ts";

export interface DeployOptions extends ClientOptions {
  readonly name?: string;
  readonly handler?: string;
  readonly runtime?: string;
  readonly memory?: string;
  readonly timeout?: string;
  readonly env?: readonly string[];
  readonly envFile?: string;
  readonly role?: string;
  readonly layers?: string;
  readonly url?: boolean;
  readonly stream?: boolean;
  readonly publish?: boolean;
  readonly snapstart?: boolean;
  readonly alias?: string;
  readonly weight?: string;
}

/**
 * What of the command line is the function's.
 * @throws {UsageError} A value that makes no sense. @throws {CliError} The file of variables cannot be read.
 */
export async function toSettings(options: DeployOptions, cwd: string): Promise<FunctionSettings> {
  const variables = await toVariables(options, cwd);
  return {
    ...(options.handler === undefined ? {} : { Handler: options.handler }),
    ...(options.runtime === undefined ? {} : { Runtime: options.runtime }),
    ...(options.memory === undefined ? {} : { MemorySize: toInteger("--memory", options.memory) }),
    ...(options.timeout === undefined ? {} : { Timeout: toInteger("--timeout", options.timeout) }),
    ...(options.snapstart ? { SnapStart: { ApplyOn: "PublishedVersions" } } : {}),
    ...(variables === undefined ? {} : { Environment: { Variables: variables } }),
  };
}

async function toVariables(options: DeployOptions, cwd: string): Promise<Record<string, string> | undefined> {
  if (options.env === undefined && options.envFile === undefined) return undefined;
  const variables: Record<string, string> = {};
  if (options.envFile !== undefined) {
    const file = resolve(cwd, options.envFile);
    const text = await readFile(file, "utf8").catch((error: unknown) => {
      throw new CliError(`cannot read ${options.envFile}: ${(error as NodeJS.ErrnoException).code}`, {
        cause: error,
      });
    });
    Object.assign(variables, parseEnv(text));
  }
  for (const pair of options.env ?? []) {
    const equals = pair.indexOf("=");
    if (equals <= 0) throw new UsageError(`--env "${pair}" is not NAME=value`);
    variables[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return variables;
}

function toInteger(flag: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`${flag} "${text}" is not a whole number`);
  return Number(text);
}

/** Of a function that is new. */
export const defaultRuntime = "nodejs22.x";

/** Options of every command that deploys. */
export function withFunctionOptions(command: Command): Command {
  return command
    .option("--name <name>", "name of the function (the folder's or file's name)")
    .option(
      "--handler <handler>",
      "file.export of the handler (found by the usual names, such as index.handler)",
    )
    .option("--runtime <runtime>", `Lambda runtime (${defaultRuntime})`)
    .option("--memory <MB>", "memory of an environment, MB")
    .option("--timeout <seconds>", "wall time of one invocation, seconds");
}
