import { callSync, primordials } from "../bridge.ts";
import { processState } from "../process-state.ts";
import { majorVersion } from "./handler.ts";

/** What differs from one invocation to the next; the host passes it as JSON. */
export interface InvokeContext {
  readonly requestId: string;
  readonly invokedFunctionArn: string;
  readonly traceId?: string;
  readonly clientContext?: string;
}

export interface ContextControls {
  getWaits(): boolean;
  setWaits(waits: boolean): void;
  done(error: unknown, result: unknown): void;
}

/** The handler's second argument. Plain own members, since functions spread and serialize it. */
export function createContext(invoke: InvokeContext, controls: ContextControls): object {
  const variables = processState.variables;
  const context: Record<string, unknown> = {
    get callbackWaitsForEmptyEventLoop(): boolean {
      return controls.getWaits();
    },
    set callbackWaitsForEmptyEventLoop(waits: boolean) {
      controls.setWaits(Boolean(waits));
    },
    functionVersion: variables["AWS_LAMBDA_FUNCTION_VERSION"],
    functionName: variables["AWS_LAMBDA_FUNCTION_NAME"],
    memoryLimitInMB: variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
    logGroupName: variables["AWS_LAMBDA_LOG_GROUP_NAME"],
    logStreamName: variables["AWS_LAMBDA_LOG_STREAM_NAME"],
    clientContext: clientContext(invoke.clientContext),
    identity: undefined,
    invokedFunctionArn: invoke.invokedFunctionArn,
    awsRequestId: invoke.requestId,
    getRemainingTimeInMillis: (): number =>
      primordials.MathCeil(primordials.MathMax(0, callSync("invoke.remainingMs") as number)),
  };
  if (majorVersion(processState.runtime) < 24) {
    context["done"] = (error: unknown, result: unknown) => controls.done(error ?? null, result);
    context["succeed"] = (result: unknown) => controls.done(null, result);
    context["fail"] = (error: unknown) => controls.done(error ?? "handled", undefined);
  }
  return context;
}

function clientContext(json: string | undefined): unknown {
  if (json === undefined) return undefined;
  try {
    return primordials.JSONParse(json);
  } catch {
    return undefined;
  }
}
