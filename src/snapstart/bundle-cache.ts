import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import type { Bundle } from "../model/version.ts";

const recordSchema = z.strictObject({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  mapHash: z.string().regex(/^[0-9a-f]{64}$/),
  builtins: z.array(z.string()),
});

/** A finished script and map in a temporary folder, with the hashes of what was written there. */
export interface NewBundle {
  readonly scriptFile: string;
  readonly mapFile: string;
  readonly hash: string;
  readonly mapHash: string;
  readonly builtins: readonly string[];
}

/**
 * Bundles on disk: scripts and maps under the hash of their bytes, and one record for each key that says which
 * belong to it. Whatever a file's name promises is checked before it is used again.
 */
export class BundleCache {
  readonly #dir: string;
  readonly #temporaryDir: string;

  constructor(dir: string) {
    this.#dir = dir;
    this.#temporaryDir = join(dir, "tmp");
  }

  /** Makes the folders, and removes what an earlier process left half-made. */
  async open(): Promise<void> {
    await rm(this.#temporaryDir, { recursive: true, force: true });
    await mkdir(this.#temporaryDir, { recursive: true });
  }

  async find(key: string): Promise<Bundle | undefined> {
    try {
      const record = recordSchema.parse(JSON.parse(await readFile(this.#recordFile(key), "utf8")));
      const bundle = this.#bundle(record);
      const [hash, mapHash] = await Promise.all([hashFile(bundle.scriptFile), hashFile(bundle.mapFile)]);
      return hash === record.hash && mapHash === record.mapHash ? bundle : undefined;
    } catch {
      // Missing or damaged: it is made anew, and put in the place of what is there.
      return undefined;
    }
  }

  /** A folder for one job's files; the caller removes it. */
  temporaryFolder(): Promise<string> {
    return mkdtemp(join(this.#temporaryDir, "job-"));
  }

  /** Each file appears under its name whole or not at all; the record comes last. */
  async put(key: string, made: NewBundle): Promise<Bundle> {
    const record = { hash: made.hash, mapHash: made.mapHash, builtins: [...made.builtins] };
    const bundle = this.#bundle(record);
    await rename(made.mapFile, bundle.mapFile);
    const recordFile = `${made.scriptFile}.json`;
    await writeFile(recordFile, JSON.stringify(record));
    await rename(made.scriptFile, bundle.scriptFile);
    await rename(recordFile, this.#recordFile(key));
    return bundle;
  }

  /** Removes all bundles but these, and the records that name others. */
  async sweep(keep: readonly Bundle[]): Promise<void> {
    const kept = new Set(
      keep.flatMap(({ scriptFile, mapFile }) => [basename(scriptFile), basename(mapFile)]),
    );
    for (const name of await readdir(this.#dir)) {
      const needed = name.endsWith(".json") ? await this.#isWhole(name, kept) : kept.has(name);
      if (!needed && /\.(js|map|json)$/.test(name)) await rm(join(this.#dir, name), { force: true });
    }
  }

  async #isWhole(recordName: string, kept: ReadonlySet<string>): Promise<boolean> {
    try {
      const record = recordSchema.parse(JSON.parse(await readFile(join(this.#dir, recordName), "utf8")));
      return kept.has(`${record.hash}.js`) && kept.has(`${record.mapHash}.map`);
    } catch {
      return false;
    }
  }

  #bundle(record: z.output<typeof recordSchema>): Bundle {
    return {
      hash: record.hash,
      scriptFile: join(this.#dir, `${record.hash}.js`),
      mapFile: join(this.#dir, `${record.mapHash}.map`),
      builtins: record.builtins,
    };
  }

  #recordFile(key: string): string {
    return join(this.#dir, `${key}.json`);
  }
}

/** SHA-256 of a file, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
