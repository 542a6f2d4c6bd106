import { createRequire } from "node:module";
import { Script } from "node:vm";
import { strToU8, zipSync } from "fflate";
import { type BuiltBundle, bundleFunction } from "../../../src/builder/bundle.ts";
import { type Esbuild, startEsbuild } from "../../../src/builder/esbuild.ts";
import { PackageFiles } from "../../../src/builder/package-files.ts";
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

/** @param layers The files of each, by their paths in the layer's zip. */
export async function bundleOf(
  files: Record<string, string>,
  handler = "index.handler",
  layers: readonly Record<string, string>[] = [],
): Promise<BuiltBundle> {
  return bundleFunction(
    await packageFiles(files, layers),
    { handler, runtime: "nodejs22.x" },
    await testEsbuild(),
  );
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
    platform: unknown,
  ) => {
    kind: string;
    load: () => unknown;
  };
  const { kind, load } = factory({
    require: (specifier: string) => require(specifier),
    fail: (errorType: string, message: string, trace: string[]) => {
      throw new LoaderFailure(errorType, message, trace);
    },
  });
  return { kind, exports: (await load()) as Record<string, unknown> };
}

/** The exports of a function with these files. */
export async function exportsOf(
  files: Record<string, string>,
  handler?: string,
  layers?: readonly Record<string, string>[],
): Promise<Record<string, unknown>> {
  return (await evaluate(await bundleOf(files, handler, layers))).exports;
}
