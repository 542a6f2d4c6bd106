import type { Command } from "commander";
import {
  type ClientOptions,
  type CommandContext,
  createClient,
  defineCommand,
  withClientOptions,
} from "./command.ts";
import { toTable } from "./table.ts";

interface AccessKeyDescription {
  readonly accessKeyId: string;
  readonly userArn: string;
  readonly createDate: string;
}

export function keyCommand(context: CommandContext): Command {
  const command = defineCommand("key", "Manage the access keys of a server with --auth sigv4", [
    "brisk key list",
    "brisk key create --user ci",
    "brisk key delete AKIAEXAMPLEEXAMPLE23",
  ]).addHelpText("after", "\nEvery key has full access for now: policies of keys are to come.");
  const list = defineCommand("list", "List the access keys", ["brisk key list --json"]);
  const create = defineCommand("create", "Make an access key and print it, with its secret", [
    "brisk key create",
    "brisk key create --user ci --json",
  ]).option("--user <name>", "whose key it is; the account's root if it is left out");
  const remove = defineCommand("delete <id>", "Delete an access key, which ends what it may do at once", [
    "brisk key delete AKIAEXAMPLEEXAMPLE23",
  ]);
  command
    .addCommand(withClientOptions(list).action((options: ClientOptions) => listKeys(options, context)))
    .addCommand(withClientOptions(create).action((options: CreateOptions) => createKey(options, context)))
    .addCommand(
      withClientOptions(remove).action((id: string, options: ClientOptions) =>
        deleteKey(id, options, context),
      ),
    );
  return command;
}

interface CreateOptions extends ClientOptions {
  readonly user?: string;
}

async function listKeys(options: ClientOptions, context: CommandContext): Promise<void> {
  const client = createClient(options, context);
  const { keys } = await client.json<{ keys: AccessKeyDescription[] }>({
    method: "GET",
    path: "/_brisk/keys",
  });
  if (options.json) return context.terminal.json(keys);
  const rows = keys.map((key) => [
    key.accessKeyId,
    key.userArn,
    key.createDate.slice(0, 19).replace("T", " "),
  ]);
  for (const line of toTable(["ID", "USER", "CREATED"], rows)) context.terminal.print(line);
}

async function createKey(options: CreateOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const client = createClient(options, context);
  const key = await client.json<AccessKeyDescription & { secretAccessKey: string }>({
    method: "POST",
    path: "/_brisk/keys",
    query: { user: options.user },
  });
  if (options.json) return terminal.json(key);
  terminal.say(`Made an access key for ${key.userArn}. Its secret is shown this once:`);
  terminal.print(`export AWS_ACCESS_KEY_ID=${key.accessKeyId}`);
  terminal.print(`export AWS_SECRET_ACCESS_KEY=${key.secretAccessKey}`);
}

async function deleteKey(id: string, options: ClientOptions, context: CommandContext): Promise<void> {
  const client = createClient(options, context);
  await client.send({ method: "DELETE", path: `/_brisk/keys/${encodeURIComponent(id)}` });
  context.terminal.say(`Deleted ${id}`);
  if (options.json) context.terminal.json({ deleted: id });
}
