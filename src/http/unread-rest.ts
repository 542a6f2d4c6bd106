import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { MiddlewareHandler } from "hono";
import { incomingOf } from "./incoming-of.ts";

/**
 * What a request that is refused may go on to send. More than the largest body there is (70 MB of code), since most
 * clients read our answer only when they have sent all. Time is bounded by the request's timeout.
 */
export const discardBytes = 128 * 1024 * 1024;

/**
 * Answers when the request has come to its end, whether anybody read it or not. A socket that is closed over unread
 * bytes is reset, and the reset overtakes the answer: the client sees ECONNRESET in its place. @hono/node-server would
 * close it half a second after the answer, which a large upload on a busy machine outlasts.
 */
export function answerAfterRequest(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const incoming = incomingOf(c);
    if (incoming !== undefined) await discardRest(incoming);
  };
}

function discardRest(incoming: IncomingMessage): Promise<void> | undefined {
  if (incoming.complete || incoming.destroyed) return undefined;
  return new Promise((resolve) => {
    let bytes = 0;
    // Whoever began to read it has made up their mind.
    incoming.removeAllListeners("data");
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > discardBytes) resolve();
    });
    incoming.once("end", resolve).once("close", resolve).once("error", resolve);
    incoming.resume();
  });
}

const lingerBytes = 1024 * 1024;
const lingerMs = 2_000;

/** Sends the last that this connection will see, and reads on for a moment so that it arrives. */
export function endWith(socket: Socket, answer: string): void {
  let bytes = 0;
  const cut = setTimeout(() => socket.destroy(), lingerMs);
  socket.removeAllListeners("data");
  socket.removeAllListeners("end");
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > lingerBytes) socket.destroy();
  });
  socket.on("error", () => socket.destroy());
  socket.once("end", () => socket.destroySoon());
  socket.once("close", () => clearTimeout(cut));
  socket.end(answer);
  socket.resume();
}
