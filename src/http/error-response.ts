import { LambdaServiceException, ServiceException } from "../model/errors.ts";

/** An answer on its way out, whatever carries it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The framework raises these before an operation is looked at: their bodies carry no `Type` (spec: api.md, section 1). */
const withoutType = new Set([
  "ValidationException",
  "AccessDeniedException",
  "RequestEntityTooLargeException",
]);

/**
 * Lambda's wire form of a refusal. Anything that is not a LambdaServiceException is our own bug: it becomes a
 * ServiceException that says nothing about us, and the caller of this logs the error itself.
 */
export function toErrorAnswer(error: unknown, requestId: string): ErrorAnswer {
  const refusal =
    error instanceof LambdaServiceException
      ? error
      : new ServiceException("Service encountered an internal error", { cause: error });
  const body: Record<string, string | null> = { ...refusal.members };
  if (refusal.hasType && !withoutType.has(refusal.code))
    body["Type"] = refusal.fault === "client" ? "User" : "Service";
  body[refusal.messageMember] = refusal.message === "" ? null : refusal.message;
  return {
    status: refusal.status,
    headers: {
      "Content-Type": "application/json",
      "x-amzn-RequestId": requestId,
      "x-amzn-ErrorType": refusal.code,
      // A breath, not an estimate: what throttles is concurrency, and nobody knows when an invocation ends.
      ...(refusal.status === 429 ? { "Retry-After": "1" } : undefined),
    },
    body: JSON.stringify(body),
  };
}

/** {@link toErrorAnswer} as a web-standard Response, for Hono handlers. */
export function toErrorResponse(error: unknown, requestId: string): Response {
  const { status, headers, body } = toErrorAnswer(error, requestId);
  return new Response(body, { status, headers });
}

/** Whether `error` is ours to log: a refusal is an ordinary answer, all else is a bug. */
export function isBug(error: unknown): boolean {
  return !(error instanceof LambdaServiceException) || error.fault === "server";
}
