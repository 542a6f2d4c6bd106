import { mkdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import { isMissing, ValueSeal, writeFileDurably } from "../sealing/index.ts";

const envelopeSchema = z.strictObject({ sealed: z.base64() });

/**
 * A file about access: sealed as a whole, so that nobody reads a secret or gives himself a policy by editing it; and readable by
 * its owner only.
 */
export class OwnerOnlyFile<T> {
  readonly path: string;
  readonly #seal: ValueSeal;
  readonly #schema: z.ZodType<T>;
  readonly #advice: string;

  /**
   * @param installationKey Secret of this installation, at least 32 bytes.
   * @param schema Of the content, which is JSON.
   * @param advice What to do about a damaged one; follows "it is damaged".
   */
  constructor(path: string, installationKey: Uint8Array, schema: z.ZodType<T>, advice: string) {
    this.path = resolve(path);
    this.#seal = new ValueSeal(installationKey, "brisk files about access");
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
          `Cannot use ${this.path}: others than its owner have access to it (mode ${(mode & 0o777).toString(8)}); run chmod 600 on it`,
        );
      }
      text = await readFile(this.path, "utf8");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    try {
      const { sealed } = envelopeSchema.parse(JSON.parse(text));
      const opened = this.#seal.open(Buffer.from(sealed, "base64"), this.#place);
      return read(this.#schema.parse(JSON.parse(opened.toString("utf8"))));
    } catch (error) {
      throw new Error(`Cannot use ${this.path}: it is damaged ${this.#advice}`, { cause: error });
    }
  }

  /** Whole or not at all, and on disk when it resolves. */
  async write(content: T): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const sealed = this.#seal.seal(JSON.stringify(content), this.#place).toString("base64");
    await writeFileDurably(this.path, `${JSON.stringify({ sealed })}\n`);
  }

  get #place(): readonly string[] {
    return [basename(this.path)];
  }
}
