import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Bundle, BundleText } from "../model/version.ts";
import {
  DamagedFileError,
  SealedFile,
  type SealedFileName,
  type SealingKey,
  writeSealed,
} from "../sealing/index.ts";

const keyPattern = /^[0-9a-f]{64}$/;
const metaSchema = z.strictObject({
  /** SHA-256 of the script. */
  hash: z.string().regex(keyPattern),
  /** The script, then the map. */
  scriptBytes: z.number().int().min(0),
  builtins: z.array(z.string()),
});

/** A finished script and map, in pieces as they came. */
export interface NewBundle {
  readonly script: readonly Uint8Array[];
  readonly map: readonly Uint8Array[];
  /** SHA-256 of the script, hex. */
  readonly hash: string;
  readonly builtins: readonly string[];
}

/**
 * Bundles on disk, one sealed file each. Reading one checks every bit of it: what is damaged counts as absent and is
 * made anew. Not synced: what a crash of the machine takes is found out in the same way.
 */
export class BundleCache {
  readonly #dir: string;
  readonly #temporaryDir: string;
  readonly #sealing: SealingKey;

  constructor(dir: string, sealing: SealingKey) {
    this.#dir = dir;
    this.#temporaryDir = join(dir, "tmp");
    this.#sealing = sealing;
  }

  /** Makes the folders, and removes what an earlier process left half-made. */
  async open(): Promise<void> {
    await rm(this.#temporaryDir, { recursive: true, force: true });
    await mkdir(this.#temporaryDir, { recursive: true, mode: 0o700 });
  }

  /** undefined where there is none, or none that could be run. */
  async find(key: string): Promise<Bundle | undefined> {
    try {
      const { hash, builtins } = (await this.#load(key)).meta;
      return { hash, key, builtins };
    } catch (error) {
      if (error instanceof DamagedFileError) return undefined;
      throw error;
    }
  }

  /** @throws {DamagedFileError} It is not there, or not as it was made. */
  async read(bundle: Bundle): Promise<BundleText> {
    const { meta, content } = await this.#load(bundle.key);
    // The version's record says what it runs; a file that is whole but another one's is none of it.
    if (meta.hash !== bundle.hash) throw new DamagedFileError("Altered", "it holds another bundle");
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    return { script: bytes.subarray(0, meta.scriptBytes), map: bytes.subarray(meta.scriptBytes) };
  }

  /** It appears under its key whole or not at all. */
  async put(key: string, made: NewBundle): Promise<Bundle> {
    const { hash, builtins } = made;
    const scriptBytes = made.script.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const meta = Buffer.from(JSON.stringify({ hash, scriptBytes, builtins }));
    const temporary = join(this.#temporaryDir, randomUUID());
    try {
      {
        await using handle = await open(temporary, "wx", 0o600);
        await writeSealed(handle, this.#sealing, nameOf(key), meta, [...made.script, ...made.map]);
      }
      await rename(temporary, this.#file(key));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return { hash, key, builtins };
  }

  /** The keys of all bundles that are there, whole or not. */
  async keys(): Promise<ReadonlySet<string>> {
    return new Set((await readdir(this.#dir)).filter((name) => keyPattern.test(name)));
  }

  /** Removes all bundles but those under such keys. @param isKept Asked of each when its turn comes. */
  async sweep(isKept: (key: string) => boolean): Promise<void> {
    for (const key of await this.keys()) if (!isKept(key)) await rm(this.#file(key), { force: true });
  }

  async #load(key: string): Promise<{ meta: z.output<typeof metaSchema>; content: Uint8Array<ArrayBuffer> }> {
    await using file = await SealedFile.open(this.#file(key), this.#sealing, nameOf(key));
    const { meta, content } = await file.readAll();
    const parsed = metaSchema.safeParse(meta);
    if (!parsed.success) throw new DamagedFileError("OtherFormat", "another Brisk wrote it");
    return { meta: parsed.data, content };
  }

  /** @throws {TypeError} When `key` is none: it becomes a path. */
  #file(key: string): string {
    if (!keyPattern.test(key)) throw new TypeError(`Not the key of a bundle: ${JSON.stringify(key)}`);
    return join(this.#dir, key);
  }
}

function nameOf(key: string): SealedFileName {
  return { kind: "bundle", key };
}
