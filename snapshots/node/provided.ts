import type { Provided } from "../provides.ts";

function module(name: string, from: Provided["from"], missing?: string): Provided {
  return { name, kind: "module", from, lazy: true, ...(missing === undefined ? {} : { missing }) };
}

const importable = "importable only: using it is refused with ERR_FEATURE_UNAVAILABLE_ON_PLATFORM";

/** The node modules, and the globals that load one when they are touched. Every one is compiled at its first use. */
export const nodeProvided: readonly Provided[] = [
  { name: "Buffer", kind: "global", from: "node", lazy: true },
  { name: "process", kind: "global", from: "ours", lazy: true },
  module(
    "assert",
    "node",
    "the expression's source in messages of a failed assert() whose file is not among the function's",
  ),
  module("assert/strict", "node"),
  module(
    "async_hooks",
    "ours",
    "hooks are told of timers, ticks, then and AsyncResource, not of the host's calls and not of garbage; code made by eval or new Function keeps its native await",
  ),
  module("buffer", "node"),
  module("child_process", "ours", importable),
  module("cluster", "ours", importable),
  module("console", "ours", "as the global"),
  module("constants", "ours"),
  module(
    "crypto",
    "host",
    "FIPS, engines, a secure heap; what would take 64 MiB, 10 s at once or 30 s in the background is refused",
  ),
  module("dgram", "ours", "datagrams: sending one fails, and what binds or connects is refused"),
  module("diagnostics_channel", "node", "channels of fetch are silent"),
  module("dns", "node", "getServers does not tell the system's"),
  module("dns/promises", "node", "as dns"),
  module("domain", "ours", importable),
  module("events", "node"),
  module("fs", "node", "names that are no UTF-8; openAsBlob reads the whole file at once"),
  module("fs/promises", "node", "as fs"),
  module("http", "node", "a server that listens is reached from its own isolate alone"),
  module("http2", "ours", importable),
  module("https", "node", "servers"),
  module("inspector", "ours", importable),
  module("inspector/promises", "ours", importable),
  module(
    "module",
    "ours",
    "loaders, SourceMap, findPackageJSON, runMain; TypeScript of packages that no code names",
  ),
  module(
    "net",
    "node",
    "a server that listens, on a port or a path, is reached from its own isolate alone; file descriptors",
  ),
  module("os", "ours", "what it says is the function's own: one CPU, its memory size"),
  module("path", "node"),
  module("path/posix", "node"),
  module("path/win32", "node"),
  module(
    "perf_hooks",
    "ours",
    "monitorEventLoopDelay samples nothing; eventLoopUtilization is 0; statistical tests of histograms, sliding windows",
  ),
  module(
    "process",
    "ours",
    "allowedNodeEnvironmentFlags is empty; an unhandledRejection comes with a promise of its own, of several in one turn the first, and rejectionHandled never; cpuUsage tells elapsed time; execve",
  ),
  module("punycode", "package"),
  module("querystring", "node"),
  module("readline", "node", "a terminal: process.stdin has ended"),
  module("readline/promises", "node", "as readline"),
  module("repl", "ours", importable),
  module("stream", "node"),
  module("stream/consumers", "node"),
  module("stream/promises", "node"),
  module("stream/web", "ours", "ReadableStreamTee"),
  module("string_decoder", "node"),
  module("sys", "node"),
  module("test", "ours", importable),
  module("timers", "ours"),
  module("timers/promises", "ours"),
  module(
    "tls",
    "node",
    "servers, pfx, pre-shared keys, sessions that are resumed, renegotiation, OCSP, HTTP/2 by ALPN",
  ),
  module("trace_events", "ours", importable),
  module("tty", "ours", importable),
  module("url", "node"),
  module(
    "util",
    "node",
    "inspect shows `<unknown>` for a promise's state, an iterator's entries and a proxy's handler, a proxy's target by its traps, and one inside of something without its name",
  ),
  module("util/types", "node", "isExternal is always false"),
  module("v8", "ours", "profiles, heap snapshots, promiseHooks; statistics by space and of code"),
  module(
    "vm",
    "node",
    "a script's let, const and class for the next one, timeouts, modules, measureMemory; the 32 contexts used last can run scripts",
  ),
  module("wasi", "ours", importable),
  module("worker_threads", "ours", "threads"),
  module("zlib", "host", "zip archives; brotli's large windows, zstd's threads"),
];
