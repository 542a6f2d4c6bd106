import { processState } from "../../../process-state.ts";
import { requireInternal } from "../../../registry.ts";

type Process = Record<string, unknown> & { nextTick(...args: unknown[]): void };

const real = () => requireInternal("node:process") as Process;

/**
 * `process` as Node's library sees it. The real one is an event emitter, and loads what asks for this while it loads:
 * it is looked at when something of it is used. Facts that decide what the library does are here.
 */
export const libraryProcess: Process = {
  platform: "linux",
  arch: "x64",
  pid: 1,
  // The library asks whether there is cryptography, and whether there is TypeScript.
  versions: { openssl: "3", amaro: undefined },
  nextTick: (...args) => real().nextTick(...args),
  cwd: () => processState.directory,
};

for (const name of [
  "argv",
  "binding",
  "emit",
  "emitWarning",
  "env",
  "execArgv",
  "execPath",
  "exitCode",
  "hrtime",
  "listenerCount",
  "memoryUsage",
  "noDeprecation",
  "off",
  "on",
  "once",
  "prependListener",
  "release",
  "removeListener",
  "stderr",
  "stdin",
  "stdout",
  "throwDeprecation",
  "traceDeprecation",
  "version",
]) {
  Object.defineProperty(libraryProcess, name, {
    enumerable: true,
    configurable: true,
    get: () => real()[name],
    set: (value: unknown) => {
      real()[name] = value;
    },
  });
}
