import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import type { VersionSpec } from "../model/version.ts";
import type { SealedStore } from "./sealed-store.ts";
import { SealedStoreError } from "./sealed-store-error.ts";
import { snapshotKey } from "./snapshot-key.ts";

/** Of what is stored: V8's bytecode, as it is. */
const format = 1;
/** Versions that are known to have none, so that their cold starts needn't ask the disk. */
const maxAbsent = 10_000;

/**
 * V8's bytecode of versions' bundles: what one host made of a version is given to other hosts for that version and to
 * no other, since a guest that broke out of its isolate could have forged it.
 */
export class CodeCaches {
  readonly #store: SealedStore;
  readonly #baseHash: string;
  readonly #onBug: (error: unknown) => void;
  /** By the keys of VersionSpecs. */
  readonly #absent = new LRUCache<string, true>({ max: maxAbsent });
  #kept = 0;
  #rejected = 0;

  private constructor(store: SealedStore, baseHash: string, onBug: (error: unknown) => void) {
    this.#store = store;
    this.#baseHash = baseHash;
    this.#onBug = onBug;
  }

  /** @param guestDir The folder of the guest heap: V8 takes bytecode only in isolates of the very heap it was made in. */
  static async open(
    store: SealedStore,
    guestDir: string,
    onBug: (error: unknown) => void,
  ): Promise<CodeCaches> {
    const base = await readFile(join(guestDir, "base.snapshot"));
    return new CodeCaches(store, createHash("sha256").update(base).digest("hex"), onBug);
  }

  /** Since the start: caches that hosts made, and those that V8 refused to take. */
  get figures(): { readonly kept: number; readonly rejected: number } {
    return { kept: this.#kept, rejected: this.#rejected };
  }

  /** From memory, or from disk; undefined where there is none. Never rejects. */
  find(spec: VersionSpec): Uint8Array | Promise<Uint8Array | undefined> | undefined {
    if (this.#absent.has(spec.key)) return undefined;
    const key = this.#keyOf(spec);
    return (
      this.#store.peek("code-cache", key) ??
      this.#store.read("code-cache", key).then(
        (bytes) => {
          if (bytes === undefined) this.#absent.set(spec.key, true);
          return bytes;
        },
        (error: unknown) => {
          this.#onBug(error);
          return undefined;
        },
      )
    );
  }

  /** @param bytes Must not change any more. */
  keep(spec: VersionSpec, bytes: Uint8Array): void {
    this.#store.put("code-cache", this.#keyOf(spec), bytes, {}).then(
      () => {
        this.#kept++;
        this.#absent.delete(spec.key);
      },
      (error: unknown) => {
        // A full disk, or the server closes: another host makes it again.
        if (!(error instanceof SealedStoreError)) this.#onBug(error);
      },
    );
  }

  /** V8 refused it. */
  rejected(spec: VersionSpec): void {
    this.#rejected++;
    this.forget(spec);
  }

  /** The version is not wanted any more. */
  forget(spec: VersionSpec): void {
    this.#absent.set(spec.key, true);
    this.#store.remove("code-cache", this.#keyOf(spec)).catch(this.#onBug);
  }

  /** What is stored of other versions, of another V8 or of other code of the guest goes. */
  async sweep(wanted: Iterable<VersionSpec>): Promise<void> {
    // To work out the key of every version takes its time at each start.
    if (!this.#store.has("code-cache")) return;
    const keys = new Set(Array.from(wanted, (spec) => this.#keyOf(spec)));
    await this.#store.sweep(({ kind, key }) => kind !== "code-cache" || keys.has(key));
  }

  #keyOf(spec: VersionSpec): string {
    return snapshotKey({
      format,
      baseHash: this.#baseHash,
      bundleHash: spec.bundle.hash,
      configuration: { version: spec.key },
      v8: process.versions.v8,
      flags: ["--no-node-snapshot"],
      arch: process.arch,
    });
  }
}
