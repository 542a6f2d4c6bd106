import { dirname } from "../../paths.ts";

export interface PackageScope {
  readonly folder: string;
  /** Its package.json. */
  readonly json: Record<string, unknown>;
}

/** The nearest package.json above a file: the one that says what its `.js` means. Stops at node_modules. */
export function packageScope(
  files: { packageJson(folder: string): Record<string, unknown> | undefined },
  path: string,
): PackageScope | undefined {
  for (let folder = dirname(path); folder !== "/"; folder = dirname(folder)) {
    if (folder.endsWith("/node_modules")) return undefined;
    const json = files.packageJson(folder);
    if (json !== undefined) return { folder, json };
  }
  return undefined;
}
