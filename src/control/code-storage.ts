import type { StoredContent } from "../model/version.ts";
import type { Store } from "../store/index.ts";
import type { LayerVersionRecord } from "./layer-records.ts";
import type { Code, Configuration, VersionRecord } from "./records.ts";

/** Keeps a zip while it is read or before a version has it. */
export interface CodeHold extends Disposable {
  readonly code: Code;
  /** The zip. Reading it checks every bit of it. */
  readonly content: StoredContent;
}

/** Keeps the zips of a configuration's layers. */
export interface LayerHold extends Disposable {
  /** In the function's order. */
  readonly contents: readonly StoredContent[];
}

/**
 * The zips of all versions and layers, each held by whoever needs it: versions, what still serves, layer versions, a
 * build. When the last one lets go the blob is deleted. Deleting and putting never overlap: a zip that comes again while its blob
 * goes would otherwise be acknowledged and then lost.
 */
export class CodeStorage {
  readonly #store: Store;
  readonly #onBug: (error: unknown) => void;
  readonly #holders = new Map<string, number>();
  readonly #unheld = new Set<string>();
  #putsRunning = 0;
  #deleting: Promise<void> | undefined;

  /** @param onBug Told when a blob could not be deleted: it then stays until the next start. */
  constructor(store: Store, onBug: (error: unknown) => void) {
    this.#store = store;
    this.#onBug = onBug;
  }

  async put(zip: Uint8Array): Promise<CodeHold> {
    while (this.#deleting !== undefined) await this.#deleting;
    this.#putsRunning++;
    try {
      const { hash, bytes } = await this.#store.putBlob(zip);
      return this.hold({ hash, bytes });
    } finally {
      this.#putsRunning--;
      this.#deleteUnheld();
    }
  }

  hold(code: Code): CodeHold {
    this.#retain(code.hash);
    let held = true;
    return {
      code,
      content: { hash: code.hash, read: () => this.#store.readBlob(code.hash) },
      [Symbol.dispose]: () => {
        if (held) this.#release(code.hash);
        held = false;
      },
    };
  }

  /** As `hold`, of all layers of a configuration. */
  holdLayers({ layers = [] }: Pick<Configuration, "layers">): LayerHold {
    const holds = layers.map(({ code }) => this.hold(code));
    return {
      contents: holds.map(({ content }) => content),
      [Symbol.dispose]: () => {
        for (const hold of holds) hold[Symbol.dispose]();
      },
    };
  }

  /** A zip by its hash; undefined when there is none. @throws {DamagedFileError} */
  async find(hash: string): Promise<{ readonly bytes: number; readonly content: StoredContent } | undefined> {
    const bytes = await this.#store.blobBytes(hash);
    return bytes === undefined
      ? undefined
      : { bytes, content: { hash, read: () => this.#store.readBlob(hash) } };
  }

  /** Follows the versions: whatever one of them needs is kept. */
  versionChanged(before: VersionRecord | undefined, after: VersionRecord | undefined): void {
    for (const hash of hashesOf(after)) this.#retain(hash);
    for (const hash of hashesOf(before)) this.#release(hash);
  }

  /** As versions; what functions have of a deleted one is among what they need. */
  layerVersionChanged(before: LayerVersionRecord | undefined, after: LayerVersionRecord | undefined): void {
    if (after !== undefined) this.#retain(after.code.hash);
    if (before !== undefined) this.#release(before.code.hash);
  }

  /** Deletes what a crash left without a version. Call once, after versions and layers are loaded. */
  async sweep(): Promise<void> {
    for (const hash of await this.#store.listBlobs()) if (!this.#holders.has(hash)) this.#unheld.add(hash);
    this.#deleteUnheld();
    await this.settled();
  }

  /** Resolves when the deletions under way have ended. */
  async settled(): Promise<void> {
    await this.#deleting;
  }

  #retain(hash: string): void {
    this.#holders.set(hash, (this.#holders.get(hash) ?? 0) + 1);
  }

  #release(hash: string): void {
    const holders = (this.#holders.get(hash) ?? 0) - 1;
    if (holders > 0) {
      this.#holders.set(hash, holders);
      return;
    }
    this.#holders.delete(hash);
    this.#unheld.add(hash);
    this.#deleteUnheld();
  }

  #deleteUnheld(): void {
    if (this.#putsRunning > 0 || this.#deleting !== undefined || this.#unheld.size === 0) return;
    // Some may be held again by now.
    const hashes = [...this.#unheld].filter((hash) => !this.#holders.has(hash));
    this.#unheld.clear();
    this.#deleting = Promise.all(hashes.map((hash) => this.#store.deleteBlob(hash)))
      .then(() => undefined, this.#onBug)
      .finally(() => {
        this.#deleting = undefined;
        this.#deleteUnheld();
      });
  }
}

function hashesOf(version: VersionRecord | undefined): readonly string[] {
  const parts = version === undefined ? [] : [version, ...(version.serving ? [version.serving] : [])];
  return parts.flatMap(({ code, configuration }) => [
    code.hash,
    ...(configuration.layers ?? []).map((layer) => layer.code.hash),
  ]);
}
