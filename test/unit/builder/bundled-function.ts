import { createRequire, isBuiltin } from "node:module";
import { compileFunction, Script } from "node:vm";
import { strToU8, zipSync } from "fflate";
import { EsModules } from "../../../snapshots/bundle/lazy/es-modules.ts";
import { readSyntax } from "../../../snapshots/bundle/lazy/module-syntax.ts";
import { esModuleText } from "../../../snapshots/bundle/lazy/parsed-code.ts";
import { ModuleResolver } from "../../../snapshots/bundle/lazy/resolve-module.ts";
import type { EsmText, FunctionFiles, UnbundledModule, Wrapper } from "../../../snapshots/bundle/module.ts";
import { createModuleLoader } from "../../../snapshots/bundle/module-loader.ts";
import { type BuiltBundle, bundleFunction } from "../../../src/builder/bundle.ts";
import { type Esbuild, startEsbuild } from "../../../src/builder/esbuild.ts";
import { PackageFiles } from "../../../src/builder/package-files.ts";
import { formatOf } from "../../../src/builder/source-module.ts";
import { openZipArchive } from "../../../src/builder/zip-archive.ts";

let started: Promise<Esbuild> | undefined;

/** esbuild, started once per test file. */
export function testEsbuild(): Promise<Esbuild> {
  started ??= startEsbuild(Number.POSITIVE_INFINITY);
  return started;
}

/** The zip of these files. */
export function zipOf(files: Record<string, string>): Buffer {
  return Buffer.from(
    zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)]))),
  );
}

/** What each bundle was made of. */
const filesOf = new WeakMap<BuiltBundle, PackageFiles>();

/** @param layers The files of each, by their paths in the layer's zip. */
export async function bundleOf(
  files: Record<string, string>,
  handler = "index.handler",
  layers: readonly Record<string, string>[] = [],
): Promise<BuiltBundle> {
  const unpacked = await packageFiles(files, layers);
  const bundle = await bundleFunction(unpacked, { handler, runtime: "nodejs22.x" }, await testEsbuild());
  filesOf.set(bundle, unpacked);
  return bundle;
}

export async function packageFiles(
  files: Record<string, string>,
  layers: readonly Record<string, string>[] = [],
): Promise<PackageFiles> {
  const [task, ...unpacked] = await Promise.all([files, ...layers].map((one) => openZipArchive(zipOf(one))));
  return new PackageFiles(task!, unpacked);
}

export class LoaderFailure extends Error {
  readonly errorType: string;
  readonly trace: string[];
  constructor(errorType: string, message: string, trace: string[]) {
    super(message);
    this.errorType = errorType;
    this.trace = trace;
  }
}

/** Runs a bundle's script in this process, with Node's own modules as the platform's. */
export async function evaluate(
  bundle: BuiltBundle,
): Promise<{ kind: string; exports: Record<string, unknown> }> {
  const require = createRequire(import.meta.url);
  const factory = new Script(bundle.code, { filename: "bundle.js" }).runInThisContext() as (
    loader: ReturnType<typeof createModuleLoader>,
  ) => { kind: string; load: () => unknown };
  const loader = createModuleLoader({
    require: (specifier) => require(specifier),
    fail: (errorType, message, trace) => {
      throw new LoaderFailure(errorType, message, trace);
    },
    files: () => functionFiles(filesOf.get(bundle)!),
  });
  const { kind, load } = factory(loader);
  return { kind, exports: (await load()) as Record<string, unknown> };
}

/** As snapshots/bundle/lazy/function-files.ts, over the zip itself. */
function functionFiles(files: PackageFiles): FunctionFiles {
  const resolver = new ModuleResolver(files, "nodejs22.x", isBuiltin);
  return {
    linkEsm: (host) => new EsModules(host),
    packageFolders: (importer) => resolver.packageFolders(importer),
    resolve: (specifier, importer, kind) => {
      const found = resolver.resolve(specifier, importer, kind);
      if (found.kind === "file") return found.path;
      return found.kind === "builtin" ? found.name : [found.code, found.message];
    },
    read: (path): UnbundledModule => {
      if (/\.(node|wasm)$/.test(path)) return { kind: "native" };
      if (path.endsWith(".json")) return { kind: "json", text: files.readText(path) };
      if (/\.([cm]?ts|[jt]sx)$/.test(path)) return { kind: "typed" };
      const text = files.readText(path).replace(/^#!/, "//");
      if (formatOf(path, text, files) !== "esm")
        return { kind: "cjs", compile: () => compiled(readSyntax(text).code) };
      const { code, ...rest } = esModuleText(path, text);
      return { kind: "esm", text: { ...rest, run: (compiled(code) as unknown as () => EsmText["run"])() } };
    },
  };
}

function compiled(code: string): Wrapper {
  return compileFunction(code, [
    "exports",
    "require",
    "module",
    "__filename",
    "__dirname",
    "$load$",
  ]) as unknown as Wrapper;
}

/** The exports of a function with these files. */
export async function exportsOf(
  files: Record<string, string>,
  handler?: string,
  layers?: readonly Record<string, string>[],
): Promise<Record<string, unknown>> {
  return (await evaluate(await bundleOf(files, handler, layers))).exports;
}
