import EventEmitter from "node:events";
import { callSync } from "../bridge.ts";
import { processState } from "../process-state.ts";
import { requireInternal, requireNode } from "../registry.ts";
import { nextTick } from "../ticks.ts";
import { assertFunction, invalidArgType, nodeError, outOfRange, unavailable } from "./internal/errors.ts";
import { createEnv } from "./internal/process-env.ts";
import { createOutput } from "./internal/process-output.ts";

/** A release of each runtime, which Lambda updates too; packages compare its major number. */
const releases: Readonly<Record<string, string>> = {
  "nodejs18.x": "18.20.8",
  "nodejs20.x": "20.19.5",
  "nodejs22.x": "22.20.0",
  "nodejs24.x": "24.9.0",
};
const nodeVersion = releases[processState.runtime] ?? "24.9.0";

const startMs = callSync("clock.monotonic") as number;
const monotonicMs = () => callSync("clock.monotonic") as number;

function hrtime(previous?: [number, number]): [number, number] {
  const nowMs = monotonicMs();
  let seconds = Math.trunc(nowMs / 1000);
  let nanoseconds = Math.trunc((nowMs % 1000) * 1e6);
  if (previous !== undefined) {
    if (!Array.isArray(previous)) throw invalidArgType("time", "an instance of Array", previous);
    if (previous.length !== 2) throw outOfRange("time", "2", (previous as unknown[]).length);
    seconds -= previous[0];
    nanoseconds -= previous[1];
    if (nanoseconds < 0) {
      seconds--;
      nanoseconds += 1e9;
    }
  }
  return [seconds, nanoseconds];
}
hrtime.bigint = () => BigInt(Math.trunc(monotonicMs() * 1e6));

interface Warning extends Error {
  code?: string;
  detail?: string;
}

function emitWarning(
  warning: string | Error,
  typeOrOptions: string | { type?: string; code?: string; detail?: string } = "Warning",
  code?: string,
): void {
  const options = typeof typeOrOptions === "object" ? typeOrOptions : { type: typeOrOptions };
  const made: Warning = warning instanceof Error ? warning : new Error(warning);
  if (!(warning instanceof Error)) {
    made.name = options.type ?? "Warning";
    const given = options.code ?? (typeof code === "string" ? code : undefined);
    if (given !== undefined) made.code = given;
    if (options.detail !== undefined) made.detail = options.detail;
  }
  if (made.name === "DeprecationWarning") {
    if (exported["noDeprecation"]) return;
    if (exported["throwDeprecation"]) throw made;
  }
  nextTick(() => {
    const shown = made.code === undefined ? "" : `[${made.code}] `;
    stderr.write(`(node:1) ${shown}${made.name}: ${made.message}\n`);
    emitter.emit("warning", made);
  });
}

function exit(code?: number | string | null): never {
  const status = Number(code ?? exported["exitCode"] ?? 0);
  if (!Number.isInteger(status)) throw invalidArgType("code", "an integer", code);
  exported["exitCode"] = status;
  emitter.emit("exit", status);
  callSync("process.exit", status);
  // The host ends the environment within the call, so this is reached by a broken host only.
  throw nodeError(Error, "ERR_WORKER_OUT_OF_MEMORY", "The environment did not end");
}

const notHere = (name: string, instead: string) => () => {
  throw unavailable(`process.${name}`, instead);
};

const megabyte = 1024 * 1024;
/** The isolate's limit and no measured use: what a function sees of memory must not differ between replays. */
function memoryUsage() {
  const total = processState.memorySizeMb * megabyte;
  return { rss: total, heapTotal: total, heapUsed: 0, external: 0, arrayBuffers: 0 };
}
memoryUsage.rss = () => processState.memorySizeMb * megabyte;

const emitter = Reflect.construct(EventEmitter, []) as InstanceType<typeof EventEmitter>;
const stdout = createOutput("stdout", 1);
const stderr = createOutput("stderr", 2);

