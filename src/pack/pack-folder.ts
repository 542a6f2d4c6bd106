import { lstat, readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { zip } from "fflate";

/** Never part of a package: version control, and the state of a Brisk server started here. */
const excluded = new Set([".git", ".brisk", ".DS_Store"]);
const moduleExtensions = /\.(js|mjs|cjs|ts|mts|cts|tsx|jsx)$/;
const maxUnzippedBytes = 262_144_000;
/** The earliest time that a zip can hold: the same files give the same zip, whenever they were written. */
const fixedTime = new Date(1980, 0, 1);

/** Why a folder or file cannot be packed: a mistake of the caller's, fit to be shown as it is. */
export class PackError extends Error {
  readonly code = "PackError";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PackError";
  }
}

export interface PackOptions {
  /** How much time compression may take: 0 is none, for a zip that stays on this machine. */
  readonly level?: 0 | 1 | 6;
}

/**
 * Zips a folder, or a single module file, the same way each time. Symbolic links are followed inside of the
 * folder and refused where they lead out of it; `.git` and `.brisk` stay out.
 * @param path A folder, or a file that ends in .js, .mjs, .cjs, .ts, .mts, .cts, .tsx or .jsx.
 * @throws {PackError}
 */
export async function packFolder(path: string, { level = 6 }: PackOptions = {}): Promise<Uint8Array> {
  const root = await realpath(path).catch((error: unknown) => {
    throw new PackError(`Cannot pack ${path}: there is no such file or folder`, { cause: error });
  });
  // Without a prototype: a file may be called __proto__.
  const collected: Collected = { root, files: Object.create(null), bytes: 0 };
  if ((await stat(root)).isDirectory()) {
    await addFolder(root, new Set(), collected);
    if (Object.keys(collected.files).length === 0)
      throw new PackError(`Cannot pack ${path}: the folder has no files`);
  } else {
    if (!moduleExtensions.test(path)) {
      throw new PackError(`Cannot pack ${path}: a single file must end in .js, .mjs, .cjs or .ts`);
    }
    await addFile(root, basename(path), collected);
  }
  return new Promise((resolve, reject) => {
    zip(collected.files, { level, mtime: fixedTime, os: 3, attrs: 0o100644 << 16 }, (error, bytes) =>
      error === null ? resolve(bytes) : reject(error),
    );
  });
}

interface Collected {
  readonly root: string;
  readonly files: Record<string, Uint8Array>;
  bytes: number;
}

/** @param above The real paths of the folders that this one lies in: a link to one of them would never end. */
async function addFolder(folder: string, above: ReadonlySet<string>, collected: Collected): Promise<void> {
  const real = await realpath(folder);
  if (above.has(real))
    throw new PackError(`Cannot pack ${folder}: the symbolic link leads to a folder that it lies in`);
  const names = (await readdir(folder)).filter((name) => !excluded.has(name)).sort();
  for (const name of names) {
    const file = join(folder, name);
    if ((await lstat(file)).isSymbolicLink()) await checkLink(file, collected.root);
    const info = await stat(file);
    if (info.isDirectory()) await addFolder(file, new Set([...above, real]), collected);
    else if (info.isFile())
      await addFile(file, relative(collected.root, file).split(sep).join("/"), collected);
  }
}

async function addFile(file: string, name: string, collected: Collected): Promise<void> {
  collected.bytes += (await stat(file)).size;
  if (collected.bytes > maxUnzippedBytes) {
    throw new PackError(
      `Cannot pack ${collected.root}: its files have more than ${maxUnzippedBytes} bytes, the limit of Lambda`,
    );
  }
  collected.files[name] = await readFile(file);
}

async function checkLink(file: string, root: string): Promise<void> {
  const target = await realpath(file).catch((error: unknown) => {
    throw new PackError(`Cannot pack ${file}: the symbolic link leads nowhere`, { cause: error });
  });
  if (target !== root && !target.startsWith(root + sep)) {
    throw new PackError(`Cannot pack ${file}: the symbolic link leads out of the folder, to ${target}`);
  }
}
