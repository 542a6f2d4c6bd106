import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { type AuditEvent, type AuditTrail, eventName, isEvent, matcher } from "../audit/index.ts";
import { didYouMean } from "../model/did-you-mean.ts";
import { InvalidParameterValueException } from "../model/errors.ts";
import { auditedNames } from "./audited-call.ts";
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
    const event = c.req.query("event");
    if (event !== undefined) checkEvent(event);
    const stop = new AbortController();
    const query = {
      ...wholeNumber("since", c.req.query("since"), "sinceMs"),
      ...wholeNumber("limit", c.req.query("limit"), "limit"),
      matches: matcher({
        user: c.req.query("user"),
        event,
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

/** A name that no call has would find nothing, for ever. */
function checkEvent(event: string): void {
  if (auditedNames.some((name) => isEvent(eventName(name), event))) return;
  throw new InvalidParameterValueException(
    `No operation is called ${event.slice(0, 128)}${didYouMean(event.slice(0, 128), auditedNames)}`,
  );
}

async function* records(events: AsyncIterable<AuditEvent>): AsyncGenerator<unknown> {
  for await (const { record } of events) yield record;
}
