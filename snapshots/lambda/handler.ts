import { primordials } from "../bridge.ts";
import type { FunctionFiles, Platform } from "../bundle/module.ts";
import { createModuleLoader } from "../bundle/module-loader.ts";
import { requireInternal, requireNode } from "../registry.ts";
import { runtimeError } from "./errors.ts";

export type Handler = ((...args: unknown[]) => unknown) & { [streaming]?: unknown };

/** The mark of a handler that streams its response; public, since frameworks set it themselves. */
export const streaming = Symbol.for("aws.lambda.runtime.handler.streaming");

/** What a bundle's script gives back. */
type Factory = (loader: ReturnType<typeof createModuleLoader>) => { kind: "esm" | "cjs"; load(): unknown };

const platform: Platform = { require: requireNode, fail, files: functionFiles };

/** Evaluates the user's code and finds the handler in it, by Lambda's rules. */
export async function loadHandler(factory: Factory, handler: string, runtime: string): Promise<Handler> {
  const loaded = factory(createModuleLoader(platform)).load();
  const exports = (isThenable(loaded) ? await loaded : loaded) as Record<string, unknown>;
  const path = exportPath(handler);
  let value: unknown = exports;
  for (const name of path) {
    value = (value as Record<string, unknown> | null | undefined)?.[name];
  }
  if (value === undefined || value === null) {
    throw runtimeError("HandlerNotFound", `${handler} is undefined or not exported`);
  }
  if (typeof value !== "function") throw runtimeError("HandlerNotFound", `${handler} is not a function`);
  const found = value as Handler;
  if (majorVersion(runtime) >= 24 && found.length >= 3 && found[streaming] === undefined) {
    throw runtimeError(
      "CallbackHandlerDeprecated",
      "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.",
    );
  }
  return found;
}

/** `nodejs22.x` is 22. */
export function majorVersion(runtime: string): number {
  return Number.parseInt(runtime.slice("nodejs".length), 10);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === "object" || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/** `dir/file.a.b` names export `b` of `a`: what follows the first dot of the last path part. */
function exportPath(handler: string): string[] {
  const base = handler.slice(handler.lastIndexOf("/") + 1);
  return base.slice(base.indexOf(".") + 1).split(".");
}

function functionFiles(): FunctionFiles {
  const { createFunctionFiles } = requireInternal(
    "brisk:bundle/lazy/function-files",
  ) as typeof import("../bundle/lazy/function-files.ts");
  return createFunctionFiles();
}

function fail(errorType: string, message: string, trace: string[]): never {
  const error = new primordials.Error(message);
  primordials.ObjectDefineProperty(error, "name", { value: errorType, configurable: true });
  primordials.ObjectDefineProperty(error, "stack", {
    value: trace.join("\n"),
    configurable: true,
    writable: true,
  });
  throw error;
}
