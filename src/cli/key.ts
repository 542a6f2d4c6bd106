import type { Command } from "commander";
import {
  type ClientOptions,
  type CommandContext,
  createClient,
  defineCommand,
  withClientOptions,
} from "./command.ts";
import { collectPolicy, policyHelp, readPolicyArgument, readPolicyArguments } from "./policy-argument.ts";
import { toTable } from "./table.ts";

interface AccessKeyDescription {
  readonly accessKeyId: string;
  readonly userArn: string;
  readonly createDate: string;
  /** Names of what its user may do. */
  readonly policies: readonly string[];
}

interface PolicyList {
  readonly policies: readonly { readonly name: string; readonly document?: unknown }[];
}

export function keyCommand(context: CommandContext): Command {
  const command = defineCommand("key", "Manage the access keys of a server with --auth sigv4", [
    "brisk key list",
    "brisk key create --user ci --policy AWSLambda_FullAccess",
    "brisk key policy ci --add ./deploy-only.json --remove AWSLambda_FullAccess",
    "brisk key delete AKIAEXAMPLEEXAMPLE23",
  ]).addHelpText(
    "after",
    "\nA key of the account's root may do everything. A user may do what the user's policies say, and nothing without\nany. A user begins with the first key and ends with the last.",
  );
  const list = defineCommand("list", "List the access keys", ["brisk key list --json"]);
  const create = defineCommand("create", "Make an access key and print it, with its secret", [
    "brisk key create",
    "brisk key create --user ci --policy AWSLambda_FullAccess --json",
    "brisk key create --user app --policy ./invoke-orders.json",
  ])
    .option("--user <name>", "whose key it is; the account's root if it is left out")
    .option(
      "--policy <policy>",
      `what the user may do, beside what was said before; may be repeated: ${policyHelp}`,
      collectPolicy,
    );
  const policy = defineCommand("policy <user>", "Show or change what a user may do, at once", [
    "brisk key policy ci",
    "brisk key policy ci --add ./deploy-only.json --remove AWSLambda_FullAccess",
  ])
    .option("--add <policy>", `may be repeated; replaces one of the same name: ${policyHelp}`, collectPolicy)
    .option("--remove <name>", "a policy's name; may be repeated", collectPolicy);
  const remove = defineCommand("delete <id>", "Delete an access key, which ends what it may do at once", [
    "brisk key delete AKIAEXAMPLEEXAMPLE23",
  ]);
  command
    .addCommand(withClientOptions(list).action((options: ClientOptions) => listKeys(options, context)))
    .addCommand(withClientOptions(create).action((options: CreateOptions) => createKey(options, context)))
    .addCommand(
      withClientOptions(policy).action((user: string, options: PolicyOptions) =>
        changePolicies(user, options, context),
      ),
    )
    .addCommand(
      withClientOptions(remove).action((id: string, options: ClientOptions) =>
        deleteKey(id, options, context),
      ),
    );
  return command;
}

interface CreateOptions extends ClientOptions {
  readonly user?: string;
  readonly policy?: readonly string[];
}

interface PolicyOptions extends ClientOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
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
    key.userArn.endsWith(":root") ? "(everything)" : key.policies.join(", ") || "(nothing)",
  ]);
  for (const line of toTable(["ID", "USER", "CREATED", "MAY DO"], rows)) context.terminal.print(line);
}

async function createKey(options: CreateOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const policies = await readPolicyArguments(options.policy, context.cwd);
  const client = createClient(options, context);
  const key = await client.json<AccessKeyDescription & { secretAccessKey: string }>({
    method: "POST",
    path: "/_brisk/keys",
    query: { user: options.user },
    json: { policies },
  });
  if (options.user !== undefined && key.policies.length === 0) {
    terminal.say(
      `${options.user} may do nothing yet: give policies with brisk key policy ${options.user} --add <policy>`,
    );
  }
  if (options.json) return terminal.json(key);
  terminal.say(`Made an access key for ${key.userArn}. Its secret is shown this once:`);
  terminal.print(`export AWS_ACCESS_KEY_ID=${key.accessKeyId}`);
  terminal.print(`export AWS_SECRET_ACCESS_KEY=${key.secretAccessKey}`);
}

async function changePolicies(user: string, options: PolicyOptions, context: CommandContext): Promise<void> {
  const { terminal, cwd } = context;
  const client = createClient(options, context);
  const path = `/_brisk/users/${encodeURIComponent(user)}/policies`;
  // What is added comes first, so that nobody is left without what both have.
  for (const given of options.add ?? []) {
    await client.send({ method: "PUT", path, json: { policy: await readPolicyArgument(given, cwd) } });
  }
  for (const name of options.remove ?? []) {
    await client.send({ method: "DELETE", path: `${path}/${encodeURIComponent(name)}` });
  }
  const { policies } = await client.json<PolicyList>({ method: "GET", path });
  if (options.json) return terminal.json(policies);
  if (policies.length === 0) terminal.say(`${user} may do nothing: there are no policies`);
  for (const { name, document } of policies) {
    terminal.print(document === undefined ? `${name} (managed)` : `${name} ${JSON.stringify(document)}`);
  }
}

async function deleteKey(id: string, options: ClientOptions, context: CommandContext): Promise<void> {
  const client = createClient(options, context);
  await client.send({ method: "DELETE", path: `/_brisk/keys/${encodeURIComponent(id)}` });
  context.terminal.say(`Deleted ${id}`);
  if (options.json) context.terminal.json({ deleted: id });
}
