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

interface RoleDescription {
  readonly roleName: string;
  readonly arn: string;
  readonly createDate: string;
  readonly policies: readonly { readonly name: string; readonly document?: unknown }[];
}

export function roleCommand(context: CommandContext): Command {
  const command = defineCommand("role", "Manage execution roles: what functions may do", [
    "brisk role create worker --policy ./invoke-orders.json",
    "brisk deploy ./my-function --role arn:aws:iam::000000000000:role/worker",
    "brisk role put-policy worker AWSLambdaRole",
  ]).addHelpText(
    "after",
    "\nA function whose role is the ARN of one of these finds its credentials in its environment. The AWS SDK calls\nthis server with them, and may do what the role's policies say. The server runs with --auth sigv4.",
  );
  const create = defineCommand("create <name>", "Create a role and print its ARN", [
    "brisk role create worker --policy AWSLambdaRole",
    "brisk role create worker --policy ./invoke-orders.json",
  ]).option("--policy <policy>", `what it may do; may be repeated: ${policyHelp}`, collectPolicy);
  const list = defineCommand("list", "List the roles", ["brisk role list", "brisk role list --json"]);
  const put = defineCommand("put-policy <role> <policy>", "Give a role a policy, at once", [
    "brisk role put-policy worker AWSLambdaRole",
    "brisk role put-policy worker ./invoke-orders.json",
  ]).addHelpText("after", `\nA policy is ${policyHelp}. One of the same name is replaced.`);
  const take = defineCommand("delete-policy <role> <policy>", "Take a policy from a role, at once", [
    "brisk role delete-policy worker AWSLambdaRole",
  ]);
  const remove = defineCommand(
    "delete <name>",
    "Delete a role: its functions' credentials are worth nothing",
    ["brisk role delete worker"],
  );
  command
    .addCommand(
      withClientOptions(create).action((name: string, options: CreateOptions) =>
        createRole(name, options, context),
      ),
    )
    .addCommand(withClientOptions(list).action((options: ClientOptions) => listRoles(options, context)))
    .addCommand(
      withClientOptions(put).action((name: string, policy: string, options: ClientOptions) =>
        putPolicy(name, policy, options, context),
      ),
    )
    .addCommand(
      withClientOptions(take).action((name: string, policy: string, options: ClientOptions) =>
        deletePolicy(name, policy, options, context),
      ),
    )
    .addCommand(
      withClientOptions(remove).action((name: string, options: ClientOptions) =>
        deleteRole(name, options, context),
      ),
    );
  return command;
}

interface CreateOptions extends ClientOptions {
  readonly policy?: readonly string[];
}

async function createRole(name: string, options: CreateOptions, context: CommandContext): Promise<void> {
  const { terminal, cwd } = context;
  const policies = await readPolicyArguments(options.policy, cwd);
  const role = await createClient(options, context).json<RoleDescription>({
    method: "POST",
    path: pathOf(name),
    json: { policies },
  });
  if (policies.length === 0) {
    terminal.say(`${name} may do nothing yet: give policies with brisk role put-policy ${name} <policy>`);
  }
  if (options.json) return terminal.json(role);
  terminal.print(role.arn);
}

async function listRoles(options: ClientOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const client = createClient(options, context);
  const { roles } = await client.json<{ roles: RoleDescription[] }>({ method: "GET", path: "/_brisk/roles" });
  if (options.json) return terminal.json(roles);
  const rows = roles.map((role) => [
    role.roleName,
    role.arn,
    role.createDate.slice(0, 19).replace("T", " "),
    role.policies.map(({ name }) => name).join(", ") || "(nothing)",
  ]);
  for (const line of toTable(["NAME", "ARN", "CREATED", "MAY DO"], rows)) terminal.print(line);
}

async function putPolicy(
  name: string,
  given: string,
  options: ClientOptions,
  context: CommandContext,
): Promise<void> {
  const policy = await readPolicyArgument(given, context.cwd);
  const role = await createClient(options, context).json<RoleDescription>({
    method: "PUT",
    path: `${pathOf(name)}/policies`,
    json: { policy },
  });
  showPolicies(role, options, context);
}

async function deletePolicy(
  name: string,
  policy: string,
  options: ClientOptions,
  context: CommandContext,
): Promise<void> {
  const role = await createClient(options, context).json<RoleDescription>({
    method: "DELETE",
    path: `${pathOf(name)}/policies/${encodeURIComponent(policy)}`,
  });
  showPolicies(role, options, context);
}

async function deleteRole(name: string, options: ClientOptions, context: CommandContext): Promise<void> {
  await createClient(options, context).send({ method: "DELETE", path: pathOf(name) });
  context.terminal.say(`Deleted ${name}`);
  if (options.json) context.terminal.json({ deleted: name });
}

function showPolicies(role: RoleDescription, options: ClientOptions, { terminal }: CommandContext): void {
  if (options.json) {
    terminal.json(role);
    return;
  }
  const names = role.policies.map(({ name }) => name).join(", ");
  terminal.say(names === "" ? `${role.roleName} may do nothing now` : `${role.roleName} has ${names}`);
}

function pathOf(name: string): string {
  return `/_brisk/roles/${encodeURIComponent(name)}`;
}
