import { basename, extname, relative, resolve } from "node:path";
import type { Command } from "commander";
import { ensureAlias, leadAlias, toWeight } from "./aliases.ts";
import { type ApiClient, functionPath } from "./api-client.ts";
import { CliError, UsageError } from "./cli-error.ts";
import { type CommandContext, createClient, defineCommand, withClientOptions } from "./command.ts";
import { type DeployOptions, defaultRuntime, toSettings, withFunctionOptions } from "./deploy-settings.ts";
import {
  type FunctionConfiguration,
  type FunctionSettings,
  type FunctionUrlConfig,
  findFunction,
  openUrl,
  untilReady,
} from "./lambda-api.ts";
import { resolveLayers } from "./layer-api.ts";
import { asCliError, checkExists, isZip, pack, toBase64 } from "./local-package.ts";
import { formatBytes, Progress } from "./progress.ts";
import { publishVersion } from "./publish.ts";

const defaultRole = "arn:aws:iam::000000000000:role/brisk";
/** Where a URL leads that is wanted together with SnapStart, which $LATEST does not have. */
const defaultAlias = "live";

const examples = [
  "brisk deploy examples/hello --url",
  "brisk deploy handler.ts --name greet --memory 256 --timeout 10",
  "brisk deploy . --env STAGE=test --env-file .env --publish",
  "brisk deploy examples/hello --snapstart --url",
  "brisk deploy . --alias live --weight 0.1",
  "brisk deploy . --layers tools,fonts:2",
  "brisk deploy app.zip --name app --handler dist/app.handler --url --stream",
];

export function deployCommand(context: CommandContext): Command {
  const command = withFunctionOptions(
    defineCommand("deploy <path>", "Create or update a function from a folder, a file or a zip", examples),
  )
    .option("--env <NAME=value>", "an environment variable; may be repeated; replaces all of them", collect)
    .option(
      "--env-file <file>",
      "environment variables as lines of NAME=value; keeps secrets off the command line",
    )
    .option("--role <arn>", "execution role: one of brisk role, or any that is kept for AWS's sake")
    .option(
      "--layers <list>",
      'layers under /opt, in this order, as tools, tools:3 or by ARN; separated by commas, "" for none',
    )
    .option("--url", "give it a public function URL and print that")
    .option("--stream", "let the URL stream responses (InvokeMode RESPONSE_STREAM)")
    .option("--publish", "publish a version afterwards")
    .option("--snapstart", "publish a version that starts from a snapshot of its heap, and wait for that")
    .option(
      "--alias <name>",
      `publish, and let this alias lead to the version; --url is then the alias's (with --snapstart --url: ${defaultAlias})`,
    )
    .option(
      "--weight <share>",
      "of the alias's requests, 0 to 1; the version that it leads to keeps the others (1)",
    );
  return withClientOptions(command).action((path: string, options: DeployOptions) =>
    deploy(path, options, context),
  );
}

async function deploy(path: string, options: DeployOptions, context: CommandContext): Promise<void> {
  const client = createClient(options, context);
  const location = resolve(context.cwd, path);
  const name = options.name ?? defaultName(location);
  try {
    const ownSettings = await toSettings(options, context.cwd);
    await checkExists(path, location);
    const settings =
      options.layers === undefined
        ? ownSettings
        : { ...ownSettings, Layers: await resolveLayers(client, options.layers) };
    await deployFrom({ path, location, name, settings, options, client, context });
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof CliError)) throw error;
    throw new CliError(`cannot deploy "${name}": ${error.message}`, { cause: error });
  }
}

interface Deployment {
  readonly path: string;
  readonly location: string;
  readonly name: string;
  readonly settings: FunctionSettings;
  readonly options: DeployOptions;
  readonly client: ApiClient;
  readonly context: CommandContext;
}

