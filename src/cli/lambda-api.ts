import { setTimeout as delay } from "node:timers/promises";
import { didYouMean } from "../model/did-you-mean.ts";
import { type ApiClient, ApiError, functionPath } from "./api-client.ts";
import { CliError } from "./cli-error.ts";

/** Of Lambda's FunctionConfiguration, what the commands read. */
export interface FunctionConfiguration {
  readonly FunctionName: string;
  readonly FunctionArn: string;
  readonly Runtime?: string;
  readonly Handler?: string;
  readonly MemorySize?: number;
  readonly Timeout?: number;
  readonly CodeSha256?: string;
  readonly LastModified?: string;
  readonly Version?: string;
  readonly State?: string;
  readonly StateReason?: string;
  readonly SnapStart?: { readonly ApplyOn: string; readonly OptimizationStatus: string };
  readonly LastUpdateStatus?: string;
  readonly LastUpdateStatusReason?: string;
}

export interface FunctionUrlConfig {
  readonly FunctionUrl: string;
  readonly AuthType: string;
  readonly InvokeMode?: string;
}

/** The settings that create and update share. Absent ones keep what they are. */
export interface FunctionSettings {
  readonly Handler?: string;
  readonly Runtime?: string;
  readonly MemorySize?: number;
  readonly Timeout?: number;
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
  readonly SnapStart?: { readonly ApplyOn: "PublishedVersions" };
  /** ARNs. */
  readonly Layers?: readonly string[];
}

export async function findFunction(
  client: ApiClient,
  name: string,
): Promise<FunctionConfiguration | undefined> {
  return await orMissing(
    client.json<FunctionConfiguration>({ method: "GET", path: functionPath(name, "/configuration") }),
  );
}

export async function listFunctions(client: ApiClient): Promise<FunctionConfiguration[]> {
  const all: FunctionConfiguration[] = [];
  let marker: string | undefined;
  do {
    const page: { Functions?: FunctionConfiguration[]; NextMarker?: string | null } = await client.json({
      method: "GET",
      path: "/2015-03-31/functions/",
      query: { Marker: marker, MaxItems: "50" },
    });
    all.push(...(page.Functions ?? []));
    marker = page.NextMarker ?? undefined;
  } while (marker !== undefined);
  return all;
}

/** Waits while the function is being made or changed. @throws {CliError} With the reason, when that failed. */
export async function untilReady(
  client: ApiClient,
  name: string,
  signal: AbortSignal,
): Promise<FunctionConfiguration> {
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 1.5, 500)) {
    const found = await findFunction(client, name);
    if (found === undefined) throw new CliError("it was deleted meanwhile");
    if (found.State === "Failed") throw new CliError(found.StateReason ?? "its State is Failed");
    if (found.LastUpdateStatus === "Failed") {
      throw new CliError(found.LastUpdateStatusReason ?? "its LastUpdateStatus is Failed");
    }
    if (found.State !== "Pending" && found.LastUpdateStatus !== "InProgress") return found;
    await delay(pauseMs, undefined, { signal });
  }
}

export async function findUrl(
  client: ApiClient,
  name: string,
  qualifier?: string,
): Promise<FunctionUrlConfig | undefined> {
  return await orMissing(client.json<FunctionUrlConfig>({ method: "GET", ...urlResource(name, qualifier) }));
}

/** Creates the URL of a function or of its alias, or changes its mode, and lets anyone call it. */
export async function openUrl(
  client: ApiClient,
  name: string,
  invokeMode: "BUFFERED" | "RESPONSE_STREAM" | undefined,
  alias?: string,
): Promise<FunctionUrlConfig> {
  const existing = await findUrl(client, name, alias);
  const json = { AuthType: "NONE", ...(invokeMode === undefined ? {} : { InvokeMode: invokeMode }) };
  const method = existing === undefined ? "POST" : "PUT";
  const config = await client.json<FunctionUrlConfig>({ method, ...urlResource(name, alias), json });
  // A public URL needs both since October 2025 (spec: function-urls.md, section 2).
  await addPermission(client, name, alias, {
    StatementId: "FunctionURLAllowPublicAccess",
    Action: "lambda:InvokeFunctionUrl",
    Principal: "*",
    FunctionUrlAuthType: "NONE",
  });
  await addPermission(client, name, alias, {
    StatementId: "FunctionURLInvokeAllowPublicAccess",
    Action: "lambda:InvokeFunction",
    Principal: "*",
    InvokedViaFunctionUrl: true,
  });
  return config;
}

/** A refusal with ` (did you mean …?)` after it, when the function does not exist and another is called almost so. */
export async function withSuggestion(error: unknown, client: ApiClient, name: string): Promise<unknown> {
  if (!isMissing(error)) return error;
  const names = await listFunctions(client).then(
    (all) => all.map((one) => one.FunctionName),
    () => [],
  );
  return new CliError(`no function is called "${name}"${didYouMean(name, names)}`, { cause: error });
}

export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.code === "ResourceNotFoundException";
}

function urlResource(name: string, qualifier?: string) {
  return { path: functionPath(name, "/url", "2021-10-31"), query: { Qualifier: qualifier } };
}

async function addPermission(
  client: ApiClient,
  name: string,
  alias: string | undefined,
  statement: object,
): Promise<void> {
  const resource = { path: functionPath(name, "/policy"), query: { Qualifier: alias } };
  try {
    await client.json({ method: "POST", ...resource, json: statement });
  } catch (error) {
    const isThereAlready = error instanceof ApiError && error.code === "ResourceConflictException";
    if (!isThereAlready) throw error;
  }
}

/** Nothing where there is no such thing. */
export async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
