import { zipSync } from "fflate";

/** Paths in a function's package, and what they hold. */
export type PackageFiles = Readonly<Record<string, Uint8Array>>;

export function zipOf(files: PackageFiles): Uint8Array {
  return zipSync(files as Record<string, Uint8Array>, { level: 1 });
}
