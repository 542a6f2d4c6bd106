import { mkdir, readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { isMissing, writeFileDurably } from "../sealing/index.ts";

/** A JSON file about access: readable by its owner only, and never read when others could have written it. */
export class OwnerOnlyFile<T> {
  readonly path: string;
  readonly #schema: z.ZodType<T>;
  readonly #advice: string;

  /** @param advice What to do about a damaged one; follows "it is damaged". */
  constructor(path: string, schema: z.ZodType<T>, advice: string) {
    this.path = resolve(path);
    this.#schema = schema;
    this.#advice = advice;
  }

  /**
   * @param read Makes of its content what is wanted; what it throws is a damage.
   * @returns undefined when there is no file yet.
   * @throws {Error} Others have access to it, or it does not hold what was written.
   */
  async read<R>(read: (content: T) => R): Promise<R | undefined> {
    let text: string;
    try {
      const { mode } = await stat(this.path);
      if ((mode & 0o077) !== 0) {
        throw new Error(
          `Cannot use ${this.path}: others than its owner have access to it (mode ${(mode & 0o777).toString(8)}); run chmod 600 on it, and if anyone may have read it, replace the keys`,
        );
      }
      text = await readFile(this.path, "utf8");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    try {
      return read(this.#schema.parse(JSON.parse(text)));
    } catch (error) {
      throw new Error(`Cannot use ${this.path}: it is damaged ${this.#advice}`, { cause: error });
    }
  }

  /** Whole or not at all, and on disk when it resolves. */
  async write(content: T): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    await writeFileDurably(this.path, `${JSON.stringify(content, null, 2)}\n`);
  }
}
