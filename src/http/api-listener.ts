import type { RequestListener, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { stalledClientMs } from "../model/payload-limits.ts";

/**
 * The API's app as node:http calls it.
 * @param onBug Told of errors that are ours.
 */
export function apiListener(api: Pick<Hono, "fetch">, onBug: (error: unknown) => void): RequestListener {
  // The gateway that embeds us keeps its own Request and Response.
  const serve = getRequestListener(api.fetch, { overrideGlobalObjects: false });
  return (incoming, outgoing) => {
    cutStalled(outgoing);
    serve(incoming, outgoing).catch(onBug);
  };
}

/** A client that takes nothing of what waits for it is cut off; one that waits for us, as with a log, is not. */
export function cutStalled(outgoing: ServerResponse, stalledMs = stalledClientMs): void {
  outgoing.setTimeout(stalledMs, () => {
    if (outgoing.writableLength > 0) outgoing.destroy();
    // The socket's timer ends with its first silence.
    else outgoing.socket?.setTimeout(stalledMs);
  });
}
