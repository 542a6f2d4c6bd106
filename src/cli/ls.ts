import type { Command } from "commander";
import type { ApiClient } from "./api-client.ts";
import {
  type ClientOptions,
  type CommandContext,
  createClient,
  defineCommand,
  withClientOptions,
} from "./command.ts";
import { type FunctionConfiguration, findFunction, listFunctions } from "./lambda-api.ts";
import { toTable } from "./table.ts";

export function lsCommand(context: CommandContext): Command {
  const command = defineCommand("ls", "List functions", [
    "brisk ls",
    "brisk ls --json | jq '.[].FunctionName'",
  ]);
  return withClientOptions(command).action(async (options: ClientOptions) => {
    const client = createClient(options, context);
    const functions = await withStates(client, await listFunctions(client));
    if (options.json) context.terminal.json(functions);
    else if (functions.length === 0) context.terminal.say("No functions yet; brisk deploy <path> makes one.");
    else for (const line of toTable(heading, functions.map(toRow))) context.terminal.print(line);
  });
}

const requestsAtOnce = 16;

/** Lambda's list leaves the states out, and they are what a person looks for. */
async function withStates(
  client: ApiClient,
  listed: readonly FunctionConfiguration[],
): Promise<FunctionConfiguration[]> {
  const all: FunctionConfiguration[] = [];
  for (let at = 0; at < listed.length; at += requestsAtOnce) {
    const found = listed
      .slice(at, at + requestsAtOnce)
      // One that was deleted meanwhile stays as it was listed.
      .map(async (one) => ({ ...one, ...(await findFunction(client, one.FunctionName)) }));
    all.push(...(await Promise.all(found)));
  }
  return all;
}

const heading = ["NAME", "RUNTIME", "HANDLER", "MEMORY", "TIMEOUT", "STATE", "MODIFIED"];

function toRow(one: FunctionConfiguration): string[] {
  return [
    one.FunctionName,
    one.Runtime ?? "-",
    one.Handler ?? "-",
    `${one.MemorySize ?? "-"} MB`,
    `${one.Timeout ?? "-"} s`,
    one.LastUpdateStatus === "InProgress" ? "Updating" : (one.State ?? "-"),
    one.LastModified?.slice(0, 19).replace("T", " ") ?? "-",
  ];
}
