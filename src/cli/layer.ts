import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { CliError, UsageError } from "./cli-error.ts";
import {
  type ClientOptions,
  type CommandContext,
  createClient,
  defineCommand,
  withClientOptions,
} from "./command.ts";
import { type LayerVersion, layerPath, listLayers, listLayerVersions, missing } from "./layer-api.ts";
import { checkExists, isZip, pack, toBase64 } from "./local-package.ts";
import { formatBytes, Progress } from "./progress.ts";
import { toTable } from "./table.ts";

interface PublishOptions extends ClientOptions {
  readonly description?: string;
  readonly runtimes?: string;
  readonly license?: string;
}

export function layerCommand(context: CommandContext): Command {
  const command = defineCommand("layer", "Manage layers: files that functions share under /opt", [
    "brisk layer publish tools ./tools-layer",
    "brisk layer list",
    "brisk layer delete tools 3",
    "brisk deploy . --layers tools,fonts:2",
  ]);
  const publish = defineCommand(
    "publish <name> <path>",
    "Publish a version of a layer from a folder or a zip",
    [
      "brisk layer publish tools ./tools-layer",
      'brisk layer publish tools tools.zip --runtimes nodejs22.x,nodejs24.x --description "what we all use"',
    ],
  )
    .option("--description <text>", "what is in it")
    .option("--runtimes <list>", "runtimes that it is compatible with, separated by commas")
    .option("--license <text>", "its licence: an identifier, a URL or the text")
    .addHelpText(
      "after",
      "\nThe folder is what functions see as /opt. Packages go to nodejs/node_modules in it, or to\nnodejs/node22/node_modules for one runtime.",
    );
  const list = defineCommand("list [name]", "List layers, or the versions of one", [
    "brisk layer list",
    "brisk layer list tools --json",
  ]);
  const remove = defineCommand(
    "delete <name> <version>",
    "Delete a version of a layer; functions that have it keep it",
    ["brisk layer delete tools 3"],
  );
  command
    .addCommand(
      withClientOptions(publish).action((name: string, path: string, options: PublishOptions) =>
        publishLayer(name, path, options, context),
      ),
    )
    .addCommand(
      withClientOptions(list).action((name: string | undefined, options: ClientOptions) =>
        name === undefined ? listAll(options, context) : listOne(name, options, context),
      ),
    )
    .addCommand(
      withClientOptions(remove).action((name: string, version: string, options: ClientOptions) =>
        deleteVersion(name, version, options, context),
      ),
    );
  return command;
}

async function publishLayer(
  name: string,
  path: string,
  options: PublishOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal, cwd } = context;
  const client = createClient(options, context);
  const location = resolve(cwd, path);
  try {
    await checkExists(path, location);
    await adviseOnLayout(path, location, context);
    const progress = new Progress(terminal);
    const zip = await progress.step(
      `Packing ${path}`,
      () => pack(location),
      (zip) => `Packed ${path}, ${formatBytes(zip.length)}`,
    );
    const published = await progress.step(
      `Publishing ${name}`,
      () =>
        client.json<LayerVersion>({
          method: "POST",
          path: layerPath(name),
          json: {
            Content: { ZipFile: toBase64(zip) },
            Description: options.description,
            CompatibleRuntimes: options.runtimes?.split(",").map((one) => one.trim()),
            LicenseInfo: options.license,
          },
        }),
      ({ Version }) => `Published version ${Version} of ${name}`,
    );
    if (options.json) terminal.json(published);
    else terminal.print(published.LayerVersionArn);
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof CliError)) throw error;
    throw new CliError(`cannot publish "${name}": ${error.message}`, { cause: error });
  }
}

/** What lies at the top of a layer is found by path only, which is seldom what is meant. */
async function adviseOnLayout(path: string, location: string, { terminal }: CommandContext): Promise<void> {
  if (isZip(location)) return;
  const has = (name: string) =>
    stat(join(location, name)).then(
      (found) => found.isDirectory(),
      () => false,
    );
  if ((await has("node_modules")) && !(await has("nodejs"))) {
    terminal.say(
      `note: functions find packages of a layer in nodejs/node_modules; in ${path} they lie in node_modules, which becomes /opt/node_modules`,
    );
  }
}

async function listAll(options: ClientOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const layers = await listLayers(createClient(options, context));
  if (options.json) return terminal.json(layers);
  if (layers.length === 0) return terminal.say("No layers yet; brisk layer publish <name> <path> makes one.");
  const rows = layers.map(({ LayerName, LatestMatchingVersion: latest }) => [LayerName, ...toRow(latest)]);
  for (const line of toTable(["NAME", "VERSION", "CREATED", "RUNTIMES", "DESCRIPTION"], rows))
    terminal.print(line);
}

async function listOne(name: string, options: ClientOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const client = createClient(options, context);
  const versions = await listLayerVersions(client, name);
  if (options.json) return terminal.json(versions);
  if (versions.length === 0) await missing(client, name, name);
  for (const line of toTable(["VERSION", "CREATED", "RUNTIMES", "DESCRIPTION"], versions.map(toRow))) {
    terminal.print(line);
  }
}

function toRow(version: LayerVersion): string[] {
  const { Version, CreatedDate, CompatibleRuntimes = [], Description } = version;
  return [
    String(Version),
    CreatedDate.slice(0, 19).replace("T", " "),
    CompatibleRuntimes.length === 0 ? "-" : CompatibleRuntimes.join(","),
    Description || "-",
  ];
}

async function deleteVersion(
  name: string,
  version: string,
  options: ClientOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  if (!/^[1-9]\d*$/.test(version)) throw new UsageError(`version "${version}" is not a whole number from 1`);
  const client = createClient(options, context);
  const path = layerPath(name, `/${version}`);
  // Deleting what is not there is no error to the API; to a person it is a mistake.
  await client
    .json({ method: "GET", path })
    .catch((error: unknown) => missing(client, `${name}:${version}`, name, error));
  await client.send({ method: "DELETE", path });
  terminal.say(`Deleted version ${version} of ${name}`);
  if (options.json) terminal.json({ deleted: `${name}:${version}` });
}
