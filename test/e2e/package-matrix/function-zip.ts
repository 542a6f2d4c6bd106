import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Zippable, zip } from "fflate";

const root = fileURLToPath(new URL("../../..", import.meta.url));

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

/**
 * What a deployment of a module with its node_modules would upload: the packages and all that they need, where npm has
 * put them in this repository, without the files that no program loads.
 */
export async function functionZip(
  files: Record<string, Uint8Array>,
  packages: readonly string[],
): Promise<Uint8Array> {
  const entries: Zippable = { ...files };
  const folders = new Set<string>();
  const pending = packages.map((name) => installed(name, root));
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (folders.has(folder)) continue;
    folders.add(folder);
    for (const path of await modulesOf(folder)) entries[relative(root, path)] = await readFile(path);
    pending.push(...(await dependenciesOf(folder)));
  }
  return new Promise((resolve, reject) => {
    zip(entries, { level: 0 }, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}

/** The package's folder, as a module in `from` would find it. */
function installed(name: string, from: string): string {
  const folder = find(name, from);
  if (folder === undefined) throw new Error(`Cannot find the package ${name} from ${from}: npm install`);
  return folder;
}

function find(name: string, from: string): string | undefined {
  for (let folder = from; folder.startsWith(root.slice(0, -1)); folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(candidate)) return candidate;
  }
  return undefined;
}

async function modulesOf(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile() && /\.([cm]?js|json|node)$/.test(entry.name)) paths.push(path);
    // What npm could not hoist is added where somebody needs it.
    else if (entry.isDirectory() && entry.name !== "node_modules") paths.push(...(await modulesOf(path)));
  }
  return paths;
}

/** Folders of what the package needs, and of what it can use and npm has installed for this machine. */
async function dependenciesOf(folder: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest;
  const peers = Object.keys(peerDependencies).filter(
    (name) => manifest.peerDependenciesMeta?.[name]?.optional !== true,
  );
  const required = Object.keys(dependencies).filter((name) => !(name in optionalDependencies));
  const optional = Object.keys(optionalDependencies).map((name) => find(name, folder));
  return [
    ...[...required, ...peers].map((name) => installed(name, folder)),
    ...optional.filter((found) => found !== undefined),
  ];
}
