/**
 * The program that makes the guest heap: `guest-main source|scripts DIR OUT_DIR`. It bundles our own guest code (or
 * takes the scripts that the package ships), freezes the base script into a V8 snapshot, tries it, and makes code
 * caches of the modules. It runs no user code, so it needs none of the builder's walls.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ivm from "isolated-vm";
import { type CodeCacheHashes, codeCacheFile, codeCacheHash, moduleFile } from "../model/guest-files.ts";
import { makeCodeCaches } from "./guest-code-caches.ts";
import type { GuestScripts } from "./guest-scripts.ts";

const [kind, source, out] = process.argv.slice(2);
if ((kind !== "source" && kind !== "scripts") || source === undefined || out === undefined) {
  throw new TypeError("Usage: guest-main source|scripts DIR OUT_DIR");
}
const scripts = kind === "source" ? await fromSource(source) : await fromScripts(source);
await mkdir(join(out, "modules"), { recursive: true });
await writeFile(join(out, "modules.json"), JSON.stringify([...scripts.modules.keys()]));
await writeFile(join(out, "base.js"), scripts.base);
for (const [specifier, script] of scripts.modules)
  await writeFile(join(out, "modules", moduleFile(specifier)), script);
await writeFile(join(out, "base.snapshot"), freeze(scripts.base));
await writeFile(join(out, "code-caches.json"), JSON.stringify(await writeCodeCaches(out)));

async function fromSource(dir: string): Promise<GuestScripts> {
  // Loaded here only: an installed package has the scripts, and no bundler at hand for ours.
  const { bundleGuest } = await import("./guest-scripts.ts");
  return bundleGuest(dir);
}

async function fromScripts(dir: string): Promise<GuestScripts> {
  const names = JSON.parse(await readFile(join(dir, "modules.json"), "utf8")) as string[];
  const modules = new Map<string, string>();
  for (const name of names) modules.set(name, await readFile(join(dir, "modules", moduleFile(name)), "utf8"));
  return { base: await readFile(join(dir, "base.js"), "utf8"), modules };
}

function freeze(base: string): Buffer {
  const snapshot = ivm.Isolate.createSnapshot([{ code: base, filename: "brisk:base" }]);
  const isolate = new ivm.Isolate({ snapshot });
  const context = isolate.createContextSync();
  // A script that threw is frozen half done and in silence: without this mark there is no snapshot.
  if (context.evalSync("typeof __brisk_bind") !== "function") {
    // Evaluating it in the open says what was wrong.
    new ivm.Isolate().createContextSync().evalSync(base, { filename: "brisk:base" });
    throw new Error("Cannot freeze the guest's base: its script did not run to the end");
  }
  isolate.dispose();
  return Buffer.from(snapshot.copy());
}

/** Last, since they are made by using what is there. Without them modules are compiled, so nothing here is fatal. */
async function writeCodeCaches(dir: string): Promise<CodeCacheHashes> {
  const hashes: Record<string, string> = {};
  try {
    const { caches, failures } = await makeCodeCaches(dir);
    for (const [specifier, cache] of caches) {
      await writeFile(join(dir, "modules", codeCacheFile(specifier)), cache);
      hashes[specifier] = codeCacheHash(scripts.modules.get(specifier)!, cache);
    }
    for (const [name, error] of Object.entries(failures)) console.error(`Not cached: ${name}: ${error}`);
  } catch (error) {
    console.error(error);
  }
  return hashes;
}
