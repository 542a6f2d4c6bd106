import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { LRUCache } from "lru-cache";
import type { Config } from "../config.ts";
import type { Bundle, BundleText, StoredContent } from "../model/version.ts";
import { guestDir, programExtension, programPath } from "../program.ts";
import type { SealingKey } from "../sealing/index.ts";
import { type BuilderJobOptions, runBuilderJob } from "./builder-job.ts";
import { type BuilderLimits, spawnBuilder } from "./builder-process.ts";
import { BundleCache, type NewBundle } from "./bundle-cache.ts";
import { BundleError, type BundleJob, type BundleRequest, type Bundler } from "./bundler.ts";
import type { FilePackStore } from "./file-pack-store.ts";
import { JobSlots } from "./job-slots.ts";

/** Longer than a build may take, and than what follows it. */
const recentMs = 30 * 60_000;

export interface BundlerOptions {
  /** Folder for bundles; it is made where it does not exist. Nothing else may write to it. */
  readonly cacheDir: string;
  readonly sealing: SealingKey;
  /** Where the files of functions are kept for hosts to read. */
  readonly packs: FilePackStore;
  readonly config: Pick<Config, "builderTimeoutMs" | "builderMemoryMb">;
  /** The Node binary of builder processes; by default this process's. */
  readonly nodePath?: string;
  /** Builders that run at once, default 2: each takes a core and up to twice `builderMemoryMb`. */
  readonly parallelism?: number;
  /** Have the waiting builder make its compiler ready, for builds that somebody waits for. Default false. */
  readonly warmSpare?: boolean;
  /** Keep one builder process waiting, so that a zip's inspection needn't wait for Node to start. Default true. */
  readonly spare?: boolean;
}

export async function createBundler(options: BundlerOptions): Promise<Bundler> {
  const cache = new BundleCache(options.cacheDir, options.sealing);
  await cache.open();
  return new ProcessBundler(options, cache, await readToolVersion());
}

class ProcessBundler implements Bundler {
  readonly #options: BundlerOptions;
  readonly #cache: BundleCache;
  readonly #toolVersion: string;
  readonly #limits: BuilderLimits;
  readonly #slots: JobSlots;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  /** Keys of bundles that were asked for lately: whoever has one may be about to use it. */
  readonly #recent = new LRUCache<string, true>({ max: 100_000, ttl: recentMs });
  #spare: ChildProcess | undefined;

  constructor(options: BundlerOptions, cache: BundleCache, toolVersion: string) {
    this.#options = options;
    this.#cache = cache;
    this.#toolVersion = toolVersion;
    this.#limits = { timeoutMs: options.config.builderTimeoutMs, memoryMb: options.config.builderMemoryMb };
    this.#slots = new JobSlots(options.parallelism ?? 2);
    this.#prepareSpare();
  }

  get version(): string {
    return this.#toolVersion;
  }

