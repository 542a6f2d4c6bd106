/** Events as they come, a JSON text a line. @param stop Aborted when the client leaves. */
export function ndjsonResponse(events: AsyncIterable<unknown>, stop: AbortController): Response {
  return new Response(toNdjson(events, stop), {
    headers: { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" },
  });
}

const chunkCharacters = 16 * 1024;

/** Reads on only as the client does; when the client leaves, the reading ends. */
function toNdjson(events: AsyncIterable<unknown>, stop: AbortController): ReadableStream<Uint8Array> {
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
async function* batches(events: AsyncIterable<unknown>): AsyncGenerator<string> {
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
