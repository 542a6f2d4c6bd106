import { requireInternal } from "../registry.ts";

interface ParsedPath {
  root: string;
  dir: string;
  base: string;
  ext: string;
  name: string;
}

export interface Path {
  sep: string;
  delimiter: string;
  resolve(...paths: string[]): string;
  normalize(path: string): string;
  isAbsolute(path: string): boolean;
  join(...paths: string[]): string;
  relative(from: string, to: string): string;
  dirname(path: string): string;
  basename(path: string, suffix?: string): string;
  extname(path: string): string;
  parse(path: string): ParsedPath;
  format(path: Partial<ParsedPath>): string;
  toNamespacedPath(path: string): string;
  matchesGlob(path: string, pattern: string): boolean;
  posix: Path;
  win32: Path;
}

export default requireInternal("library:path") as Path;
