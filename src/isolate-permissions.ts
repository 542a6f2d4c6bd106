import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isolateFlags } from "./isolate-flags.ts";
import { type ProgramName, programPath } from "./program.ts";

/** The packages that a program with isolates loads. */
const packages = [
  "isolated-vm",
  "node-gyp-build",
  "@jridgewell/trace-mapping",
  "@jridgewell/resolve-uri",
  "@jridgewell/sourcemap-codec",
];

/**
 * Node's flags for a process that runs guests: those of isolates, and the permission model. It may read its program
 * and the guest heap, and load isolated-vm's addon. No network, no other file, no child process.
 */
export function isolatePermissions(program: ProgramName, guestDir: string): string[] {
  const sourceDir = dirname(dirname(programPath(program)));
  const root = packageRoot(sourceDir);
  const require = createRequire(join(sourceDir, "noop.js"));
  const readable = [
    dirname(programPath(program)),
    join(sourceDir, "model"),
    join(root, "package.json"),
    guestDir,
  ];
  // Where a package lies depends on who installed us; a package of a package may lie inside it.
  let from = require;
  for (const name of packages) {
    const dir = packageDir(from, name) ?? packageDir(require, name);
    if (dir === undefined) continue;
    readable.push(dir);
    if (name === "@jridgewell/trace-mapping") from = createRequire(join(dir, "noop.js"));
  }
  // node-gyp-build looks at it to tell musl from glibc, and gives up when it may not.
  readable.push("/etc/alpine-release");
  return [
    ...isolateFlags,
    "--permission",
    "--allow-addons",
    "--disable-warning=SecurityWarning",
    // Of what functions do with WebCrypto: algorithms that are new, and keys that the guest keeps as bytes.
    "--disable-warning=ExperimentalWarning",
    "--disable-warning=DEP0204",
    ...readable.map((path) => `--allow-fs-read=${path}`),
  ];
}

function packageDir(require: NodeJS.Require, name: string): string | undefined {
  for (const base of require.resolve.paths(name) ?? []) {
    const dir = join(base, name);
    if (existsSync(join(dir, "package.json"))) return realpathSync(dir);
  }
  return undefined;
}

/** The folder with our package.json: `src` in the checkout, `dist/src` in the published package. */
function packageRoot(sourceDir: string): string {
  let dir = sourceDir;
  while (!existsSync(join(dir, "package.json"))) dir = dirname(dir);
  return dir;
}
