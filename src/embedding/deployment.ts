import type { IncomingMessage, ServerResponse } from "node:http";
import { basename, extname, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { AddPermissionInput, FunctionService, VersionRecord } from "../control/index.ts";
import { ResourceConflictException } from "../model/errors.ts";
import { functionArn } from "../model/function-arn.ts";
import type { Cors } from "../model/functions.ts";
import { defaultHandler } from "../pack/index.ts";
import { type PackageInput, packageOf } from "./package-input.ts";

export interface DeployInput extends PackageInput {
  /** Default: the name of the folder or file. */
  readonly name?: string;
  /** `file.export`; default: the package's main file's, or `index.handler`. */
  readonly handler?: string;
  /** Default `nodejs22.x`. */
  readonly runtime?: string;
  /** MB, 128 to 10240; default 128. */
  readonly memorySizeMb?: number;
  /** Whole seconds, 1 to 900; default 3. */
  readonly timeoutSeconds?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** ARNs of layer versions, at most five, in the order in which they are unpacked to /opt; `[]` for none. Default: those it has. */
  readonly layers?: readonly string[];
  /** A public function URL, whose responses stream when `"stream"`. */
  readonly url?: boolean | "stream";
  readonly cors?: Cors;
}

/** What was deployed. */
export interface Deployment {
  readonly name: string;
  readonly arn: string;
  readonly urlId: string | undefined;
}

/** A function of this runtime, ready to be called. */
export interface DeployedFunction extends Deployment {
  /** Where its function URL answers once the runtime listens. */
  readonly url: string | undefined;
  /** Serves the request by this function, whatever its Host. @throws {TypeError} Without a function URL. */
  fetch(request: Request): Promise<Response>;
  /** The same for node:http, Express and Fastify. @throws {TypeError} Without a function URL. */
  handler(incoming: IncomingMessage, outgoing: ServerResponse): void;
}

const defaultRole = "arn:aws:iam::000000000000:role/brisk";
const settlePollMs = 5;

/**
 * Creates or updates a function and waits until it can be invoked.
 * @throws {LambdaServiceException} What the API would have answered.
 * @throws {Error} The build failed; the message says why.
 */
export async function deploy(functions: FunctionService, input: DeployInput): Promise<Deployment> {
  const name = input.name ?? nameOf(input);
  const zip = await packageOf(input);
  const configuration = {
    FunctionName: name,
    ...(input.memorySizeMb === undefined ? {} : { MemorySize: input.memorySizeMb }),
    ...(input.timeoutSeconds === undefined ? {} : { Timeout: input.timeoutSeconds }),
    ...(input.environment === undefined ? {} : { Environment: { Variables: input.environment } }),
    ...(input.layers === undefined ? {} : { Layers: input.layers }),
  };
  if (!exists(functions, name)) {
    await functions.functions.create({
      ...configuration,
      Role: defaultRole,
      Runtime: input.runtime ?? "nodejs22.x",
      Handler: input.handler ?? (await handlerOf(input)),
      Code: { ZipFile: zip },
    });
  } else {
    await settled(functions, name);
    await functions.functions.updateCode({ FunctionName: name, ZipFile: zip });
    await settled(functions, name);
    await functions.functions.updateConfiguration({
      ...configuration,
      ...(input.runtime === undefined ? {} : { Runtime: input.runtime }),
      ...(input.handler === undefined ? {} : { Handler: input.handler }),
    });
  }
  const version = await settled(functions, name);
  const failure = version.state === "Failed" ? version.stateReason : version.lastUpdateReason;
  if (version.state === "Failed" || version.lastUpdateStatus === "Failed") {
    throw new Error(`Cannot deploy "${name}": ${failure?.message ?? "its build failed"}`);
  }
  const wantsUrl = input.url !== undefined && input.url !== false;
  const urlId = wantsUrl ? await openUrl(functions, name, input) : undefined;
  return { name, arn: functionArn(functions.scope, name, undefined), urlId };
}

function exists(functions: FunctionService, name: string): boolean {
  return functions.functions.find(name) !== undefined;
}

/** Waits for the build that is under way. */
async function settled(functions: FunctionService, name: string): Promise<VersionRecord> {
  for (;;) {
    const { version } = functions.functions.get(name);
    if (version.state !== "Pending" && version.lastUpdateStatus !== "InProgress") return version;
    await delay(settlePollMs);
  }
}

/** The function's URL, open to everybody; the one it has stays. */
async function openUrl(functions: FunctionService, name: string, input: DeployInput): Promise<string> {
  const invokeMode = input.url === "stream" ? ("RESPONSE_STREAM" as const) : ("BUFFERED" as const);
  const wanted = {
    FunctionName: name,
    AuthType: "NONE" as const,
    InvokeMode: invokeMode,
    ...(input.cors === undefined ? {} : { Cors: input.cors }),
  };
  const created = await functions.urls.create(wanted).catch((error: unknown) => {
    if (!(error instanceof ResourceConflictException)) throw error;
    return functions.urls.update(wanted);
  });
  await allow(functions, name, {
    StatementId: "FunctionURLAllowPublicAccess",
    Action: "lambda:InvokeFunctionUrl",
    FunctionUrlAuthType: "NONE",
  });
  await allow(functions, name, {
    StatementId: "FunctionURLInvokeAllowPublicAccess",
    Action: "lambda:InvokeFunction",
    InvokedViaFunctionUrl: true,
  });
  return created.urlId;
}

async function allow(
  functions: FunctionService,
  name: string,
  statement: Omit<AddPermissionInput, "FunctionName" | "Principal">,
): Promise<void> {
  try {
    await functions.permissions.add({ FunctionName: name, Principal: "*", ...statement });
  } catch (error) {
    // It is there from an earlier deployment.
    if (!(error instanceof ResourceConflictException)) throw error;
  }
}

function nameOf(input: DeployInput): string {
  if (input.path === undefined) throw new TypeError('Cannot deploy: a package without a path needs a "name"');
  const path = resolve(input.path);
  return basename(path, extname(path)).replaceAll(/[^a-zA-Z0-9-_]/g, "-");
}

async function handlerOf(input: DeployInput): Promise<string> {
  if (input.path === undefined || extname(input.path) === ".zip") return "index.handler";
  return defaultHandler(resolve(input.path));
}
