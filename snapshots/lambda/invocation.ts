import { callSync, primordials } from "../bridge.ts";
import { processState } from "../process-state.ts";
import { requireInternal } from "../registry.ts";
import { logLine } from "./console.ts";
import { errorJson, errorPayload, isError, runtimeError } from "./errors.ts";
import { type Handler, isThenable, streaming } from "./handler.ts";
import { createContext, type InvokeContext, type LambdaContext } from "./lambda-context.ts";

const requestIdSymbol = Symbol.for("aws.lambda.runtime.requestId");

/** One event under way. Exactly one of its endings reaches the host; whatever comes later is ignored, as on Lambda. */
export class Invocation {
  readonly #handler: Handler;
  readonly #invoke: InvokeContext;
  readonly #takesCallback: boolean;
  #isSettled = false;
  #isAsync = false;
  /** The result of a callback that waits for the event loop to be empty. */
  #held: string | undefined;
  #context: LambdaContext | undefined;
  #response: { over(): void } | undefined;

  /** @param takesCallback Before Node 24 a handler may answer by callback, and by `context.done`. */
  constructor(handler: Handler, context: InvokeContext, takesCallback: boolean) {
    this.#handler = handler;
    this.#takesCallback = takesCallback;
    this.#invoke = context;
  }

  run(eventJson: string): void {
    const { requestId, traceId, variables: renewed } = this.#invoke;
    const variables = processState.variables;
    if (renewed !== undefined) for (const name in renewed) variables[name] = renewed[name]!;
    if (traceId !== undefined) variables["_X_AMZN_TRACE_ID"] = traceId;
    else if (variables["_X_AMZN_TRACE_ID"] !== undefined) delete variables["_X_AMZN_TRACE_ID"];
    (globalThis as Record<symbol, unknown>)[requestIdSymbol] = requestId;
    const event: unknown = primordials.JSONParse(eventJson);
    const context = createContext(
      this.#invoke,
      this.#takesCallback ? (error, result) => this.#done(error, result, false) : undefined,
    );
    this.#context = context;
    if (this.#handler[streaming] !== undefined) this.#runStreaming(event, context);
    else this.#runBuffered(event, context);
  }

  #runBuffered(event: unknown, context: object): void {
    let returned: unknown;
    try {
      returned = this.#takesCallback
        ? this.#handler(event, context, (error: unknown, result: unknown) => this.#done(error, result, true))
        : this.#handler(event, context);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (!isThenable(returned)) return;
    this.#isAsync = true;
    const resolve = (result: unknown) => this.#succeed(result);
    const reject = (error: unknown) => this.fail(error);
    // A function that patches `then` (tracers do) does not get between us and its result.
    if (returned instanceof primordials.Promise) {
      primordials.ReflectApply(primordials.promiseThen, returned, [resolve, reject]);
    } else returned.then(resolve, reject);
  }

  #runStreaming(event: unknown, context: object): void {
    // Loaded on demand: most functions never stream, and node:stream is not small.
    const { runStreaming } = requireInternal(
      "brisk:lambda/lazy/streaming",
    ) as typeof import("./lazy/streaming.ts");
    this.#isAsync = true;
    runStreaming(this.#handler, event, context, (response) => {
      this.#response = response;
    }).then(
      () => {
        this.#isSettled = true;
        processState.flushOutput?.();
      },
      (error: unknown) => this.fail(error),
    );
  }

  /** The next event begins, so this one has ended for the host, whatever of it goes on. */
  supersede(): void {
    this.#isSettled = true;
    this.#response?.over();
  }

  /** The event loop is empty: nothing can settle this invocation any more but this. */
  loopEmpty(): void {
    if (this.#isSettled) return;
    if (this.#held !== undefined) this.#settle(this.#held);
    else if (!this.#isAsync) this.#settle("null");
    else {
      this.fail(
        runtimeError(
          "NodeJsExit",
          "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes",
        ),
        true,
      );
    }
  }

  /** @param isFatal The runtime's process would not have survived it. */
  fail(error: unknown, isFatal = false): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    processState.flushOutput?.();
    const json = errorJson(error);
    logError("Invoke Error ", error);
    callSync("invoke.failed", json, isFatal);
  }

  #done(error: unknown, result: unknown, waits: boolean): void {
    if (this.#isSettled || this.#held !== undefined) return;
    if (error !== undefined && error !== null) {
      this.fail(error);
      return;
    }
    const json = this.#stringify(result);
    if (json === undefined) return;
    if (waits && this.#context?.callbackWaitsForEmptyEventLoop !== false) this.#held = json;
    else this.#settle(json);
  }

  #succeed(result: unknown): void {
    if (this.#isSettled) return;
    const json = this.#stringify(result);
    if (json !== undefined) this.#settle(json);
  }

  #stringify(result: unknown): string | undefined {
    try {
      return primordials.JSONStringify(result === undefined ? null : result) ?? "null";
    } catch {
      this.fail(new primordials.Error("Unable to stringify response body"));
      return undefined;
    }
  }

  #settle(json: string): void {
    this.#isSettled = true;
    processState.flushOutput?.();
    callSync("invoke.result", json);
  }
}

/** The runtime's own line about an error, as Node's runtime prints it: a tab, then JSON. */
export function logError(title: string, error: unknown): void {
  const { errorType, errorMessage, trace } = errorPayload(error);
  let details: Record<string, unknown> = { errorType, errorMessage };
  if (isError(error)) {
    try {
      details = { ...details, ...error, stack: trace };
      if (isError(error.cause)) details["cause"] = causeOf(error.cause);
    } catch {
      details["stack"] = trace;
    }
  } else details["stack"] = [];
  let json: string;
  try {
    json = primordials.JSONStringify(details);
  } catch {
    json = primordials.JSONStringify({ errorType, errorMessage, stack: trace });
  }
  logLine("ERROR", `${title}\t${json}`);
}

/** What Lambda's line leaves out, and "fetch failed" says nothing without it. */
function causeOf(cause: Error): Record<string, unknown> {
  const { errorType, errorMessage } = errorPayload(cause);
  return { errorType, errorMessage, code: (cause as { code?: unknown }).code };
}
