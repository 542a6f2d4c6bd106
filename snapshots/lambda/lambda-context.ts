import { callSync, primordials } from "../bridge.ts";
import { processState } from "../process-state.ts";

/** What differs from one invocation to the next; the host passes it as JSON. */
export interface InvokeContext {
  readonly requestId: string;
  readonly invokedFunctionArn: string;
  readonly traceId?: string;
  readonly clientContext?: string;
  /** Of functions that keep their tenants apart. */
  readonly tenantId?: string;
  /** Of process.env, which have new values: credentials that were about to expire. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** The handler's second argument. */
export interface LambdaContext {
  callbackWaitsForEmptyEventLoop: boolean;
  readonly [member: string]: unknown;
}

/** `context.done` and its like. @param error null or undefined for success. */
export type Done = (error: unknown, result: unknown) => void;

function getRemainingTimeInMillis(): number {
  return primordials.MathCeil(primordials.MathMax(0, callSync("invoke.remainingMs") as number));
}

/**
 * Plain own members, since functions spread and serialize it, and made in one go: this is on the path of every
 * invocation.
 */
export function createContext(invoke: InvokeContext, done: Done | undefined): LambdaContext {
  const variables = processState.variables;
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: variables["AWS_LAMBDA_FUNCTION_VERSION"],
    functionName: variables["AWS_LAMBDA_FUNCTION_NAME"],
    memoryLimitInMB: variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
    logGroupName: variables["AWS_LAMBDA_LOG_GROUP_NAME"],
    logStreamName: variables["AWS_LAMBDA_LOG_STREAM_NAME"],
    clientContext: clientContext(invoke.clientContext),
    identity: undefined,
    invokedFunctionArn: invoke.invokedFunctionArn,
    awsRequestId: invoke.requestId,
    tenantId: invoke.tenantId,
    getRemainingTimeInMillis,
  };
  if (done === undefined) return context;
  return {
    ...context,
    done: (error: unknown, result: unknown) => done(error ?? null, result),
    succeed: (result: unknown) => done(null, result),
    fail: (error: unknown) => done(error ?? "handled", undefined),
  };
}

function clientContext(json: string | undefined): unknown {
  if (json === undefined) return undefined;
  try {
    return primordials.JSONParse(json);
  } catch {
    return undefined;
  }
}
