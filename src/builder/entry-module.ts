import type { ModuleResolver } from "../../snapshots/bundle/lazy/resolve-module.ts";
import { taskRoot } from "../model/function-folders.ts";
import { joinPath, type PackageFiles } from "./package-files.ts";

/** The file that a handler string names, or the loader error that Lambda gives to the first invocation. */
export type EntryModule =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "error"; readonly errorType: string; readonly message: string };

/**
 * Lambda's rules for Node (spec: invoke.md, section 3): the last path segment is cut at its first dot; the
 * file may have no extension, then .js, .mjs and .cjs are tried, then what require() would find. TypeScript's
 * extensions come after Lambda's own, so that a package which works there means the same here.
 */
export function findEntryModule(handler: string, files: PackageFiles, resolver: ModuleResolver): EntryModule {
  if (handler.includes("..")) {
    return malformed(
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const slash = handler.lastIndexOf("/");
  const folder = handler.slice(0, slash + 1);
  const match = /^([^.]*)\.(.*)$/.exec(handler.slice(slash + 1));
  const name = match?.[1];
  if (name === undefined) return malformed("Bad handler");

  const root = folder.startsWith("/") ? joinPath("/", folder) : joinPath(taskRoot, folder);
  const stem = joinPath(root, name);
  for (const extension of ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx"]) {
    if (files.isFile(stem + extension)) return { kind: "file", path: files.real(stem + extension) };
  }
  // The importer's own file name is not looked at, only its folder.
  for (const paths of [taskRoot, root]) {
    const found = resolver.resolve(name, `${paths}/handler.js`, "require");
    if (found.kind === "file") return found;
  }
  return {
    kind: "error",
    errorType: "Runtime.ImportModuleError",
    message: `Error: Cannot find module '${name}'\nRequire stack:\n- /var/runtime/index.mjs`,
  };
}

function malformed(message: string): EntryModule {
  return { kind: "error", errorType: "Runtime.MalformedHandlerName", message };
}
