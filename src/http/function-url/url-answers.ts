import type { Trace } from "../trace-header.ts";

/** An answer that is Lambda's own, not the function's. */
export interface UrlAnswer {
  readonly status: number;
  /** For `x-amzn-ErrorType`. */
  readonly errorType: string | undefined;
  readonly body: string;
  readonly headers?: readonly string[];
}

const authHelp =
  "Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

export const unknownUrl = answer(403, "AccessDeniedException", null);
export const forbidden = answer(403, "AccessDeniedException", authHelp);
/** For URLs with AuthType AWS_IAM, where no request could have a signature that counts. */
export const withoutKeys = answer(
  403,
  "AccessDeniedException",
  `${authHelp}. Its AuthType is AWS_IAM, and this server has no access keys: start it with --auth sigv4`,
);
export const badRequest = answer(400, "BadRequestException", "Bad Request");
export const methodNotAllowed = answer(405, "MethodNotAllowedException", "Method Not Allowed");
export const tooLarge = answer(
  413,
  "RequestEntityTooLargeException",
  "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
);
export const notReady = answer(
  503,
  "ServiceUnavailableException",
  "The function behind this URL cannot be invoked now: it is not Active, or the URL's alias is gone",
);
export const internalError = answer(500, "ServiceException", "Service encountered an internal error");

export function throttled(message: string, reason: string): UrlAnswer {
  return {
    status: 429,
    errorType: "TooManyRequestsException",
    body: JSON.stringify({ Reason: reason, Message: message }),
    headers: ["Retry-After", "1"],
  };
}

/** @param code Of access/refusals.ts. */
export function badSignature(code: string, message: string): UrlAnswer {
  return { status: 403, errorType: code, body: JSON.stringify({ message }) };
}

/**
 * The function's failure, of which Lambda tells the client nothing. We add which kind it was.
 * @param kind One of a fixed set of words, never text from the guest.
 */
export function badGateway(kind: string): UrlAnswer {
  return {
    status: 502,
    errorType: undefined,
    body: "Internal Server Error",
    headers: ["x-brisk-error-type", kind],
  };
}

/** Headers that every answer carries. */
export function pushStandardHeaders(headers: string[], requestId: string, trace: Trace): void {
  headers.push("x-amzn-RequestId", requestId, "X-Amzn-Trace-Id", trace.answered);
}

function answer(status: number, errorType: string, message: string | null): UrlAnswer {
  return { status, errorType, body: JSON.stringify({ Message: message }) };
}
