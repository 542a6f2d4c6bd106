import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { warmBuilder } from "../model/builder-messages.ts";
import { guestDir, nodePath, programPath } from "../program.ts";

export interface BuilderLimits {
  readonly timeoutMs: number;
  /** JavaScript heap, and again the memory of esbuild's WebAssembly instance. */
  readonly memoryMb: number;
}

/** Packages that a builder loads, each from its own folder: nothing else of node_modules is readable to it. */
const packages = [
  "yauzl",
  "es-module-lexer",
  "resolve.exports",
  "esbuild-wasm",
  "@jridgewell/trace-mapping",
  "js-tokens",
];
/** Dependencies of those. */
const nested: readonly (readonly [string, string])[] = [
  ["yauzl", "pend"],
  ["@jridgewell/trace-mapping", "@jridgewell/sourcemap-codec"],
  ["@jridgewell/trace-mapping", "@jridgewell/resolve-uri"],
];
const pagesPerMb = 16;

/**
 * Starts a builder that waits for its job. It may read its program and write nothing; there is no network
 * (from Node 25 on), no child process, no addon and no environment variable.
 * @param options `isWarm`: while it waits it makes its compiler ready, for 40 MB of memory.
 */
export function spawnBuilder(
  limits: BuilderLimits,
  node: string = nodePath(),
  options: { readonly isWarm?: boolean } = {},
): ChildProcess {
  const program = programPath("builder");
  const reads = readablePaths(program).map((path) => `--allow-fs-read=${path}`);
  return spawn(
    node,
    [
      "--no-node-snapshot",
      "--permission",
      ...reads,
      `--max-old-space-size=${limits.memoryMb}`,
      `--wasm-max-mem-pages=${limits.memoryMb * pagesPerMb}`,
      "--no-warnings",
      program,
      ...(options.isWarm ? [warmBuilder] : []),
    ],
    { env: {}, stdio: ["pipe", "pipe", "pipe"], cwd: dirname(program) },
  );
}

function readablePaths(program: string): string[] {
  const builderDir = dirname(program);
  const sourceDir = dirname(builderDir);
  const root = dirname(sourceDir);
  const require = createRequire(import.meta.url);
  const folders = packages.map((name) => packageFolder(require, name));
  for (const [parent, name] of nested)
    folders.push(packageFolder(createRequire(require.resolve(parent)), name));
  return [
    join(builderDir, "*"),
    join(sourceDir, "model", "*"),
    join(guestDir(), "bundle", "*"),
    // Node asks these what kind of module a file is.
    ...[sourceDir, root, dirname(root)].map((folder) => join(folder, "package.json")),
    ...folders.map((folder) => join(folder, "*")),
  ];
}

function packageFolder(require: NodeJS.Require, name: string): string {
  const file = require.resolve(name);
  const end = file.lastIndexOf(join("node_modules", name)) + join("node_modules", name).length;
  return file.slice(0, end);
}