  async start(request: BundleRequest): Promise<BundleJob> {
    const signal = request.signal
      ? AbortSignal.any([request.signal, this.#closing.signal])
      : this.#closing.signal;
    signal.throwIfAborted();
    const key = this.#keyOf(request);
    this.#recent.set(key, true);
    const known = (await this.#options.packs.has(key)) ? await this.#cache.find(key) : undefined;
    if (known !== undefined) return { bundle: Promise.resolve(known) };
    const inspected = Promise.withResolvers<void>();
    const bundle = this.#build(key, request, signal, inspected.resolve);
    this.#track(bundle);
    // Fails before the zip is accepted: that is the answer of start() itself.
    bundle.catch(inspected.reject);
    await inspected.promise;
    return { bundle };
  }

  async inspect(layer: StoredContent): Promise<void> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const job = { kind: "inspect", zips: 1 } as const;
    const inspection = this.#run({ job, zips: [layer], signal }, async () => {});
    this.#track(inspection);
    await inspection;
  }

  read(bundle: Bundle): Promise<BundleText> {
    this.#recent.set(bundle.key, true);
    return this.#cache.read(bundle);
  }

  async keys(): Promise<ReadonlySet<string>> {
    const [bundles, packs] = await Promise.all([this.#cache.keys(), this.#options.packs.names()]);
    return bundles.intersection(packs);
  }

  async sweep(keep: readonly Bundle[]): Promise<void> {
    const kept = new Set(keep.map(({ key }) => key));
    // What is asked for while files go is recent from then on.
    const isKept = (key: string) => kept.has(key) || this.#recent.has(key);
    await this.#cache.sweep(isKept);
    await this.#options.packs.sweep(isKept);
  }

  async close(): Promise<void> {
    this.#closing.abort(
      new BundleError("BundlerClosed", "Cannot bundle the function: the server is shutting down"),
    );
    this.#spare?.kill("SIGKILL");
    await Promise.allSettled(this.#running);
  }

  async #build(
    key: string,
    { handler, runtime, code, layers = [] }: BundleRequest,
    signal: AbortSignal,
    onInspected: () => void,
  ): Promise<Bundle> {
    const zips = [code, ...layers];
    const job = { kind: "bundle", handler, runtime, zips: zips.length } as const;
    const pack = await this.#options.packs.begin(key);
    try {
      return await this.#run({ job, zips, pack, signal, onInspected }, (made) => {
        if (made === undefined) throw new Error("a builder ended its job without a bundle");
        return this.#cache.put(key, made);
      });
    } finally {
      await pack.close();
    }
  }

  async #run<T>(
    parts: Pick<BuilderJobOptions, "job" | "zips" | "pack" | "signal"> & {
      readonly onInspected?: () => void;
    },
    use: (made: NewBundle | undefined) => Promise<T>,
  ): Promise<T> {
    const release = await this.#slots.acquire(parts.signal);
    try {
      const child = this.#takeBuilder();
      const made = await runBuilderJob({ onInspected: () => {}, ...parts, child, limits: this.#limits });
      return await use(made);
    } finally {
      release();
      this.#prepareSpare();
    }
  }

  #takeBuilder(): ChildProcess {
    const spare = this.#spare;
    this.#spare = undefined;
    const usable =
      spare !== undefined && spare.exitCode === null && spare.signalCode === null && spare.pid !== undefined;
    if (!usable) return spawnBuilder(this.#limits, this.#options.nodePath);
    setReferenced(spare, true);
    return spare;
  }

  #prepareSpare(): void {
    if (this.#options.spare === false || this.#spare !== undefined || this.#closing.signal.aborted) return;
    const isWarm = this.#options.warmSpare === true;
    this.#spare = spawnBuilder(this.#limits, this.#options.nodePath, { isWarm });
    // One that cannot start shows it when it is needed.
    this.#spare.on("error", () => {});
    setReferenced(this.#spare, false);
  }

  /**
   * The same zip may serve handlers in different files, and another bundler makes another bundle of it. Where in its layers
   * modules are looked for depends on the runtime.
   */
  #keyOf({ code, layers = [], handler, runtime }: BundleRequest): string {
    const parts = [code.hash, handler, this.#toolVersion, runtime, layers.map(({ hash }) => hash)];
    return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  }

  #track(build: Promise<unknown>): void {
    this.#running.add(build);
    const forget = () => void this.#running.delete(build);
    build.then(forget, forget);
  }
}

/** A waiting spare must not keep the process alive that waits for it. */
function setReferenced(child: ChildProcess, referenced: boolean): void {
  for (const handle of [child, child.stdin, child.stdout, child.stderr]) {
    const { ref, unref } = (handle ?? {}) as { ref?: () => void; unref?: () => void };
    if (referenced) ref?.call(handle);
    else unref?.call(handle);
  }
}

/** A hash of everything besides the zip and the handler that decides what a bundle looks like. */
async function readToolVersion(): Promise<string> {
  const hash = createHash("sha256");
  const require = createRequire(import.meta.url);
  hash.update(await readFile(require.resolve("esbuild-wasm/package.json")));
  const modules = join(guestDir(), "bundle");
  for (const dir of [dirname(programPath("builder")), modules, join(modules, "lazy")]) {
    const names = (await readdir(dir)).filter((name) => extname(name) === programExtension());
    for (const name of names.sort()) hash.update(await readFile(join(dir, name)));
  }
  return hash.digest("hex").slice(0, 32);
}
