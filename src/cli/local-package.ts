import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { didYouMean } from "../model/did-you-mean.ts";
import { CliError } from "./cli-error.ts";

/** The zip of a folder or file, or the zip that it is. @throws {CliError} It can't be packed. */
export async function pack(location: string): Promise<Uint8Array> {
  if (isZip(location)) return await readFile(location);
  const { packFolder } = await import("../pack/index.ts");
  return await packFolder(location).catch(asCliError);
}

export function isZip(location: string): boolean {
  return extname(location).toLowerCase() === ".zip";
}

/** @throws {CliError} There is nothing; with what it may have been meant to be. */
export async function checkExists(given: string, location: string): Promise<void> {
  try {
    await stat(location);
  } catch (error) {
    const folder = dirname(location);
    const siblings = await readdir(folder).catch(() => []);
    const suggestions = siblings.map((entry) => join(dirname(given), entry));
    throw new CliError(`no file or folder ${given}${didYouMean(given, suggestions)}`, { cause: error });
  }
}

export function asCliError(error: unknown): never {
  throw new CliError(error instanceof Error ? error.message : String(error), { cause: error });
}

/** As the API has bytes. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
