import { existsSync } from "node:fs";

/** The package's folder, from `src/` in a checkout and from `dist/src/` when installed. Ends in a slash. */
export function findPackageRoot(): URL {
  for (const up of ["../", "../../"]) {
    const candidate = new URL(up, import.meta.url);
    if (existsSync(new URL("package.json", candidate))) return candidate;
  }
  throw new Error(`No package.json is above ${import.meta.url}`);
}
