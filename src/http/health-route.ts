import { Hono, type MiddlewareHandler } from "hono";
import { incomingOf } from "./incoming-of.ts";

/**
 * `GET /_health`, for whatever watches over this server: it signs nothing. A function is no such thing, and learns
 * nothing here of what else runs: to it the path is as any other.
 */
export function createHealthApp(guard: MiddlewareHandler, figures: () => object): Hono {
  const app = new Hono();
  app.get("/_health", guard, (c, next) =>
    incomingOf(c) === undefined ? next() : c.json({ status: "ok", ...figures() }),
  );
  return app;
}
