import { bindHost, callSync, complete, primordials, type Value } from "../bridge.ts";
import { Entry } from "../entry.ts";
import { runTimers } from "../loop.ts";
import { processState } from "../process-state.ts";
import { defineModule } from "../registry.ts";
import { onUncaught, runTicks } from "../ticks.ts";
import { awslambda } from "./awslambda.ts";
import { errorJson } from "./errors.ts";
import { type Handler, loadHandler, majorVersion } from "./handler.ts";
import { Invocation, logError } from "./invocation.ts";
import type { InvokeContext } from "./lambda-context.ts";
import { drain } from "./stream-window.ts";

interface Settings {
  readonly handler: string;
  readonly runtime: string;
  readonly variables: Record<string, string>;
}

let handler: Handler | undefined;
let takesCallback = true;
let invocation: Invocation | undefined;

/** Bound once by the host, right after the heap was restored. The answer is the only way into the guest. */
export function bind(callback: (operation: string, ...args: Value[]) => Value): typeof enter {
  bindHost(callback);
  onUncaught(uncaught);
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
  processState.memorySizeMb = Number(variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]);
  if (variables["AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA"] !== "1") {
    primordials.ObjectDefineProperty(globalThis, "awslambda", {
      value: awslambda,
      configurable: true,
      writable: true,
    });
  }
  loadHandler(factory, settings.handler, settings.runtime).then(
    (loaded) => {
      handler = loaded;
      callSync("init.done");
    },
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
  logError("Uncaught Exception ", error);
  if (invocation === undefined) callSync("init.failed", errorJson(error));
  else callSync("invoke.failed", errorJson(error), true);
}
