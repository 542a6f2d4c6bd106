import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The kinds of child process; each lies in the folder of its name. */
export type ProgramName = "host" | "builder";

// In the checkout this file is src/program.ts and programs are TypeScript; in the published package it is
// dist/src/program.js and they are JavaScript. The layout below src's parent is the same in both.
const thisFile = fileURLToPath(import.meta.url);
const sourceDir = dirname(thisFile);

/** Absolute path of a child process's program. */
export function programPath(name: ProgramName): string {
  return join(sourceDir, name, `main${extname(thisFile)}`);
}

/** The Node binary for child processes: the one that runs this process. */
export function nodePath(): string {
  return process.execPath;
}

/** Absolute path of the folder of guest code. */
export function guestDir(): string {
  return join(dirname(sourceDir), "snapshots");
}

/** `.ts` in the checkout, `.js` in the published package. */
export function programExtension(): ".ts" | ".js" {
  return extname(thisFile) === ".ts" ? ".ts" : ".js";
}

/** Absolute path of the node_modules folder that our dependencies lie in, whoever installed us. */
export function nodeModulesDir(): string {
  const dir = createRequire(import.meta.url).resolve("isolated-vm/package.json");
  return dirname(dirname(dir));
}
