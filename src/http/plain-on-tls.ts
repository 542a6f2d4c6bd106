import type { Server, Socket } from "node:net";
import { gateConnections } from "./connection-gate.ts";
import { endWith } from "./unread-rest.ts";
import { wholeAnswer } from "./unreadable-request.ts";

/** The first byte of a TLS handshake. Plain HTTP begins with a method's letter. */
const handshakeRecord = 0x16;

/** Tells clients that speak plain HTTP to a TLS port what they did, where node would only hang up. */
export function answerPlainHttp(server: Server, firstByteMs: number): void {
  gateConnections(server, (socket, admit) => {
    const silent = setTimeout(() => socket.destroy(), firstByteMs);
    const onError = (): void => void socket.destroy();
    socket.once("close", () => clearTimeout(silent));
    socket.on("error", onError);
    socket.once("data", (first: Buffer) => {
      clearTimeout(silent);
      if (first[0] !== handshakeRecord) {
        refuse(socket, first);
        return;
      }
      socket.off("error", onError);
      // TLS takes over what was read, and the socket's reading with it.
      socket.pause();
      socket.unshift(first);
      admit();
    });
  });
}

function refuse(socket: Socket, first: Buffer): void {
  const looksLikeHttp = /^[A-Z]{3,10} /.test(first.toString("latin1", 0, 12));
  if (!looksLikeHttp) {
    socket.destroy();
    return;
  }
  const message = "The client sent plain HTTP to a port that speaks TLS: the URL begins with https://";
  endWith(socket, wholeAnswer({ status: 400, code: "BadRequestException", message }));
}
