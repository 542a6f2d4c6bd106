import { randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { LambdaServiceException } from "../model/errors.ts";
import { toErrorResponse } from "./error-response.ts";
import { incomingOf } from "./incoming-of.ts";

/** Steps up or nowhere, as URL parsers understand them: escaped and after backslashes, too. */
const dotSegment = /[/\\](?:\.|%2e){1,2}(?:[/\\?#]|$)/i;

/**
 * Refuses paths that are not what they seem. Whoever parses a URL takes `..` out of it together with the step
 * before, and then `DELETE …/functions/hello/policy/..`, which is to remove a statement, deletes the function.
 */
export function refuseDotSegments(): MiddlewareHandler {
  return async (c, next) => {
    // A Request that a program made has no other path than the one its URL says.
    const path = incomingOf(c)?.url?.split("?", 1)[0] ?? "";
    if (!dotSegment.test(path)) return next();
    const message = `No operation of the Lambda API is at ${c.req.method} ${path.slice(0, 256)}`;
    return toErrorResponse(
      new LambdaServiceException("UnknownOperationException", 404, "client", message),
      randomUUID(),
    );
  };
}
