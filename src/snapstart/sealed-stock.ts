import { readdir, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { SealedFileName } from "../sealing/index.ts";

export const sealedKinds = ["snapshot", "code-cache"] as const;
export type SealedKind = (typeof sealedKinds)[number];

export interface SealedName extends SealedFileName {
  readonly kind: SealedKind;
  /** 64 hex digits. */
  readonly key: string;
}

/** One file, from when it took its name until it is removed or another takes the name. */
export interface SealedEntry {
  readonly name: SealedName;
  readonly path: string;
  readonly bytes: number;
  /** Epoch ms. */
  usedAtMs: number;
  /** What the disk knows of it, as the file's modification time. */
  recordedUseMs: number;
  /** Shared by all who read it at the same time. */
  reading?: Promise<Uint8Array | undefined>;
}

/** A file that is used all the time has its use written down this often, and at the end. */
const recordUseEveryMs = 60_000;

/** Which sealed files there are, in the order of their last use. Removes none itself. */
export class SealedStock {
  readonly #dir: string;
  /** By path, the least recently used first. */
  readonly #entries = new Map<string, SealedEntry>();
  #bytes = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws {TypeError} When a part of the name is none: it becomes a path. */
  path({ kind, key }: SealedName): string {
    if (!sealedKinds.includes(kind)) throw new TypeError(`Not a kind: ${JSON.stringify(kind)}`);
    if (!keyPattern.test(key)) throw new TypeError(`Not a key: ${JSON.stringify(key)}`);
    return join(this.#dir, kind, key);
  }

  /** Finds what an earlier process left. */
  async take(): Promise<void> {
    const found: SealedEntry[] = [];
    for (const kind of sealedKinds) {
      for (const file of await readdir(join(this.#dir, kind), { withFileTypes: true })) {
        if (!file.isFile() || !keyPattern.test(file.name)) continue;
        const name = { kind, key: file.name };
        const path = this.path(name);
        const { size, mtimeMs } = await stat(path);
        found.push({ name, path, bytes: size, usedAtMs: mtimeMs, recordedUseMs: mtimeMs });
      }
    }
    for (const entry of found.sort((a, b) => a.usedAtMs - b.usedAtMs)) this.add(entry);
  }

  get(path: string): SealedEntry | undefined {
    return this.#entries.get(path);
  }

  /** The least recently used first. */
  all(): readonly SealedEntry[] {
    return [...this.#entries.values()];
  }

  has(entry: SealedEntry): boolean {
    return this.#entries.get(entry.path) === entry;
  }

  /** Its path is free. */
  add(entry: SealedEntry): void {
    this.#entries.set(entry.path, entry);
    this.#bytes += entry.bytes;
  }

  delete(entry: SealedEntry): void {
    this.#entries.delete(entry.path);
    this.#bytes -= entry.bytes;
  }

  use(entry: SealedEntry, nowMs: number): void {
    entry.usedAtMs = nowMs;
    this.#entries.delete(entry.path);
    this.#entries.set(entry.path, entry);
    if (nowMs - entry.recordedUseMs >= recordUseEveryMs) void recordUse(entry);
  }

  /** So that the next process knows which files are used. */
  async recordUses(): Promise<void> {
    await Promise.all(this.all().map(recordUse));
  }
}

const keyPattern = /^[0-9a-f]{64}$/;

/** Of no consequence when it fails. */
async function recordUse(entry: SealedEntry): Promise<void> {
  if (entry.recordedUseMs === entry.usedAtMs) return;
  entry.recordedUseMs = entry.usedAtMs;
  await utimes(entry.path, entry.usedAtMs / 1000, entry.usedAtMs / 1000).catch(() => {});
}
