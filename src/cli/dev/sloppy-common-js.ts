import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { compileFunction } from "node:vm";

/**
 * What a CommonJS file asks for, as code of its own that holds nothing else; undefined where Node would not run the file as
 * CommonJS. Some of what is allowed there, as `with` and octal numbers, is refused in ES modules.
 */
export async function commonJsRequests(file: string): Promise<string | undefined> {
  if (!(await mayBeCommonJs(file))) return undefined;
  try {
    const code = (await readFile(file, "utf8")).replace(/^#!/, "//");
    // Parses only.
    compileFunction(code, ["exports", "require", "module", "__filename", "__dirname"]);
    return [...code.matchAll(/\b(?:require|import)\(\s*(["'`])[^"'`\n$]+\1\s*\)/g)]
      .map(([call]) => `${call};`)
      .join("");
  } catch {
    return undefined;
  }
}

async function mayBeCommonJs(file: string): Promise<boolean> {
  if (!file.endsWith(".js")) return file.endsWith(".cjs");
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    try {
      const { type } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { type?: unknown };
      return type !== "module";
    } catch {
      if (dirname(folder) === folder) return true;
    }
  }
}
