import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { type AuditEvent, type AuditTrail, matcher } from "../audit/index.ts";
import { toErrorResponse } from "./error-response.ts";
import { ndjsonResponse } from "./ndjson.ts";
import { wholeNumber } from "./whole-number.ts";

export interface AuditRouteOptions {
  readonly trail: Pick<AuditTrail, "read" | "follow">;
}

/**
 * `GET /_brisk/audit?since=<epoch ms>&limit=<n>&user=…&event=…&errors=1&follow=1`: the audit log as NDJSON, a
 * CloudTrail record a line, for whoever may (`brisk:GetAudit`). With `follow` the answer goes on until the client leaves.
 */
export function createAuditApp({ trail }: AuditRouteOptions): Hono {
  const app = new Hono();
  app.get("/_brisk/audit", (c) => {
    const stop = new AbortController();
    const query = {
      ...wholeNumber("since", c.req.query("since"), "sinceMs"),
      ...wholeNumber("limit", c.req.query("limit"), "limit"),
      matches: matcher({
        user: c.req.query("user"),
        event: c.req.query("event"),
        errorsOnly: c.req.query("errors") === "1",
      }),
    };
    const events =
      c.req.query("follow") === "1" ? trail.follow({ ...query, signal: stop.signal }) : trail.read(query);
    return ndjsonResponse(records(events), stop);
  });
  app.onError((error) => toErrorResponse(error, randomUUID()));
  return app;
}

async function* records(events: AsyncIterable<AuditEvent>): AsyncGenerator<unknown> {
  for await (const { record } of events) yield record;
}
