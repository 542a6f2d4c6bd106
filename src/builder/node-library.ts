import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild-wasm";

/** Where the guest knows a file of Node's library: `library:internal/errors`. */
export const libraryPrefix = "library:";

/** How a file of Node's library names another: to load it at once, or with the first of some members. */
const referencePattern = /(\brequire\(|\bdefineLazyProperties\(\s*[\w.]+,\s*)'([^']+)'/g;

/**
 * What the library's modules that we take ask for in cases that no guest comes to: processes, threads, loaders, and
 * what is the host's. There it is a module that is not found.
 */
const outside =
  /^internal\/(bootstrap|crypto|data_url|deps\/(?!minimatch)|error_serdes|fs\/(?!glob)|inspector|main|modules|perf|process|repl(?!\/history)|source_map|util\/(inspector|trace_sigint)|v8|vfs|vm|webstreams\/(?!adapters)|worker|zip)/;

/**
 * The few places where an isolate wants something else than a process, by file. Small buffers share less memory: it is
 * part of every heap that has buffers, and crosses to the host with the bytes of one. What Node's own start would set
 * up is set up at first use.
 */
const changes: Readonly<Record<string, readonly [from: string, to: string]>> = {
  buffer: ["Buffer.poolSize = 64 * 1024;", "Buffer.poolSize = 8 * 1024;"],
  "internal/util/debuglog": [
    "let testEnabled;",
    "let testEnabled = (set) => (initializeDebugEnv(process.env.NODE_DEBUG), testEnabled(set));",
  ],
  // Contexts are followed without that module, which changes how promises work.
  _http_agent: ["require('async_hooks')", "require('internal/async_resource')"],
};

/** What a file of the library may be required as, in the guest: ours in its place, or the library's own. */
export type Resolve = (id: string) => string;

/**
 * The JavaScript that Node is made of, as the `node` package holds it that is pinned among the development
 * dependencies: by identifier, as in `internal/errors`. The binary has the files built in.
 */
export async function readNodeLibrary(): Promise<ReadonlyMap<string, string>> {
  const manifest = createRequire(import.meta.url).resolve("node/package.json");
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { version: string };
  const binary =
    process.versions.node === version ? process.execPath : join(dirname(manifest), "bin", "node");
  const print = "process.stdout.write(JSON.stringify(process.binding('natives')))";
  const { stdout } = await promisify(execFile)(binary, ["--no-warnings", "-e", print], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const library = new Map(Object.entries(JSON.parse(stdout) as Record<string, string>));
  for (const [id, [from, to]] of Object.entries(changes)) {
    const text = library.get(id) ?? "";
    if (!text.includes(from)) throw new Error(`Cannot change Node's library: ${id} has no \`${from}\``);
    library.set(
      id,
      text.replace(from, () => to),
    );
  }
  return library;
}

/** The files that these roots lead to, as scripts of guest modules by specifier. */
export async function libraryModules(
  library: ReadonlyMap<string, string>,
  roots: Iterable<string>,
  resolve: Resolve,
): Promise<ReadonlyMap<string, string>> {
  const found = new Set<string>();
  const follow = (specifier: string) => {
    if (!specifier.startsWith(libraryPrefix) || found.has(specifier)) return;
    const id = specifier.slice(libraryPrefix.length);
    const text = library.get(id);
    if (text === undefined || outside.test(id)) return;
    found.add(specifier);
    for (const [, , name] of text.matchAll(referencePattern)) follow(resolve(name!));
  };
  for (const root of roots) follow(root);
  const specifiers = [...found].sort();
  const scripts = await Promise.all(
    specifiers.map((specifier) => script(library.get(specifier.slice(libraryPrefix.length))!, resolve)),
  );
  return new Map(specifiers.map((specifier, index) => [specifier, scripts[index]!]));
}

/** The file as a factory of the guest's registry. What Node gives each of its files comes from our own module. */
async function script(text: string, resolve: Resolve): Promise<string> {
  const body = text.replaceAll(
    referencePattern,
    (_call, before: string, id: string) => before + JSON.stringify(resolve(id)),
  );
  const factory = `(function (require, module, exports) {
    const { primordials, internalBinding, process } = require("brisk:node/internal/library/scope");
    (() => {${body}\n})();
  })`;
  const { code } = await transform(factory, {
    // Not its syntax: functions would lose names that errors and tests of Node's show.
    minifyWhitespace: true,
    target: "esnext",
    legalComments: "none",
  });
  return code.trim().replace(/;$/, "");
}
