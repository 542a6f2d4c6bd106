import type { Stats } from "../../fs-stats.ts";

type Kind = (this: { stats: Stats }) => boolean;

/** A folder's entry, told by its own lstat. */
export class DirentFromStats {
  readonly name: string;
  readonly parentPath: string;

  constructor(name: string, stats: Stats, parentPath: string) {
    this.name = name;
    this.parentPath = parentPath;
    Object.defineProperty(this, "stats", { value: stats });
  }
}
for (const kind of [
  "isDirectory",
  "isFile",
  "isBlockDevice",
  "isCharacterDevice",
  "isSymbolicLink",
  "isFIFO",
  "isSocket",
] as const) {
  const ask: Kind = function () {
    return (this.stats as unknown as Record<string, () => boolean>)[kind]!();
  };
  Object.defineProperty(DirentFromStats.prototype, kind, { value: ask, writable: true, configurable: true });
}
