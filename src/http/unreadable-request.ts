import { randomUUID } from "node:crypto";
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { endWith } from "./unread-rest.ts";

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** An answer for what no request came of, in the form of all others and with the connection's end. */
export function wholeAnswer({ status, code, message }: Refusal): string {
  const body = JSON.stringify({ Type: "User", message });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    `x-amzn-RequestId: ${randomUUID()}`,
    `x-amzn-ErrorType: ${code}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}

/** Answers what node:http could not read as a request, or waited for too long: the server's `clientError` event. */
export function refuseUnreadable(maxHeaderBytes: number): (error: Error, socket: Socket) => void {
  const seen = new WeakSet<Socket>();
  return (error, socket) => {
    if (seen.has(socket)) return;
    seen.add(socket);
    const { code = "" } = error as NodeJS.ErrnoException;
    // Node's own handler looks here too: into a response that has begun nothing else may be written.
    const { _httpMessage: response } = socket as Socket & { _httpMessage?: ServerResponse | null };
    // Whatever else went wrong, a TLS handshake for example, left nobody to answer to.
    const isHttp = code.startsWith("HPE_") || code.startsWith("ERR_HTTP_");
    if (!isHttp || !socket.writable || response?.headersSent === true) {
      socket.destroy();
      return;
    }
    endWith(socket, wholeAnswer(refusalFor(code, maxHeaderBytes)));
  };
}

function refusalFor(code: string, maxHeaderBytes: number): Refusal {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return headTooLarge(`the request line and headers have more than ${maxHeaderBytes} bytes together`);
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return {
        status: 413,
        code: "RequestEntityTooLargeException",
        message: "Chunk extensions are too large",
      };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return {
        status: 408,
        code: "RequestTimeoutException",
        message: "The request did not arrive in time (headersTimeoutMs, requestTimeoutMs)",
      };
    default:
      // The parser's own words may repeat what the client sent; its code says enough.
      return {
        status: 400,
        code: "BadRequestException",
        message: `The request is not HTTP/1.1 (${code.slice(0, 64)})`,
      };
  }
}

export function headTooLarge(detail: string): Refusal {
  return {
    status: 431,
    code: "RequestHeaderFieldsTooLargeException",
    message: `Cannot read the request: ${detail}`,
  };
}
