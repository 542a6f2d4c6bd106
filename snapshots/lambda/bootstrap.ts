import {
  bindHost,
  callSync,
  complete,
  pendingCalls,
  primordials,
  unbindHost,
  type Value,
} from "../bridge.ts";
import { Entry } from "../entry.ts";
import { arm, runTimers } from "../loop.ts";
import { processState } from "../process-state.ts";
import { dropRandomPool } from "../random-pool.ts";
import { defineModule, requireInternal } from "../registry.ts";
import { freezesInit, hasAfterRestore, runAfterRestore, runBeforeSnapshot } from "../snapstart/hooks.ts";
import { onUncaught, runTicks } from "../ticks.ts";
import { clockRestored } from "../web/performance.ts";
import { addStreamingTo } from "../web/web-assembly.ts";
import { awslambda } from "./awslambda.ts";
import { tellDebuggers } from "./console.ts";
import { errorJson } from "./errors.ts";
import { type Handler, loadHandler, majorVersion } from "./handler.ts";
import { Invocation, logError } from "./invocation.ts";
import type { InvokeContext } from "./lambda-context.ts";
import { forgetErrors, rejected } from "./rejections.ts";
import { drain } from "./stream-window.ts";

interface Settings {
  readonly handler: string;
  readonly runtime: string;
  readonly variables: Record<string, string>;
  /** Init is recorded or replayed: its heap is going to be frozen. */
  readonly isFrozen?: boolean;
  /** Debuggers may be attached to it. */
  readonly isInspected?: boolean;
  /** A rehearsal restores without the function's own hooks, which may have effects. */
  readonly skipsHooks?: boolean;
}

let handler: Handler | undefined;
let takesCallback = true;
let invocation: Invocation | undefined;
/** What `init` was given: a restore replaces what differs, and leaves what user code changed. */
let initVariables: Record<string, string> = {};

/** Bound once by the host, right after the heap was restored. The answer is the only way into the guest. */
export function bind(callback: (operation: string, ...args: Value[]) => Value): typeof enter {
  bindHost(callback);
  onUncaught(uncaught);
  const { WebAssembly } = globalThis as unknown as { WebAssembly?: Record<string, unknown> };
  // V8 has none while it freezes a heap.
  if (WebAssembly !== undefined) addStreamingTo(WebAssembly);
  return enter;
}

function enter(kind: number, a: unknown, b: unknown, c: unknown, d: unknown): void {
  // No answer goes back: an unrelated unhandled rejection would replace it. What there is to say is an operation.
  try {
    switch (kind) {
      case Entry.invoke:
        invocation?.supersede();
        invocation = new Invocation(
          handler!,
          primordials.JSONParse(a as string) as InvokeContext,
          takesCallback,
        );
        invocation.run(b as string);
        break;
      case Entry.complete:
        complete(a as number, b as boolean, c as Value, d as string);
        break;
      case Entry.timers:
        runTimers();
        break;
      case Entry.drain:
        drain();
        break;
      case Entry.loopEmpty:
        invocation?.loopEmpty();
        break;
      case Entry.defineModule:
        defineModule(a as string, b as never);
        // Within a call of the guest's: its turn goes on, and ends as every turn does.
        return;
      case Entry.init:
        init(primordials.JSONParse(a as string) as Settings, b as never);
        break;
      case Entry.rejection:
        rejected(a as boolean, b, c as string, d as string);
        break;
      case Entry.freeze:
        freeze(a as boolean);
        return;
      case Entry.restore:
        restore(primordials.JSONParse(a as string) as Settings);
        break;
    }
    runTicks();
  } catch (error) {
    uncaught(error);
  }
}

function init(settings: Settings, factory: Parameters<typeof loadHandler>[0]): void {
  processState.runtime = settings.runtime;
  takesCallback = majorVersion(settings.runtime) < 24;
  const { variables } = settings;
  for (const name in variables) processState.variables[name] = variables[name]!;
  initVariables = variables;
  processState.memorySizeMb = Number(variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]);
  if (variables["AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA"] !== "1") {
    primordials.ObjectDefineProperty(globalThis, "awslambda", {
      value: awslambda,
      configurable: true,
      writable: true,
    });
  }
  if (settings.isInspected === true) tellDebuggers();
  if (settings.isFrozen === true) {
    freezesInit();
    standIns().prepareInit();
  }
  let loading = loadHandler(factory, settings.handler, settings.runtime);
  if (settings.isFrozen === true) {
    loading = loading.then((loaded) => runBeforeSnapshot().then(() => loaded));
  }
  loading.then(
    (loaded) => {
      handler = loaded;
      processState.flushOutput?.();
      callSync("init.done");
    },
    (error: unknown) => {
      logError("Uncaught Exception ", error);
      callSync("init.failed", errorJson(error));
    },
  );
}

/** What the globals that can't be frozen, or would make a replay differ, are replaced with. */
function standIns(): typeof import("../snapstart/lazy/stand-ins.ts") {
  return requireInternal("brisk:snapstart/lazy/stand-ins") as typeof import("../snapstart/lazy/stand-ins.ts");
}

/** What init made of Error.stackTraceLimit: V8 can't freeze it, and gives each heap its own. */
let stackTraceLimit: unknown;

/** @param keepsHost A rehearsal goes on with the same host. */
function freeze(keepsHost: boolean): void {
  const open = pendingCalls();
  const reason =
    open > 0 ? `${open} asynchronous operations of init have not ended` : standIns().beforeFreeze();
  ({ stackTraceLimit } = primordials.Error as { stackTraceLimit?: unknown });
  dropRandomPool();
  forgetErrors();
  callSync("snapstart.frozen", reason ?? "");
  if (!keepsHost) unbindHost();
}

function restore(settings: Settings): void {
  if (handler === undefined) {
    callSync("init.failed", errorJson(new primordials.Error("The snapshot has no handler")));
    return;
  }
  if (settings.isInspected === true) tellDebuggers();
  const { variables } = settings;
  for (const name in variables) {
    if (initVariables[name] !== variables[name]) processState.variables[name] = variables[name]!;
  }
  // Credentials of a role that has been deleted since.
  for (const name in initVariables) if (variables[name] === undefined) delete processState.variables[name];
  initVariables = variables;
  (primordials.Error as { stackTraceLimit?: unknown }).stackTraceLimit = stackTraceLimit;
  standIns().afterRestore();
  clockRestored();
  arm();
  if (settings.skipsHooks === true || !hasAfterRestore()) {
    callSync("init.done");
    return;
  }
  runAfterRestore().then(
    () => callSync("init.done"),
    (error: unknown) => {
      logError("Uncaught Exception ", error);
      callSync("init.failed", errorJson(error));
    },
  );
}

/** An exception that nobody caught: on Lambda it ends the runtime's process, unless the function listens for it. */
function uncaught(error: unknown): void {
  const process = processState.process;
  if (process !== undefined && process.listenerCount("uncaughtException") > 0) {
    process.emit("uncaughtException", error, "uncaughtException");
    return;
  }
  processState.flushOutput?.();
  logError("Uncaught Exception ", error);
  if (invocation === undefined) callSync("init.failed", errorJson(error));
  else callSync("invoke.failed", errorJson(error), true);
}
