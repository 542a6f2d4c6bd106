import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidParameterValueException } from "../src/model/errors.ts";
import type { Bundle, BundleText, StoredContent } from "../src/model/version.ts";
import { DamagedFileError } from "../src/sealing/index.ts";
import { BundleError, type BundleJob, type BundleRequest, type Bundler } from "../src/snapstart/index.ts";
import { textOf } from "./stored-content.ts";

/** A bundler that bundles nothing. A "zip" that starts with `broken` is refused, one with `fails` ends in no bundle. */
export class FakeBundler implements Bundler {
  readonly requests: BundleRequest[] = [];
  version = "fake";
  /** What each sweep had to keep. */
  readonly swept: (readonly Bundle[])[] = [];
  readonly dir: string;
  /** While set, bundles wait for `release`. */
  #gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** @param dir Where bundles go; absent: a temporary folder. */
  static async open(dir?: string): Promise<FakeBundler> {
    return new FakeBundler(dir ?? (await mkdtemp(join(tmpdir(), "brisk-bundles-"))));
  }

  hold(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = { opened: promise, open: resolve };
  }

  release(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  async inspect(layer: StoredContent): Promise<void> {
    await readZip(layer);
  }

  async start(request: BundleRequest): Promise<BundleJob> {
    this.requests.push(request);
    const zips = await Promise.all([request.code, ...(request.layers ?? [])].map(readZip));
    const zip = zips.join(" + ");
    return { bundle: this.#bundle(zip, request) };
  }

  async read({ key }: Bundle): Promise<BundleText> {
    try {
      return { script: await readFile(this.file(key)), map: Buffer.from("{}") };
    } catch (cause) {
      throw new DamagedFileError("Missing", "it is gone", { cause });
    }
  }

  async keys(): Promise<ReadonlySet<string>> {
    return new Set((await readdir(this.dir)).map((name) => name.replace(/\.js$/, "")));
  }

  /** Where the script of a bundle is. */
  file(key: string): string {
    return join(this.dir, `${key}.js`);
  }

  async sweep(keep: readonly Bundle[]): Promise<void> {
    this.swept.push(keep);
  }

  async close(): Promise<void> {
    this.release();
    await rm(this.dir, { recursive: true, force: true });
  }

  async #bundle(zip: string, { handler, signal }: BundleRequest): Promise<Bundle> {
    const gate = this.#gate?.opened;
    if (gate !== undefined) {
      const aborted = new Promise<never>((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
      await Promise.race([gate, aborted]);
    }
    if (zip.startsWith("fails")) throw new BundleError("BuilderTimedOut", "The builder ran out of its 120 s");
    const hash = createHash("sha256").update(`${zip}:${handler}`).digest("hex");
    await writeFile(this.file(hash), zip);
    return { hash, key: hash, builtins: [] };
  }
}

async function readZip(content: StoredContent): Promise<string> {
  const zip = await textOf(content);
  if (!zip.startsWith("broken")) return zip;
  throw new InvalidParameterValueException(
    "Could not unzip uploaded file. Please check your file, then try to upload again.",
  );
}
