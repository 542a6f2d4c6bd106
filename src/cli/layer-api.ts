import { didYouMean } from "../model/did-you-mean.ts";
import { type ApiClient, ApiError } from "./api-client.ts";
import { CliError, UsageError } from "./cli-error.ts";

/** Of Lambda's layer versions, what the commands read. */
export interface LayerVersion {
  readonly LayerVersionArn: string;
  readonly Version: number;
  readonly Description?: string;
  readonly CreatedDate: string;
  readonly CompatibleRuntimes?: readonly string[];
  readonly Content?: { readonly CodeSize: number };
}

export interface Layer {
  readonly LayerName: string;
  readonly LatestMatchingVersion: LayerVersion;
}

export function layerPath(name: string, rest = ""): string {
  return `/2018-10-31/layers/${encodeURIComponent(name)}/versions${rest}`;
}

export async function listLayers(client: ApiClient): Promise<Layer[]> {
  return pages<Layer>(client, "/2018-10-31/layers", "Layers");
}

/** Newest first; none for a layer that does not exist. */
export async function listLayerVersions(client: ApiClient, name: string): Promise<LayerVersion[]> {
  return pages<LayerVersion>(client, layerPath(name), "LayerVersions");
}

/**
 * The ARNs of the layer versions that a command line names: `tools` is the newest of a layer, `tools:3` its third; ARNs are
 * taken as they are.
 * @param list Separated by commas; an empty one names none.
 * @throws {UsageError} It is no such list. @throws {CliError} There is no such layer.
 */
export async function resolveLayers(client: ApiClient, list: string): Promise<string[]> {
  if (list.trim() === "") return [];
  const arns: string[] = [];
  for (const given of list.split(",").map((one) => one.trim())) arns.push(await resolveLayer(client, given));
  return arns;
}

async function resolveLayer(client: ApiClient, given: string): Promise<string> {
  if (given.startsWith("arn:")) return given;
  const [, name, version] = /^([a-zA-Z0-9-_]+)(?::(\d+))?$/.exec(given) ?? [];
  if (name === undefined) {
    throw new UsageError(`--layers "${given}" is no layer: name it as tools, tools:3 or by its ARN`);
  }
  if (version !== undefined) {
    const path = layerPath(name, `/${version}`);
    const found = client.json<LayerVersion>({ method: "GET", path });
    return (await found.catch((error: unknown) => missing(client, given, name, error))).LayerVersionArn;
  }
  const [newest] = await listLayerVersions(client, name);
  return newest?.LayerVersionArn ?? (await missing(client, given, name));
}

/**
 * @param given What was asked for: a layer's name, or `name:version`.
 * @throws {CliError} Always: that it is not there, or what else `error` is.
 */
export async function missing(
  client: ApiClient,
  given: string,
  name: string,
  error?: unknown,
): Promise<never> {
  const isMissing = error === undefined || (error instanceof ApiError && error.status === 404);
  if (!isMissing) throw error;
  const names = (await listLayers(client)).map(({ LayerName }) => LayerName);
  const what = given === name ? "layer" : "layer version";
  throw new CliError(`no ${what} is called "${given}"${didYouMean(name, names)}`, { cause: error });
}

async function pages<T>(client: ApiClient, path: string, member: string): Promise<T[]> {
  const all: T[] = [];
  let marker: string | undefined;
  do {
    const page: Record<string, unknown> = await client.json({
      method: "GET",
      path,
      query: { Marker: marker, MaxItems: "50" },
    });
    all.push(...((page[member] ?? []) as T[]));
    marker = (page["NextMarker"] ?? undefined) as string | undefined;
  } while (marker !== undefined);
  return all;
}
