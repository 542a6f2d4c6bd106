import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild-wasm";
import type { GuestScriptCache } from "./guest-script-cache.ts";
import { declareImports, loadAtUse } from "./node-library-imports.ts";

/** Where the guest knows a file of Node's library: `library:internal/errors`. */
export const libraryPrefix = "library:";

/** How a file of Node's library names another: to load it at once, or with the first of some members. */
const referencePattern = /(\brequire\(|\bdefineLazyProperties\(\s*[\w.]+,\s*)'([^']+)'/g;

/**
 * What the library's modules that we take ask for in cases that no guest comes to: processes, threads, loaders, and
 * what is the host's. There it is a module that is not found.
 */
const outside =
  /^internal\/(bootstrap|crypto|data_url|deps\/(?!minimatch)|error_serdes|inspector|main|modules|perf|process|repl(?!\/history)|source_map|streams\/iter|util\/(inspector|trace_sigint)|v8|vfs|vm|webstreams\/(?!adapters)|worker|zip)/;

/** Buffer is loaded when there are bytes. */
const lateBuffer = [
  "const { isBuffer: BufferIsBuffer } = Buffer;\nconst BufferToString = uncurryThis(Buffer.prototype.toString);",
  `const BufferIsBuffer = (value) => Buffer.isBuffer(value);
   const BufferToString = (value, ...args) => uncurryThis(Buffer.prototype.toString)(value, ...args);`,
] as const;

/**
 * The few places where an isolate wants something else than a process, by file. Small buffers share less memory: it is
 * part of every heap that has buffers, and crosses to the host with the bytes of one. What Node's own start would set
 * up is set up at first use.
 */
const changes: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  buffer: [["Buffer.poolSize = 64 * 1024;", "Buffer.poolSize = 8 * 1024;"]],
  // By which the web's own EventTarget knows it, without this module.
  events: [["Symbol('events.maxEventTargetListeners')", "SymbolFor('events.maxEventTargetListeners')"]],
  // Of an expression whose text is out of reach: without a message it would be refused for that.
  "internal/assert/utils": [
    ["[getErrMessage(fn)]", "[getErrMessage(fn) ?? 'The expression evaluated to a falsy value']"],
  ],
  // Not to be seen in what `inspect` shows of a pool.
  "internal/buffer": [["  obj[untransferable_object_private_symbol] = true;\n", ""]],
  // Asking costs microseconds an object: of those inside of another it is only asked who wants to know.
  "internal/util/inspect": [
    ["getProxyDetails(value, !!ctx.showProxy)", "getProxyDetails(value, !!ctx.showProxy, recurseTimes)"],
  ],
  "internal/util/debuglog": [
    [
      "let testEnabled;",
      "let testEnabled = (set) => (initializeDebugEnv(process.env.NODE_DEBUG), testEnabled(set));",
    ],
  ],
  // A small file is one call of the host's, not four.
  fs: [
    lateBuffer,
    [
      "const fd = isUserFd ? path : fs.openSync(path, options.flag, 0o666);\n\n  const stats",
      `if (!isUserFd && !hasUserBuffer) {
         const whole = binding.readFileWhole(getValidatedPath(path), stringToFlags(options.flag));
         if (whole !== undefined) return options.encoding ? whole.toString(options.encoding) : whole;
       }
       const fd = isUserFd ? path : fs.openSync(path, options.flag, 0o666);
       const stats`,
    ],
  ],
  "internal/fs/promises": [lateBuffer],
  "internal/fs/utils": [
    [
      "const { isBuffer: BufferIsBuffer } = Buffer;",
      "const BufferIsBuffer = (value) => Buffer.isBuffer(value);",
    ],
    [
      "const bufferSep = Buffer.from(pathModule.sep);",
      "const bufferSep = Uint8Array.of(CHAR_FORWARD_SLASH);",
    ],
  ],
  // Contexts are followed without that module, which changes how promises work.
  _http_agent: [["require('async_hooks')", "require('internal/async_resource')"]],
  // Three hundred classes, of which a function throws one if any: each is made when it is first asked for.
  "internal/errors": [
    [
      "const codes = {};",
      `const definitions = new SafeMap();
       const codes = new Proxy({}, { get: (made, sym) => made[sym] ??= defined(sym) });`,
    ],
    [
      "function E(sym, val, def, ...otherClasses) {",
      `function E(sym, val, ...classes) { messages.set(sym, val); definitions.set(sym, classes); }
       function defined(sym) { return definitions.has(sym) ? define(sym, ...definitions.get(sym)) : undefined; }
       function define(sym, def, ...otherClasses) {`,
    ],
    ["  messages.set(sym, val);\n\n", ""],
    ["  codes[sym] = ErrClass;\n", "  return ErrClass;\n"],
  ],
  // What only some use, and would load more: servers, buffers, errors.
  http: [
    ["module.exports = {\n  _connectionListener,\n", "module.exports = {\n"],
    ["  STATUS_CODES,\n  Agent:", "  Agent:"],
    ["  Server,\n  ServerResponse,\n  createServer,\n  validate", "  createServer,\n  validate"],
    [
      "ObjectDefineProperty(module.exports, 'maxHeaderSize', {",
      `const { defineLazyProperties } = internalBinding('util');
defineLazyProperties(module.exports, '_http_server', ['_connectionListener', 'STATUS_CODES', 'Server', 'ServerResponse']);
ObjectDefineProperty(module.exports, 'maxHeaderSize', {`,
    ],
  ],
  https: [
    ["function Server(opts, requestListener) {", "function Server(opts, requestListener) { inheritServer();"],
    [
      "ObjectSetPrototypeOf(Server.prototype, tls.Server.prototype);",
      `let hasInherited = false;
function inheritServer() { if (hasInherited) return; hasInherited = true;
ObjectSetPrototypeOf(Server.prototype, tls.Server.prototype);`,
    ],
    [
      "Server.prototype.setTimeout = HttpServer.prototype.setTimeout;",
      "Server.prototype.setTimeout = HttpServer.prototype.setTimeout; }",
    ],
  ],
  _http_outgoing: [
    [
      "const crlf_buf = Buffer.from('\\r\\n');",
      "const { lineEnd: crlf_buf } = require('internal/byte-marks');",
    ],
  ],
  "internal/tls/wrap": [
    [
      "const kTLSSessionStatePrefix = Buffer.from('\\0nodejs:tls:session:1\\0');",
      "const { sessionPrefix: kTLSSessionStatePrefix } = require('internal/byte-marks');",
    ],
  ],
  "internal/streams/readable": [
    ["const FastBuffer = Buffer[SymbolSpecies];", "const { FastBuffer } = require('internal/buffer');"],
  ],
  "internal/streams/operators": [
    [
      "class ReduceAwareErrMissingArgs extends ERR_MISSING_ARGS {",
      "const reduceAware = () => class ReduceAwareErrMissingArgs extends ERR_MISSING_ARGS {",
    ],
    ["new ReduceAwareErrMissingArgs()", "new (reduceAware())()"],
  ],
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
  for (const [id, pairs] of Object.entries(changes)) {
    for (const [from, to] of pairs) {
      const text = library.get(id) ?? "";
      if (!text.includes(from)) throw new Error(`Cannot change Node's library: ${id} has no \`${from}\``);
      library.set(
        id,
        text.replace(from, () => to),
      );
    }
  }
  return library;
}

