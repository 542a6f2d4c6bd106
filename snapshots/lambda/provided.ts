import type { Provided } from "../provides.ts";

function eager(from: Provided["from"], names: readonly string[], missing?: string): Provided[] {
  return names.map((name) => ({ name, kind: "global", from, lazy: false, ...(missing && { missing }) }));
}

/** The globals that are neither of the web's classes nor one of Node's modules: Lambda's, the event loop's, V8's. */
export const lambdaProvided: readonly Provided[] = [
  ...eager("ours", ["global"]),
  ...eager(
    "ours",
    ["console"],
    "context and createTask; each call is one event of the log at its method's level, cut at 256 KiB",
  ),
  ...eager("ours", ["setTimeout", "setInterval", "setImmediate"]),
  ...eager("ours", ["clearTimeout", "clearInterval", "clearImmediate"]),
  ...eager("ours", ["awslambda"], "more than Lambda's: `snapstart`, hooks around a snapshot"),
  ...eager("v8", ["WebAssembly"], "an instance that init called can be part of no snapshot"),
  ...eager("v8", ["Intl"], "objects that init makes are made again after a restore from a snapshot"),
  ...eager("v8", ["SharedArrayBuffer"], "threads to share it with; in a snapshot it is ordinary memory"),
];
