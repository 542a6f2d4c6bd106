import { cp, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../node_modules", import.meta.url));

interface Manifest {
  dependencies?: Record<string, string>;
}

/**
 * Puts a folder's dependencies, and theirs, into its node_modules: what `npm install` would bring, taken from this
 * repository's own, so that no test needs a registry.
 */
export async function withDependencies(folder: string): Promise<void> {
  const done = new Set<string>();
  const pending = await dependenciesOf(folder);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (done.has(name)) continue;
    done.add(name);
    const target = join(folder, "node_modules", name);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(root, name), target, { recursive: true });
    pending.push(...(await dependenciesOf(join(root, name))));
  }
}

async function dependenciesOf(folder: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
  return Object.keys(manifest.dependencies ?? {});
}
