import perfHooks from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";
import * as bundleModule from "../../../../snapshots/bundle/module.ts";
import * as bundlePaths from "../../../../snapshots/bundle/paths.ts";
import * as bytes from "../../../../snapshots/web/bytes.ts";
import * as latin1 from "../../../../snapshots/web/latin1.ts";
import { bundleGuest } from "../../../../src/builder/guest-scripts.ts";
import { HostFiles } from "../../../../src/host/files/index.ts";
import type { OperationEnvironment } from "../../../../src/host/operation.ts";
import { parseArguments } from "../../../../src/host/operation.ts";
import { operations } from "../../../../src/host/operations/index.ts";
import type { Value } from "../../../../src/model/values.ts";

const snapshots = fileURLToPath(new URL("../../../../snapshots", import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: a module under test is used as JavaScript would use it
export type GuestModule = any;

export interface Guest {
  require(specifier: string): GuestModule;
  /** The node modules that there are files of, without `node:`. */
  readonly names: readonly string[];
  /** What was logged, as `level: text`. */
  readonly log: string[];
  readonly exits: number[];
  readonly variables: Record<string, string>;
  readonly processState: typeof import("../../../../snapshots/process-state.ts").processState;
  /** Answers a remote operation in the supervisor's place. */
  onRemote: (operation: string, args: readonly Value[]) => Promise<Value>;
}

/**
 * The guest's node modules as the isolate would load them, evaluated in this realm over the real host operations,
 * so that what they do can be compared with Node's own modules value by value.
 */
export async function loadGuest(): Promise<Guest> {
  const { modules } = await bundleGuest(snapshots);
  const log: string[] = [];
  const exits: number[] = [];
  const environment = {
    id: 1,
    openedMs: 0,
    resources: new Map(),
    files: new HostFiles({}).environment(undefined, 0),
    heapStatistics: () => JSON.stringify({ ...v8.getHeapStatistics(), externally_allocated_size: 1 }),
    log: (level: string, text: string) => log.push(`${level}: ${text}`),
    exit(status: number) {
      exits.push(status);
      throw new Error("exited");
    },
  } as unknown as OperationEnvironment;

  const run = (name: string, args: readonly Value[]): Value | Promise<Value> => {
    const operation = operations.get(name);
    if (operation === undefined) throw new Error(`No operation "${name}"`);
    if (operation.kind === "remote") return guest.onRemote(name, args);
    return operation.run(environment, ...parseArguments(operation, args, 0));
  };
  const bridge = {
    callSync: (name: string, ...args: Value[]) => run(name, args),
    pendingCalls: () => 0,
    callAsync: async (name: string, ...args: Value[]) => run(name, args),
    callAsyncUnref: async (name: string, ...args: Value[]) => run(name, args),
  };
  const variables: Record<string, string> = {};
  const processState: Guest["processState"] = {
    variables,
    runtime: "nodejs22.x",
    memorySizeMb: 128,
    directory: "/var/task",
    umask: 0o022,
    process: undefined,
    flushOutput: undefined,
  };
  const loaded = new Map<string, { exports: unknown }>(
    Object.entries({
      "brisk:bridge": bridge,
      "brisk:ticks": { nextTick: process.nextTick.bind(process), queueMicrotask },
      "brisk:loop": {
        setTimeout,
        setInterval,
        setImmediate,
        clearTimeout,
        clearInterval,
        clearImmediate,
        activeTimers: () => [],
        holdLoop() {},
      },
      "brisk:async-context": {
        captureContext: () => (callback: () => unknown, self: unknown, args: []) =>
          Reflect.apply(callback, self, args),
        provideContexts() {},
      },
      "brisk:bundle/current": { current: { modules: undefined } },
      "brisk:bundle/module": bundleModule,
      "brisk:bundle/paths": bundlePaths,
      "brisk:snapstart/hooks": { registerBeforeFreeze: () => false },
      "brisk:process-state": { processState },
      "brisk:registry": {
        requireNode: (name: string) => load(`node:${name.replace(/^node:/, "")}`),
        requireInternal: (name: string) => load(name),
      },
      "brisk:web/bytes": bytes,
      "brisk:random-pool": { randomPool: { bytes: undefined, used: 0 } },
      "brisk:web/latin1": latin1,
      "brisk:web/utf8": {
        utf8Encode: (text: string) => new TextEncoder().encode(text),
        utf8EncodeInto: (text: string, bytes: Uint8Array) => new TextEncoder().encodeInto(text, bytes),
        utf8Decode: (input: Uint8Array, fatal: boolean) => decodeUtf8(input, fatal),
      },
      "brisk:web/lazy/abort": { AbortController, AbortSignal },
      "brisk:web/lazy/event-target": { listenersOf: () => [], resistsStop: Symbol("resists") },
      "brisk:web/lazy/url": { URL },
      "brisk:web/lazy/url-search-params": { URLSearchParams },
      "brisk:web/lazy/url-pattern": { URLPattern },
      "brisk:web/lazy/message-channel": { MessageChannel, MessagePort },
      "brisk:web/lazy/performance": perfHooks,
      "brisk:web/cloning": { uncloneable: new WeakSet(), untransferable: new WeakSet() },
      "brisk:web/fetch-handle": { nextFetchHandle: nextHandle() },
    }).map(([name, exports]) => [name, { exports }]),
  );

  function load(specifier: string): unknown {
    let module = loaded.get(specifier);
    if (module === undefined) {
      const text = modules.get(specifier);
      if (text === undefined) throw new Error(`No guest module "${specifier}"`);
      module = { exports: {} };
      loaded.set(specifier, module);
      // The guest's own Buffer and process, where Node would give its own.
      const evaluate = new Function("scope", `with (scope) { return ${text}; }`) as (
        scope: object,
      ) => Factory;
      evaluate(scope)(load, module, module.exports as object);
    }
    return specifier.startsWith("node:") ? (module.exports as { default: unknown }).default : module.exports;
  }
  const scope = {
    get Buffer() {
      return (load("node:buffer") as { Buffer: unknown }).Buffer;
    },
    get process() {
      return load("node:process");
    },
  };
  const guest: Guest = {
    require: load,
    names: [...modules.keys()].filter((name) => name.startsWith("node:")).map((name) => name.slice(5)),
    log,
    exits,
    variables,
    processState,
    onRemote: async (name) => {
      throw new Error(`Nobody answers "${name}"`);
    },
  };
  return guest;
}

type Factory = (require: (specifier: string) => unknown, module: object, exports: object) => void;

function nextHandle(): () => number {
  let last = 0;
  return () => ++last;
}

function decodeUtf8(input: Uint8Array, fatal: boolean): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal, ignoreBOM: true }).decode(input);
  } catch {
    return undefined;
  }
}
