import type { Module, Platform } from "./module.ts";

const runtimeFile = "/var/runtime/index.mjs";

export function nodeError(code: string, message: string, kind: ErrorConstructor = Error): Error {
  return Object.assign(new kind(message), { code });
}

/** What require() throws, with the modules that led there. */
export function moduleNotFound(message: string, parent: Module | undefined): Error {
  const requireStack: string[] = [];
  for (let module = parent; module !== undefined; module = module.parent) requireStack.push(module.filename);
  requireStack.push(runtimeFile);
  const text = `${message}\nRequire stack:\n- ${requireStack.join("\n- ")}`;
  return Object.assign(nodeError("MODULE_NOT_FOUND", text), { requireStack });
}

/** Lambda's loader gives these two kinds of error names of their own; others reach the caller as they are. */
export function failLoading(error: unknown, platform: Pick<Platform, "fail">): never {
  const type =
    error instanceof SyntaxError
      ? "Runtime.UserCodeSyntaxError"
      : error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND"
        ? "Runtime.ImportModuleError"
        : undefined;
  if (type === undefined) throw error;
  const message = String(error);
  const frames = String((error as Error).stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
  platform.fail(type, message, [...`${type}: ${message}`.split("\n"), ...frames]);
}
