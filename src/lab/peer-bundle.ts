import { readFile, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { build, type Message } from "esbuild-wasm";

/** A function as one ES module that exports `handler`: what every peer loads. */
export interface PeerBundle {
  readonly file: string;
  readonly bytes: number;
  /** It uses what Node alone has. */
  readonly needsNode: boolean;
}

export interface PeerBundleOptions {
  /** Absolute path of the handler's file. */
  readonly entry: string;
  readonly exportName: string;
  /** Where the bundle is written. */
  readonly file: string;
  readonly minify: boolean;
}

/** CommonJS inside of an ES module asks for Node's modules by require(). */
const requireBanner =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire("file:///var/task/index.mjs");\n';

/** @throws {Error} With esbuild's complaint, when the code can't be bundled. */
export async function bundleForPeers(options: PeerBundleOptions): Promise<PeerBundle> {
  const { entry, exportName, file, minify } = options;
  const contents = [
    `import * as loaded from ${JSON.stringify(entry)};`,
    `const name = ${JSON.stringify(exportName)};`,
    "export const handler = loaded[name] ?? loaded.default?.[name];",
  ].join("\n");
  const { metafile } = await build({
    stdin: { contents, resolveDir: dirname(entry), loader: "js" },
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "esnext",
    conditions: ["module-sync"],
    minify,
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
    metafile: true,
    logLevel: "silent",
  }).catch((error: Error & { errors?: Message[] }) => {
    throw new Error(`cannot be bundled: ${error.errors?.[0]?.text ?? error.message}`, { cause: error });
  });
  let code = await readFile(file, "utf8");
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const requires = imports.some((one) => one.kind === "require-call");
  if (requires) {
    code = requireBanner + code;
    await writeFile(file, code);
  }
  const needsNode =
    requires || imports.some((one) => isBuiltin(one.path)) || /\b(Buffer|process)\b/.test(code);
  return { file, bytes: Buffer.byteLength(code), needsNode };
}

/** A program of ours as one file of JavaScript, so that a peer's start doesn't include making it that. */
export async function bundleProgram(source: string, folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  await build({
    entryPoints: [source],
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "esnext",
    logLevel: "silent",
  });
  return file;
}