/** The files that these roots lead to, as scripts of guest modules by specifier. */
export async function libraryModules(
  library: ReadonlyMap<string, string>,
  roots: Iterable<string>,
  resolve: Resolve,
  cache: GuestScriptCache,
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
    specifiers.map((specifier) =>
      script(library.get(specifier.slice(libraryPrefix.length))!, resolve, cache),
    ),
  );
  return new Map(specifiers.map((specifier, index) => [specifier, scripts[index]!]));
}

/** What Node gives each of its files besides `require`, `module` and `exports`. */
const given: readonly (readonly [name: string, declaration: string])[] = [
  ["primordials", 'const{primordials}=require("brisk:node/internal/library/primordials");'],
  // What is not JavaScript in Node: ours stand under `bindings/`, one file a binding.
  ["internalBinding", 'const internalBinding=name=>require("brisk:node/internal/bindings/"+name);'],
];

/** The file as a factory of the guest's registry. */
async function script(text: string, resolve: Resolve, cache: GuestScriptCache): Promise<string> {
  const named = declareImports(text).replaceAll(
    referencePattern,
    (_call, before: string, id: string) => before + JSON.stringify(resolve(id)),
  );
  const code = await cache.get(["library", named], async () => {
    const transformed = await transform(named, {
      // Not its syntax: functions would lose names that errors and tests of Node's show.
      minifyWhitespace: true,
      format: "cjs",
      target: "esnext",
      treeShaking: false,
      legalComments: "none",
    });
    return transformed.code.trim();
  });
  const body = loadAtUse(code, resolve);
  const declared = given.filter(([name]) => new RegExp(`\\b${name}\\b`).test(body));
  const scope = declared.map(([, declaration]) => declaration).join("");
  // As each of them says of itself, though no longer in its first line.
  return `(function(require,module,exports){"use strict";${scope}(()=>{${body}\n})();})`;
}