async function deployFrom(deployment: Deployment): Promise<void> {
  const { path, name, options, client, context } = deployment;
  const { terminal, signal } = context;
  const wantsSnapshot = options.snapstart === true;
  const alias = options.alias ?? (wantsSnapshot && options.url ? defaultAlias : undefined);
  if (options.weight !== undefined && alias === undefined) throw new UsageError("--weight needs --alias");
  const weight = options.weight === undefined ? 1 : toWeight(options.weight);
  const progress = new Progress(terminal);
  const zip = await progress.step(
    `Packing ${path}`,
    () => pack(deployment.location),
    (zip) => `Packed ${path}, ${formatBytes(zip.length)}`,
  );
  const existing = await findFunction(client, name);
  const deployed = await progress.step(
    existing === undefined ? `Creating ${name}` : `Updating ${name}`,
    async () => {
      if (existing === undefined) await create(deployment, zip);
      else await update(deployment, zip, existing);
      return await untilReady(client, name, signal);
    },
    () => (existing === undefined ? `Created ${name}` : `Updated ${name}`),
  );
  if (alias !== undefined && options.url) await ensureAlias(client, name, alias);
  // Before the version: a snapshot of what a URL leads to is warmed up with a request to it.
  const url = options.url
    ? await openUrl(client, name, options.stream ? "RESPONSE_STREAM" : "BUFFERED", alias)
    : undefined;
  const published =
    options.publish || wantsSnapshot || alias !== undefined
      ? await publishVersion({ client, name, wantsSnapshot, progress, terminal, signal })
      : undefined;
  if (published !== undefined && alias !== undefined) {
    terminal.say(await leadAlias(client, name, alias, published.Version ?? "", weight));
  }
  printResult(deployment, deployed, published, url);
}

function printResult(
  { context: { terminal }, options }: Deployment,
  deployed: FunctionConfiguration,
  published: FunctionConfiguration | undefined,
  url: FunctionUrlConfig | undefined,
): void {
  const { FunctionName, CodeSha256, State } = deployed;
  const { FunctionArn, Version } = published ?? deployed;
  if (options.json) {
    const { SnapStart, StateReason } = options.snapstart && published ? published : {};
    terminal.json({
      FunctionName,
      FunctionArn,
      Version,
      CodeSha256,
      State,
      SnapStart,
      StateReason,
      FunctionUrl: url?.FunctionUrl,
    });
  } else {
    terminal.print(url?.FunctionUrl ?? FunctionArn);
  }
}

async function create(deployment: Deployment, zip: Uint8Array): Promise<void> {
  const { name, settings, options, client } = deployment;
  await client.json({
    method: "POST",
    path: "/2015-03-31/functions",
    json: {
      Runtime: defaultRuntime,
      Handler: settings.Handler ?? (await guessHandler(deployment.location)),
      ...settings,
      FunctionName: name,
      Role: options.role ?? defaultRole,
      Code: { ZipFile: toBase64(zip) },
    },
  });
}

async function update(
  { name, settings, options, client, context }: Deployment,
  zip: Uint8Array,
  existing: FunctionConfiguration,
): Promise<void> {
  // Somebody else's change may still be under way, and Lambda refuses a second one.
  if (existing.LastUpdateStatus === "InProgress") await untilReady(client, name, context.signal);
  await client.json({
    method: "PUT",
    path: functionPath(name, "/code"),
    json: { ZipFile: toBase64(zip) },
  });
  const changes = options.role === undefined ? settings : { ...settings, Role: options.role };
  if (Object.keys(changes).length === 0) return;
  await untilReady(client, name, context.signal);
  await client.json({ method: "PUT", path: functionPath(name, "/configuration"), json: changes });
}

async function guessHandler(location: string): Promise<string> {
  // The server alone looks into zips.
  if (isZip(location)) return "index.handler";
  const { defaultHandler } = await import("../pack/index.ts");
  return await defaultHandler(location).catch(asCliError);
}

/** A function's name may hold letters, digits, - and _; whatever else a folder is called with becomes a -. */
function defaultName(location: string): string {
  const base = basename(location, extname(location));
  const name = base
    .replace(/[^a-zA-Z0-9-_]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64);
  if (name === "") throw new UsageError(`${relative(".", location) || location} gives no name; use --name`);
  return name;
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
