import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { InvalidParameterValueException, ResourceNotFoundException } from "../model/errors.ts";
import type { LogEvent, LogStore } from "../observe/index.ts";
import { toErrorResponse } from "./error-response.ts";

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
      ...numberOf("since", c.req.query("since"), "sinceMs"),
      ...numberOf("limit", c.req.query("limit"), "limit"),
    };
    const events =
      c.req.query("follow") === "1"
        ? options.logs.follow(group, { ...range, signal: stop.signal })
        : options.logs.read(group, range);
    return new Response(toNdjson(events, stop), {
      headers: { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" },
    });
  });
  app.onError((error) => toErrorResponse(error, randomUUID()));
  return app;
}

const chunkCharacters = 16 * 1024;

/** Reads on only as the client does; when the client leaves, the reading ends. */
function toNdjson(events: AsyncIterable<LogEvent>, stop: AbortController): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const lines = batches(events)[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await lines.next();
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    async cancel() {
      stop.abort();
      await lines.return?.(undefined);
    },
  });
}

/** Joins the events that are there already, so that a long log is not sent line by line. */
async function* batches(events: AsyncIterable<LogEvent>): AsyncGenerator<string> {
  const iterator = events[Symbol.asyncIterator]();
  let text = "";
  try {
    for (;;) {
      const pending = iterator.next();
      // A turn of the event loop is more than a buffered event needs, and nothing to a person who follows.
      const next = text === "" ? await pending : await Promise.race([pending, afterTurn()]);
      if (next === undefined || text.length >= chunkCharacters) {
        yield text;
        text = "";
      }
      const event = next ?? (await pending);
      if (event.done) break;
      text += `${JSON.stringify(event.value)}\n`;
    }
    if (text !== "") yield text;
  } finally {
    await iterator.return?.(undefined);
  }
}

function afterTurn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(resolve, undefined));
}

function numberOf(parameter: string, text: string | undefined, name: string): Record<string, number> {
  if (text === undefined) return {};
  const value = Number(text);
  if (text === "" || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidParameterValueException(`${parameter} is "${text}", a whole number is expected`);
  }
  return { [name]: value };
}
