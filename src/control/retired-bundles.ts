import type { Bundle } from "../model/version.ts";
import type { Bundler } from "../snapstart/index.ts";

/**
 * The last environment of a version may run an event of 15 minutes, and read its files until it ends. Longer than the
 * bundler spares what was read lately ({@link Bundler.sweep}): no later sweep may come.
 */
const defaultDelayMs = 35 * 60_000;

export interface RetiredBundlesOptions {
  readonly bundler: Pick<Bundler, "sweep">;
  /** What versions run now. */
  readonly inUse: () => readonly Bundle[];
  readonly onBug: (error: unknown) => void;
  /** Default 35 minutes. */
  readonly delayMs?: number;
}

/** Bundles that no version runs any more. They go from the disk when no environment can, either. */
export class RetiredBundles {
  readonly #options: RetiredBundlesOptions;
  readonly #retired = new Map<Bundle, number>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: RetiredBundlesOptions) {
    this.#options = options;
  }

  add(bundle: Bundle): void {
    if (this.#isClosed) return;
    this.#retired.set(bundle, performance.now());
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    const { delayMs = defaultDelayMs } = this.#options;
    this.#timer ??= setTimeout(() => void this.#sweep(delayMs), delayMs).unref();
  }

  async #sweep(delayMs: number): Promise<void> {
    const { bundler, inUse, onBug } = this.#options;
    for (const [bundle, atMs] of this.#retired) {
      if (performance.now() - atMs >= delayMs) this.#retired.delete(bundle);
    }
    try {
      await bundler.sweep([...inUse(), ...this.#retired.keys()]);
    } catch (error) {
      onBug(error);
    }
    this.#timer = undefined;
    if (this.#retired.size > 0 && !this.#isClosed) this.#schedule();
  }
}
