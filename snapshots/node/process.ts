import EventEmitter from "node:events";
import { pendingCalls } from "../bridge.ts";
import { activeTimers } from "../loop.ts";
import { processState } from "../process-state.ts";
import { requireInternal, requireNode } from "../registry.ts";
import { nextTick } from "../ticks.ts";
import { builtinNames } from "./internal/builtin-names.ts";
import { assertString, invalidArgType, nodeError, unavailable } from "./internal/errors.ts";
import { printText } from "./internal/output-lines.ts";
import { createEnd } from "./internal/process-end.ts";
import { createEnv } from "./internal/process-env.ts";
import { config, features, release, report, version, versions } from "./internal/process-facts.ts";
import { createFinalization } from "./internal/process-finalization.ts";
import { identity } from "./internal/process-identity.ts";
import { createInput, createOutput } from "./internal/process-output.ts";
import {
  availableMemory,
  constrainedMemory,
  cpuUsage,
  hrtime,
  memoryUsage,
  resourceUsage,
  uptime,
} from "./internal/process-usage.ts";
import { createEmitWarning, createWarningPrinter } from "./internal/process-warnings.ts";

const notHere = (name: string, instead: string) => () => {
  throw unavailable(`process.${name}`, instead);
};

/** Its prototype is one of its own above the emitters', with a constructor of that name. */
function makeEmitter(): InstanceType<typeof EventEmitter> {
  const named = { process() {} }.process;
  const prototype = Object.create(EventEmitter.prototype, {
    constructor: { value: named, writable: true, configurable: true },
  }) as object;
  Object.assign(named, { prototype });
  const made = Object.create(prototype) as InstanceType<typeof EventEmitter>;
  Reflect.apply(EventEmitter as unknown as (this: object) => void, made, []);
  return made;
}

const emitter = makeEmitter();
const self = () => exported as never;
const end = createEnd(self);
const builtins = new Set(builtinNames);

function umask(next?: number | string): number {
  const previous = processState.umask;
  if (next === undefined) return previous;
  let mask = next;
  if (typeof mask === "string") {
    if (!/^[0-7]+$/.test(mask)) throw invalidMask(mask);
    mask = Number.parseInt(mask, 8);
  }
  if (typeof mask !== "number") throw invalidArgType("mask", "one of type number or string", mask);
  processState.umask = mask & 0o777;
  return previous;
}

function invalidMask(mask: string): Error {
  const message = `The argument 'mask' must be a 32-bit unsigned integer or an octal string. Received '${mask}'`;
  return nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
}

function chdir(path: string): void {
  if (typeof path !== "string") throw invalidArgType("directory", "of type string", path);
  const files = requireInternal(
    "brisk:node/internal/files/names",
  ) as typeof import("./internal/files/names.ts");
  processState.directory = files.enter(path, processState.directory);
}

function getBuiltinModule(id: string): unknown {
  assertString(id, "id");
  if (!id.startsWith("node:") && !builtins.has(id)) return undefined;
  try {
    return requireNode(id);
  } catch {
    return undefined;
  }
}

/** What a file of variables says, where the environment says nothing. */
function loadEnvFile(path = "./.env"): void {
  const { readFileSync } = requireNode("fs") as { readFileSync(path: string, encoding: string): string };
  const { parseEnv } = requireNode("util") as { parseEnv(text: string): Record<string, string> };
  for (const [name, value] of Object.entries(parseEnv(readFileSync(path, "utf8")))) {
    processState.variables[name] ??= value;
  }
}

/** A stream that is made when it is first touched: what makes it is not small. */
function standardStream(make: () => object): PropertyDescriptor {
  let made: object | undefined;
  return {
    configurable: true,
    enumerable: true,
    get: () => {
      made ??= make();
      return made;
    },
  };
}

const callOf = (name: "ref" | "unref") => (target: Record<PropertyKey, unknown> | null | undefined) => {
  const method = target?.[Symbol.for(`nodejs.${name}`)] ?? target?.[name];
  if (typeof method === "function") Reflect.apply(method, target, []);
};

function setSourceMapsEnabled(isEnabled: unknown): void {
  if (typeof isEnabled !== "boolean") throw invalidArgType("val", "of type boolean", isEnabled);
}

/** Calls of the host that are under way: what Node would call requests. */
const activeRequests = () => Array.from({ length: pendingCalls() }, () => ({}));

const members = {
  title: "node",
  version,
  versions,
  arch: "x64",
  platform: "linux",
  release,
  argv: ["/var/lang/bin/node", "/var/runtime/index.mjs"],
  argv0: "/var/lang/bin/node",
  execArgv: [],
  execPath: "/var/lang/bin/node",
  pid: 1,
  ppid: 0,
  debugPort: 9229,
  env: createEnv(processState.variables),
  features,
  config,
  nextTick,
  hrtime,
  uptime,
  memoryUsage,
  availableMemory,
  constrainedMemory,
  resourceUsage,
  cpuUsage,
  threadCpuUsage: cpuUsage,
  cwd: () => processState.directory,
  chdir,
  umask,
  ...identity,
  dlopen: notHere("dlopen", "native addons cannot run in an isolate: use a package of JavaScript"),
  binding: notHere("binding", "use the public module"),
  emitWarning: createEmitWarning(self),
  getActiveResourcesInfo: () => [...activeRequests().map(() => "HostCall"), ...activeTimers()],
  _getActiveRequests: activeRequests,
  _getActiveHandles: () => [],
  _rawDebug(...args: unknown[]) {
    const { format } = requireNode("util") as { format(...args: unknown[]): string };
    printText(2, `${format(...args)}\n`);
  },
  getBuiltinModule,
  loadEnvFile,
  setSourceMapsEnabled,
  finalization: createFinalization(self),
  openStdin: () => (exported["stdin"] as { resume(): unknown }).resume(),
  moduleLoadList: [],
  mainModule: undefined,
  domain: null,
  ref: callOf("ref"),
  unref: callOf("unref"),
  report,
  allowedNodeEnvironmentFlags: new Set<string>(),
  sourceMapsEnabled: true,
};

const exported = Object.assign(emitter, members) as unknown as Record<string, unknown> & typeof members;
Object.defineProperties(exported, {
  ...Object.getOwnPropertyDescriptors(end.members),
  [Symbol.toStringTag]: { value: "process", configurable: true },
  stdout: standardStream(() => createOutput(1)),
  stdin: standardStream(createInput),
  stderr: standardStream(() => createOutput(2)),
});
emitter.on(
  "warning",
  // By the stream: there is code that puts its own `write` in the place.
  createWarningPrinter(self, (text) => (exported["stderr"] as { write(text: string): void }).write(text)),
);

processState.process = end.uncaught;

export default exported;
