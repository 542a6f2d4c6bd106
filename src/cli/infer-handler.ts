import { CliError } from "./cli-error.ts";

const extensions = ["mjs", "js", "cjs", "mts", "ts", "cts"];
/** In the order in which they are looked for. */
const usualNames = [
  "index",
  "app",
  "handler",
  "main",
  "lambda",
  "src/index",
  "src/app",
  "src/handler",
  "dist/index",
];

/**
 * The handler string for a package that comes without one: the usual file's export `handler`.
 * @param files Paths in the zip.
 * @throws {CliError} When no file stands out.
 */
export function inferHandler(files: readonly string[]): string {
  const present = new Set(files);
  for (const name of usualNames) {
    if (extensions.some((extension) => present.has(`${name}.${extension}`))) return `${name}.handler`;
  }
  const scripts = files.filter((file) => /^[^/]+\.[cm]?[jt]s$/.test(file) && !file.endsWith(".d.ts"));
  const [only] = scripts;
  if (only !== undefined && scripts.length === 1) return `${only.replace(/\.[cm]?[jt]s$/, "")}.handler`;
  throw new CliError(
    `no file is called ${usualNames[0]}.js or the like, so say which export is the handler, for example --handler ${
      scripts[0]?.replace(/\.[cm]?[jt]s$/, "") ?? "file"
    }.handler`,
  );
}
