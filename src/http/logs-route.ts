import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { ResourceNotFoundException } from "../model/errors.ts";
import type { LogStore } from "../observe/index.ts";
import { toErrorResponse } from "./error-response.ts";
import { ndjsonResponse } from "./ndjson.ts";
import { wholeNumber } from "./whole-number.ts";

export interface LogsRouteOptions {
  readonly logs: LogStore;
  /** A function's log group, or nothing when there is no such function. */
  readonly logGroupOf: (functionName: string) => string | undefined;
}

/**
 * `GET /_brisk/logs/:name?since=<epoch ms>&limit=<n>&follow=1`: a function's log as NDJSON, one
 * `{timestampMs, stream, text}` a line. With `follow` the answer goes on until the client leaves.
 */
export function createLogsApp(options: LogsRouteOptions): Hono {
  const app = new Hono();
  app.get("/_brisk/logs/:name", (c) => {
    const name = c.req.param("name");
    const group = options.logGroupOf(name);
    if (group === undefined) throw new ResourceNotFoundException(`Function not found: ${name}`);
    const stop = new AbortController();
    const range = {
      ...wholeNumber("since", c.req.query("since"), "sinceMs"),
      ...wholeNumber("limit", c.req.query("limit"), "limit"),
    };
    const events =
      c.req.query("follow") === "1"
        ? options.logs.follow(group, { ...range, signal: stop.signal })
        : options.logs.read(group, range);
    return ndjsonResponse(events, stop);
  });
  app.onError((error) => toErrorResponse(error, randomUUID()));
  return app;
}
