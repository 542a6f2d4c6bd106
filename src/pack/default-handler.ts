import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { PackError } from "./pack-folder.ts";

const moduleExtension = /\.[cm]?[jt]sx?$/;
/** Looked for in this order, after package.json's main. */
const usualNames = ["app", "handler", "main", "lambda", "src/index", "src/app", "src/handler", "dist/index"];

/**
 * The handler of a folder or file that states none: the file that a person would name, and its export `handler`.
 * @throws {PackError} When no file stands out.
 */
export async function defaultHandler(path: string): Promise<string> {
  const info = await stat(path).catch((error: unknown) => {
    throw new PackError(`Cannot find ${path}: there is no such file or folder`, { cause: error });
  });
  if (!info.isDirectory()) return `${stemOf(basename(path))}.handler`;
  const main = await packageMain(path);
  for (const name of ["index", ...(main === undefined ? [] : [main]), ...usualNames]) {
    if (await hasModule(path, name)) return `${name}.handler`;
  }
  const names = (await readdir(path)).filter((name) => moduleExtension.test(name));
  // A name with a further dot is a declaration, a test or a tool's settings.
  const stems = new Set(names.map(stemOf).filter((stem) => !stem.includes(".")));
  const [first] = stems;
  if (first !== undefined && stems.size === 1) return `${first}.handler`;
  throw new PackError(
    `Cannot tell the handler of ${path}: no file is called index.js or the like; state one, such as ${first ?? "app"}.handler`,
  );
}

async function hasModule(folder: string, stem: string): Promise<boolean> {
  const names = await readdir(join(folder, stem, "..")).catch(() => []);
  return names.some((name) => moduleExtension.test(name) && stemOf(name) === basename(stem));
}

/** A main whose file is not there says nothing (`npm init` writes one): the caller checks. */
async function packageMain(folder: string): Promise<string | undefined> {
  try {
    const json: unknown = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const main = typeof json === "object" && json !== null && "main" in json ? json.main : undefined;
    // What leads out of the folder is no part of the package.
    if (typeof main !== "string" || main === "" || main.includes("..")) return undefined;
    return stemOf(main.replace(/^\.\//, ""));
  } catch {
    return undefined;
  }
}

function stemOf(name: string): string {
  return name.replace(moduleExtension, "");
}
