import { type ApiClient, ApiError, functionPath } from "./api-client.ts";
import { UsageError } from "./cli-error.ts";
import { orMissing } from "./lambda-api.ts";

/** Of Lambda's AliasConfiguration, what the commands read. */
export interface AliasConfiguration {
  readonly Name: string;
  readonly FunctionVersion: string;
  readonly RoutingConfig?: { readonly AdditionalVersionWeights?: Readonly<Record<string, number>> };
}

export async function findAlias(
  client: ApiClient,
  name: string,
  alias: string,
): Promise<AliasConfiguration | undefined> {
  return await orMissing(client.json<AliasConfiguration>({ method: "GET", path: aliasPath(name, alias) }));
}

/** Makes the alias, for the time being of `$LATEST`; one that is there stays as it is. */
export async function ensureAlias(client: ApiClient, name: string, alias: string): Promise<void> {
  try {
    await createAlias(client, name, alias, "$LATEST");
  } catch (error) {
    const isThere = error instanceof ApiError && error.code === "ResourceConflictException";
    if (!isThere) throw error;
  }
}

/**
 * Lets the alias lead to the version: with all of its requests, or with a share of them beside the version that it
 * leads to. An alias that is new, or that leads to `$LATEST`, cannot be shared: the version gets all.
 * @param weight From 0 to 1.
 * @returns What the alias does now, as a sentence.
 */
export async function leadAlias(
  client: ApiClient,
  name: string,
  alias: string,
  version: string,
  weight: number,
): Promise<string> {
  const before = weight === 1 ? undefined : await findAlias(client, name, alias);
  if (before?.FunctionVersion === version) return `Alias ${alias} led to version ${version} before`;
  if (before === undefined || before.FunctionVersion === "$LATEST") {
    await moveAlias(client, name, alias, version);
    return `Alias ${alias} leads to version ${version}`;
  }
  const RoutingConfig = { AdditionalVersionWeights: { [version]: weight } };
  await client.json({ method: "PUT", path: aliasPath(name, alias), json: { RoutingConfig } });
  return `Alias ${alias} leads ${percent(weight)} of its requests to version ${version}, and the others to version ${before.FunctionVersion}`;
}

/** Where the requests to an alias with weights go; nothing for one without. */
export function sharesOf({ FunctionVersion, RoutingConfig }: AliasConfiguration): string | undefined {
  const weights = Object.entries(RoutingConfig?.AdditionalVersionWeights ?? {});
  if (weights.length === 0) return undefined;
  const rest = weights.reduce((left, [, weight]) => left - weight, 1);
  return [[FunctionVersion, rest] as const, ...weights]
    .map(([version, weight]) => `${percent(weight)} to version ${version}`)
    .join(", ");
}

/** @throws {UsageError} */
export function toWeight(text: string): number {
  const weight = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(weight <= 1)) throw new UsageError(`--weight "${text}" is not a number from 0 to 1`);
  return weight;
}

/** Makes the alias, or moves it; whatever shares it had are over. */
async function moveAlias(client: ApiClient, name: string, alias: string, version: string): Promise<void> {
  const json = { FunctionVersion: version, RoutingConfig: { AdditionalVersionWeights: {} } };
  const moved = await orMissing(client.json({ method: "PUT", path: aliasPath(name, alias), json }));
  if (moved === undefined) await createAlias(client, name, alias, version);
}

async function createAlias(client: ApiClient, name: string, alias: string, version: string): Promise<void> {
  const json = { Name: alias, FunctionVersion: version };
  await client.json({ method: "POST", path: functionPath(name, "/aliases"), json });
}

function aliasPath(name: string, alias: string): string {
  return functionPath(name, `/aliases/${encodeURIComponent(alias)}`);
}

function percent(weight: number): string {
  return `${Number((weight * 100).toFixed(2))}%`;
}
