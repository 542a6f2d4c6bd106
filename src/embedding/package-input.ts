import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { zipSync } from "fflate";
import { packFolder } from "../pack/index.ts";

/** What is deployed or published: one of these is needed. */
export interface PackageInput {
  /** A folder, a zip, or a single .js, .mjs, .cjs or .ts file. */
  readonly path?: string;
  readonly zip?: Uint8Array;
  /** Paths in the package, and their text. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Its zip. @throws {TypeError} There is nothing. @throws {PackError} The folder or file can't be packed. */
export async function packageOf(input: PackageInput): Promise<Uint8Array> {
  if (input.zip !== undefined) return input.zip;
  if (input.files !== undefined) {
    const encoder = new TextEncoder();
    const entries = Object.entries(input.files).map(([path, text]) => [path, encoder.encode(text)] as const);
    return zipSync(Object.fromEntries(entries));
  }
  if (input.path === undefined) {
    throw new TypeError('Cannot pack: one of "path", "zip" and "files" must be given');
  }
  const path = resolve(input.path);
  return extname(path) === ".zip" ? readFile(path) : packFolder(path);
}
