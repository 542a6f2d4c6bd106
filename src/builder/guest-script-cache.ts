import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

const unusedMs = 7 * 24 * 3600 * 1000;

/**
 * Scripts that were once made of the same texts in the same way: bundling the guest takes some 20 s of CPU time, and
 * most changes of it concern one module of two hundred.
 */
export class GuestScriptCache {
  readonly #dir: string;
  readonly #salt: string;
  #made = 0;

  /** @param salt What every script depends on besides its own texts. */
  constructor(dir: string, salt: string) {
    this.#dir = dir;
    this.#salt = salt;
  }

  /** @param texts What the script follows from, in their order. */
  async get(texts: readonly string[], make: () => Promise<string>): Promise<string> {
    const hash = createHash("sha256").update(this.#salt);
    for (const text of texts) hash.update(`\n${text.length}\n`).update(text);
    const file = join(this.#dir, `${hash.digest("hex").slice(0, 40)}.js`);
    try {
      const known = await readFile(file, "utf8");
      const { mtimeMs } = await stat(file);
      if (Date.now() - mtimeMs > unusedMs / 7) await utimes(file, new Date(), new Date());
      return known;
    } catch {
      // Not there, or not ours to read: it is made anew.
    }
    const script = await make();
    this.#made++;
    await this.#keep(file, script);
    return script;
  }

  /** Whole or not at all: others may be reading. Where nothing can be written there is no cache. */
  async #keep(file: string, script: string): Promise<void> {
    const temporary = `${file}.${randomBytes(6).toString("hex")}`;
    try {
      await mkdir(this.#dir, { recursive: true });
      await writeFile(temporary, script);
      await rename(temporary, file);
    } catch {
      await rm(temporary, { force: true }).catch(() => {});
    }
  }

  /** Removes what nobody asked for in a week. Only after something was added. */
  async clean(): Promise<void> {
    if (this.#made === 0) return;
    for (const name of await readdir(this.#dir).catch((): string[] => [])) {
      const file = join(this.#dir, name);
      const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs > unusedMs) await rm(file, { force: true });
    }
  }
}
