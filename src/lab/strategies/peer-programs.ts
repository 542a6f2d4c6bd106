import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findPackageRoot } from "../../package-root.ts";

export type PeerName = "workerd" | "deno" | "bun";

const { platform, arch } = process;
/** Each of them has its program in a package for the platform, which the package of its own name depends on. */
const packages: Readonly<Record<PeerName, readonly [name: string, file: string]>> = {
  workerd: [`@cloudflare/workerd-${platform}-${arch === "x64" ? "64" : arch}`, "bin/workerd"],
  deno: [`@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`, "deno"],
  bun: [`@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}`, "bin/bun"],
};

/** Where `npm run bench:cold` installs them. */
export const peersFolder = fileURLToPath(new URL("bench/.peers", findPackageRoot()));

/** The program of a peer: as a package beside the current folder or ours, else by PATH. */
export function findPeer(name: PeerName): string | undefined {
  const [packageName, file] = packages[name];
  const folders = [process.cwd(), peersFolder, fileURLToPath(findPackageRoot())];
  const candidates = folders.flatMap((folder) => {
    const require = createRequire(join(folder, "noop.js"));
    const homes = [...(require.resolve.paths(packageName) ?? []).map((base) => join(base, packageName))];
    try {
      // Of a package of a package, where they are not hoisted.
      const parent = dirname(require.resolve(`${name}/package.json`));
      homes.push(join(parent, "node_modules", packageName));
    } catch {
      // It is not installed there.
    }
    return homes.map((home) => join(home, file));
  });
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name));
  return [...candidates, ...onPath].find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
