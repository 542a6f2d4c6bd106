import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidParameterValueException } from "../src/model/errors.ts";
import type { Bundle } from "../src/model/version.ts";
import { BundleError, type BundleJob, type BundleRequest, type Bundler } from "../src/snapstart/index.ts";

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

  async inspect(layerFile: string): Promise<void> {
    await readZip(layerFile);
  }

  async start(request: BundleRequest): Promise<BundleJob> {
    this.requests.push(request);
    const zips = await Promise.all([request.codeFile, ...(request.layerFiles ?? [])].map(readZip));
    const zip = zips.join(" + ");
    return { bundle: this.#bundle(zip, request) };
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
    const scriptFile = join(this.dir, `${hash}.js`);
    const mapFile = `${scriptFile}.map`;
    if (!existsSync(scriptFile)) {
      await writeFile(scriptFile, zip);
      await writeFile(mapFile, "{}");
    }
    return { hash, scriptFile, mapFile, builtins: [] };
  }
}

async function readZip(file: string): Promise<string> {
  const zip = await readFile(file, "utf8");
  if (!zip.startsWith("broken")) return zip;
  throw new InvalidParameterValueException(
    "Could not unzip uploaded file. Please check your file, then try to upload again.",
  );
}
