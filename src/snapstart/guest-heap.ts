import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { access, glob, mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isolateFlags } from "../isolate-flags.ts";
import { guestDir, nodeModulesDir, nodePath, programPath } from "../program.ts";

/**
 * The folder of the guest heap: the frozen base, and the scripts of modules with their code caches. Made once for each
 * V8 and each state of the guest's code, in a process of its own, and found by that hash afterwards.
 * @param cacheDirs Folders for what can be made again, the preferred one first; the first that can be written is used.
 * @throws {Error} The guest's code could not be bundled or frozen; the message holds what the program said.
 */
export async function ensureGuestHeap(cacheDirs: readonly string[]): Promise<string> {
  const source = guestDir();
  const kind = existsSync(join(source, "main.ts")) ? "source" : "scripts";
  const name = `guest-${await heapKey(source)}`;
  for (const cacheDir of cacheDirs) if (existsSync(join(cacheDir, name))) return join(cacheDir, name);
  const dir = join(await firstWritable(cacheDirs), name);
  // Another server may be making the same: whoever is first renames, the other finds it there.
  const temporary = `${dir}.${randomBytes(6).toString("hex")}`;
  try {
    await run([guestProgram(), kind, source, temporary]);
    await rename(temporary, dir);
  } catch (error) {
    if (!existsSync(dir)) throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return dir;
}

/**
 * Where all data folders of this installation share one heap: beside our packages, as other tools keep theirs.
 * It is trusted as far as those are.
 */
export function sharedCacheDir(): string {
  return join(nodeModulesDir(), ".cache", "brisk");
}

async function firstWritable(dirs: readonly string[]): Promise<string> {
  for (const dir of dirs) {
    try {
      await mkdir(dir, { recursive: true });
      await access(dir, constants.W_OK);
      return dir;
    } catch {
      // An installation that only its owner may write: the data folder is next.
    }
  }
  throw new Error(`Cannot make the guest heap: none of these folders can be written: ${dirs.join(", ")}`);
}

function guestProgram(): string {
  return programPath("builder").replace(/main(\.[jt]s)$/, "guest-main$1");
}

/** A snapshot is tied to the V8 that made it, to its flags and to the architecture: another one would abort on it. */
async function heapKey(source: string): Promise<string> {
  const hash = createHash("sha256");
  hash.update(
    `${process.versions.v8} ${process.versions.modules} ${process.arch} ${process.platform} ${isolateFlags.join(" ")}\n`,
  );
  // What it is made of, and how: another program may use its modules in other ways, or lay out the folder otherwise.
  const parts: [dir: string, pattern: string][] = [
    [source, "**/*.{ts,js,json}"],
    [dirname(guestProgram()), "{guest,node-library}*.{ts,js}"],
  ];
  for (const [dir, pattern] of parts) {
    const files: string[] = [];
    for await (const file of glob(pattern, { cwd: dir })) files.push(file);
    for (const file of files.sort()) hash.update(`${file}\n`).update(await readFile(join(dir, file)));
  }
  return hash.digest("hex").slice(0, 32);
}

function run(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(nodePath(), [...isolateFlags, ...args], {
      env: {},
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-8000);
    });
    child.on("error", reject);
    child.on("exit", (status, signal) => {
      if (status === 0) resolve();
      else reject(new Error(`Cannot make the guest heap: ${signal ?? `exit status ${status}`}\n${said}`));
    });
  });
}
