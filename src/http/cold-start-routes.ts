import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import type { FunctionService, VersionRecord } from "../control/index.ts";
import type { StartsView } from "../model/starts.ts";
import { isBug, toErrorResponse } from "./error-response.ts";

export interface ColdStartRoutesOptions {
  readonly functions: FunctionService;
  readonly starts: StartsView;
  /** Told of errors that are ours. */
  readonly onBug?: (error: unknown) => void;
}

/**
 * How a function starts, for whoever wants to know or to see it start again. Each takes `?qualifier=`, a version or
 * an alias, and answers with JSON that names the version:
 *
 *   GET    /_brisk/functions/:name/snapshot      its SnapshotState
 *   GET    /_brisk/functions/:name/starts        `wanted` strategy, `environments` that exist, the last `starts`
 *   DELETE /_brisk/functions/:name/environments  ends the idle ones: the next invocation is a cold start
 *   POST   /_brisk/functions/:name/environments  restores one ahead of need, where none is idle and memory allows it
 */
export function createColdStartApp(options: ColdStartRoutesOptions): Hono {
  const { functions, starts, onBug = () => {} } = options;
  const app = new Hono();
  const version = (c: Context): VersionRecord =>
    functions.functions.get(c.req.param("name") ?? "", c.req.query("qualifier") || undefined).version;

  app.get("/_brisk/functions/:name/snapshot", (c) => {
    const record = version(c);
    return answer(c, { version: record.version, ...functions.snapshot(record) });
  });
  app.get("/_brisk/functions/:name/starts", (c) => {
    const record = version(c);
    const spec = functions.specOf(record);
    // Without a bundle nothing of it ever started.
    if (spec === undefined) return answer(c, { version: record.version, starts: [] });
    return answer(c, {
      version: record.version,
      wanted: spec.start,
      environments: starts.environments(spec.key),
      starts: starts.starts(spec.key),
    });
  });
  app.delete("/_brisk/functions/:name/environments", (c) => {
    const record = version(c);
    const spec = functions.specOf(record);
    const ended = spec === undefined ? 0 : starts.retireIdle(spec.key);
    return answer(c, { version: record.version, ended });
  });
  app.post("/_brisk/functions/:name/environments", (c) => {
    const record = version(c);
    const spec = functions.specOf(record);
    if (spec !== undefined) starts.prepareSpare(spec);
    return answer(c, { version: record.version });
  });
  app.onError((error) => {
    if (isBug(error)) onBug(error);
    return toErrorResponse(error, randomUUID());
  });
  return app;
}

function answer(c: Context, body: object): Response {
  return c.json(body, 200, { "Cache-Control": "no-store" });
}