const members = {
  title: "node",
  version: `v${nodeVersion}`,
  versions: {
    node: nodeVersion,
    v8: "13.6.233.10-node.26",
    uv: "1.51.0",
    zlib: "1.3.1",
    modules: "137",
    /** The host's: what node:crypto can do depends on it, and programs ask. */
    get openssl(): string {
      return callSync("crypto.openssl") as string;
    },
  },
  arch: "x64",
  platform: "linux",
  release: { name: "node", lts: "Krypton" },
  argv: ["/var/lang/bin/node", "/var/runtime/index.mjs"],
  argv0: "/var/lang/bin/node",
  execArgv: [],
  execPath: "/var/lang/bin/node",
  pid: 1,
  ppid: 0,
  debugPort: 9229,
  exitCode: undefined as number | undefined,
  env: createEnv(processState.variables),
  features: { inspector: false, ipv6: true, require_module: true, typescript: false },
  config: { target_defaults: {}, variables: {} },
  stdout,
  stderr,
  nextTick,
  hrtime,
  uptime: () => (monotonicMs() - startMs) / 1000,
  memoryUsage,
  availableMemory: () => processState.memorySizeMb * megabyte,
  constrainedMemory: () => processState.memorySizeMb * megabyte,
  resourceUsage: () => ({ userCPUTime: Math.trunc(monotonicMs() * 1000), systemCPUTime: 0, maxRSS: 0 }),
  cpuUsage(previous?: { user: number; system: number }) {
    const user = Math.trunc((monotonicMs() - startMs) * 1000);
    return { user: user - (previous?.user ?? 0), system: 0 };
  },
  cwd: () => processState.directory,
  chdir(path: string) {
    if (typeof path !== "string") throw invalidArgType("directory", "of type string", path);
    const files = requireInternal("brisk:node/internal/fs-names") as typeof import("./internal/fs-names.ts");
    processState.directory = files.enter(path, processState.directory);
  },
  umask(next?: number | string) {
    const previous = processState.umask;
    const given = typeof next === "string" ? Number.parseInt(next, 8) : next;
    if (typeof given === "number") processState.umask = given & 0o777;
    return previous;
  },
  getuid: () => 993,
  geteuid: () => 993,
  getgid: () => 990,
  getegid: () => 990,
  getgroups: () => [990],
  exit,
  reallyExit: exit,
  abort: () => exit(134),
  kill: notHere("kill", "an environment has no other processes"),
  dlopen: notHere("dlopen", "native addons cannot run in an isolate: use a package of JavaScript"),
  binding: notHere("binding", "use the public module"),
  setuid: notHere("setuid", "an environment has one user"),
  setgid: notHere("setgid", "an environment has one user"),
  emitWarning,
  getActiveResourcesInfo: () => [],
  setSourceMapsEnabled() {},
  setUncaughtExceptionCaptureCallback(callback: unknown) {
    if (callback !== null) assertFunction(callback, "fn");
  },
  hasUncaughtExceptionCaptureCallback: () => false,
  getBuiltinModule(name: string) {
    try {
      return requireNode(name);
    } catch {
      return undefined;
    }
  },
  ref() {},
  unref() {},
  report: { compact: false },
  allowedNodeEnvironmentFlags: new Set<string>(),
  sourceMapsEnabled: true,
  [Symbol.toStringTag]: "process",
};

const exported = Object.assign(emitter, members) as unknown as Record<string, unknown> & typeof members;
Object.defineProperty(exported, Symbol.toStringTag, {
  value: "process",
  enumerable: false,
  configurable: true,
  writable: false,
});
Object.defineProperty(exported, "stdin", {
  configurable: true,
  enumerable: true,
  get: () => ({ isTTY: false, fd: 0, readable: false, on: () => undefined, read: () => null }),
});

processState.process = emitter;

export default exported;
