import { IncomingMessage } from "node:http";
import type { Context } from "hono";

/** The request as node has it; undefined for one that came over no connection: a function's, or a program's. */
export function incomingOf(c: Context): IncomingMessage | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: unknown };
  return incoming instanceof IncomingMessage ? incoming : undefined;
}
