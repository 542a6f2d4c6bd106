import { compileFunction, Script } from "node:vm";
import { parse } from "es-module-lexer";
import type { Loader, Message } from "esbuild-wasm";
import { packageScope } from "../../snapshots/bundle/lazy/resolve-module.ts";
import { taskRoot } from "../model/function-folders.ts";
import type { Esbuild } from "./esbuild.ts";
import { extname, type PackageFiles } from "./package-files.ts";
import { uploadedMap } from "./uploaded-map.ts";

export type ModuleFormat = "esm" | "cjs" | "json" | "native";

/** A file as the graph needs it: its format, and JavaScript in it. */
export interface SourceModule {
  readonly path: string;
  readonly format: ModuleFormat;
  /** JavaScript (types and JSX gone), or the JSON text. */
  readonly code: string;
  /** Map from `code` to the file, where they differ, or to what the file was made of. */
  readonly map: string | undefined;
}

/** A file that cannot be parsed: reported by the bundle when the file is evaluated, as Node does. */
export class SourceSyntaxError extends Error {
  readonly path: string;
  readonly line: number;
  readonly column: number;

  /** @param line One-based. @param column One-based. */
  constructor(path: string, message: string, line: number, column: number) {
    super(message);
    this.path = path;
    this.line = line;
    this.column = column;
  }
}

const typedLoaders: Readonly<Record<string, Loader>> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".jsx": "jsx",
};

/**
 * Reads a file, takes types and JSX out, and decides as Node does what kind of module it is.
 * @param readsMaps Whether the map counts that a build tool left with the file.
 */
export async function readSourceModule(
  path: string,
  files: PackageFiles,
  esbuild: Esbuild,
  readsMaps = true,
): Promise<SourceModule> {
  const extension = extname(path);
  if (extension === ".json") return { path, format: "json", code: files.readText(path), map: undefined };
  if (extension === ".node" || extension === ".wasm")
    return { path, format: "native", code: "", map: undefined };

  const written = files.readText(path);
  const text = withoutComments(written);
  const loader = typedLoaders[extension];
  const declared = declaredFormat(path, extension, files);
  if (loader === undefined) {
    const format = declared ?? detectFormat(text);
    // The engine's own words for what is wrong; esbuild's are for what only the engine's mode would show.
    if (format === "cjs") checkCommonJs(path, text);
    return { path, format, code: text, map: readsMaps ? uploadedMap(path, written, files) : undefined };
  }
  const tsconfigRaw = path.includes("/node_modules/") ? undefined : tsconfig(files);
  const options = {
    loader,
    sourcefile: path,
    sourcemap: "external" as const,
    sourcesContent: false,
    ...(tsconfigRaw === undefined ? {} : { tsconfigRaw }),
  };
  try {
    const plain = await esbuild.transform(text, options);
    const format = declared ?? detectFormat(plain.code);
    // TypeScript in a CommonJS package is written with import and export all the same.
    if (format === "cjs" && hasModuleSyntax(plain.code)) {
      const converted = await esbuild.transform(text, { ...options, format: "cjs" });
      return { path, format, code: converted.code, map: converted.map };
    }
    return { path, format, code: plain.code, map: plain.map };
  } catch (error) {
    throw toSyntaxError(path, error);
  }
}

/** What kind of module a file becomes; TypeScript and JSX count as ES modules, since nothing but a builder reads them. */
export function formatOf(path: string, text: string, files: PackageFiles): "esm" | "cjs" {
  const extension = extname(path);
  if (typedLoaders[extension] !== undefined) return "esm";
  return (
    declaredFormat(path, extension, files) ??
    (/\b(?:import|export|await)\b/.test(text) ? detectFormat(text) : "cjs")
  );
}

function declaredFormat(path: string, extension: string, files: PackageFiles): "esm" | "cjs" | undefined {
  if (extension === ".mjs" || extension === ".mts") return "esm";
  if (extension === ".cjs" || extension === ".cts") return "cjs";
  const type = packageScope(files, path)?.json["type"];
  if (type === "module") return "esm";
  if (type === "commonjs") return "cjs";
  return undefined;
}

/** Without a declared type, Node takes for an ES module what only parses as one. */
function detectFormat(code: string): "esm" | "cjs" {
  if (hasModuleSyntax(code)) return "esm";
  return /\bawait\b/.test(code) && !parsesAsCommonJs(code) && parsesInAsyncFunction(code) ? "esm" : "cjs";
}

function hasModuleSyntax(code: string): boolean {
  try {
    return parse(code)[3];
  } catch {
    return false;
  }
}

export function parsesAsCommonJs(code: string): boolean {
  try {
    compileCommonJs("/", code);
    return true;
  } catch {
    return false;
  }
}

function parsesInAsyncFunction(code: string): boolean {
  try {
    new Script(`(async function () { "use strict";${code}\n})`);
    return true;
  } catch {
    return false;
  }
}

function checkCommonJs(path: string, code: string): void {
  try {
    compileCommonJs(path, code);
  } catch (error) {
    throw toSyntaxError(path, error);
  }
}

/** Parses only: nothing of the function's code ever runs in a builder. */
function compileCommonJs(path: string, code: string): void {
  compileFunction(code, ["exports", "require", "module", "__filename", "__dirname"], { filename: path });
}

/** Turns the engine's or esbuild's complaint into one with the file's own position. */
export function toSyntaxError(path: string, error: unknown): SourceSyntaxError {
  const message = esbuildMessages(error)[0];
  if (message !== undefined) {
    return new SourceSyntaxError(
      path,
      message.text,
      message.location?.line ?? 1,
      (message.location?.column ?? 0) + 1,
    );
  }
  if (!(error instanceof SyntaxError)) throw error;
  const { line, column } = positionOf(error);
  return new SourceSyntaxError(path, error.message, line, column);
}

/** Where the engine found a syntax error: its stack starts with file:line, the source line and a caret. One-based. */
export function positionOf(error: SyntaxError): { line: number; column: number } {
  const [place = "", , caret = ""] = (error.stack ?? "").split("\n");
  const line = Number(/:(\d+)$/.exec(place)?.[1] ?? 1);
  return { line, column: Math.max(caret.indexOf("^"), 0) + 1 };
}

export function esbuildMessages(error: unknown): readonly Message[] {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors) ? error.errors : [];
}

/** A shebang is no JavaScript, and esbuild would look for the map that a build tool left. */
function withoutComments(text: string): string {
  const code = text.startsWith("#!") ? `//${text.slice(2)}` : text;
  return code.replace(/(^|\n)\/\/[#@] ?sourceMappingURL=[^\n]*\s*$/, "\n");
}

function tsconfig(files: PackageFiles): string | undefined {
  const path = `${taskRoot}/tsconfig.json`;
  return files.isFile(path) ? files.readText(path) : undefined;
}
