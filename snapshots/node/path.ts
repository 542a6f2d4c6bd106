import pathBrowserify from "path-browserify";
import { assertString, unavailable } from "./internal/errors.ts";

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
  win32: unknown;
}

const base = pathBrowserify as unknown as Path;
const posix = { ...base } as Path;

/** Newer than the package: the dot before an extension may be missing. */
posix.format = (path) => {
  const { dir, root, base: file, name = "", ext = "" } = path;
  const suffix = ext === "" || ext.startsWith(".") ? ext : `.${ext}`;
  return base.format({
    ...(dir === undefined ? {} : { dir }),
    ...(root === undefined ? {} : { root }),
    base: file || `${name}${suffix}`,
  });
};
posix.toNamespacedPath = (path) => path;
posix.matchesGlob = (path, pattern) => {
  assertString(path, "path");
  assertString(pattern, "pattern");
  return globExpression(pattern).test(posix.normalize(path));
};
posix.posix = posix;
posix.win32 = new Proxy(
  { sep: "\\", delimiter: ";" },
  {
    get(target, name) {
      if (name in target || typeof name === "symbol") return Reflect.get(target, name);
      throw unavailable(`path.win32.${name}`, "paths here are POSIX paths: use node:path");
    },
  },
);

function globExpression(pattern: string): RegExp {
  let source = "";
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] as string;
    if (pattern.startsWith("**/", index)) {
      source += "(?:[^/]+/)*";
      index += 2;
    } else if (pattern.startsWith("**", index)) {
      source += ".*";
      index++;
    } else if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else source += RegExp.escape(character);
  }
  return new RegExp(`^${source}$`);
}

export default posix;
