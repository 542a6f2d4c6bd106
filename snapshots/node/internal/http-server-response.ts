import { nodeError } from "./errors.ts";
import { statusCodes } from "./http-constants.ts";
import { type HeaderValue, validateHeaderName, validateHeaderValue } from "./http-headers.ts";
import { headersOf, OutgoingMessage, type SocketLike } from "./http-outgoing.ts";

export interface ServerResponse extends OutgoingMessage {
  statusCode: number;
  statusMessage: string | undefined;
  req: { method?: string | null };
  writeHead(status: number, reason?: unknown, headers?: unknown): ServerResponse;
  detachSocket(socket: SocketLike): void;
}

interface Base {
  prototype: object;
  call(self: object): void;
}
const Outgoing = OutgoingMessage as unknown as Base;

function ServerResponse(
  this: ServerResponse,
  request: { method?: string | null; httpVersionMajor?: number; httpVersionMinor?: number },
): void {
  Outgoing.call(this);
  this.req = request;
  this.sendDate = true;
  this.statusCode = 200;
  this.statusMessage = undefined;
  if (request.method === "HEAD") this._hasBody = false;
  const { httpVersionMajor = 1, httpVersionMinor = 1 } = request;
  if (Number(httpVersionMajor) < 1 || (Number(httpVersionMajor) === 1 && Number(httpVersionMinor) < 1)) {
    this.useChunkedEncodingByDefault = false;
    this.shouldKeepAlive = false;
  }
}
Object.setPrototypeOf(ServerResponse.prototype, Outgoing.prototype);
Object.setPrototypeOf(ServerResponse, Outgoing);

type Pairs = [string, HeaderValue][];

/** Headers as an object, as pairs, or as one flat list. */
function toPairs(headers: unknown): Pairs {
  if (!headers) return [];
  if (!Array.isArray(headers)) return Object.entries(headers as Record<string, HeaderValue>);
  if (Array.isArray(headers[0])) return headers as Pairs;
  const pairs: Pairs = [];
  for (let index = 0; index + 1 < headers.length; index += 2)
    pairs.push([headers[index], headers[index + 1]]);
  return pairs;
}

Object.assign(ServerResponse.prototype as object, {
  statusCode: 200,
  statusMessage: undefined,
  writeHead(this: ServerResponse, status: number, reason?: unknown, given?: unknown) {
    if (this._header) {
      throw nodeError(
        Error,
        "ERR_HTTP_HEADERS_SENT",
        "Cannot write headers after they are sent to the client",
      );
    }
    const code = Math.trunc(Number(status));
    if (!(code >= 100 && code <= 999)) {
      throw nodeError(RangeError, "ERR_HTTP_INVALID_STATUS_CODE", `Invalid status code: ${String(status)}`);
    }
    if (typeof reason === "string") this.statusMessage = reason;
    else this.statusMessage ||= statusCodes[code] ?? "unknown";
    this.statusCode = code;
    const pairs = toPairs(typeof reason === "string" ? given : (given ?? reason));
    const kept = headersOf(this);
    let headers = kept ?? new Map<string, [string, HeaderValue]>();
    if (kept === null) {
      headers = new Map();
      for (const [name, value] of pairs) {
        validateHeaderName(name);
        validateHeaderValue(name, value);
        headers.set(name.toLowerCase(), [name, value]);
      }
    } else for (const [name, value] of pairs) if (name) this.setHeader(name, value);
    if (code === 204 || code === 304 || code < 200) this._hasBody = false;
    this._storeHeader(`HTTP/1.1 ${code} ${this.statusMessage}\r\n`, headers);
    return this;
  },
  _implicitHeader(this: ServerResponse) {
    this.writeHead(this.statusCode);
  },
  assignSocket(this: ServerResponse, socket: SocketLike) {
    if (socket._httpMessage) {
      throw nodeError(Error, "ERR_HTTP_SOCKET_ASSIGNED", "ServerResponse has an already assigned socket");
    }
    socket._httpMessage = this;
    socket.on("close", () => {
      if (this._closed) return;
      this.destroyed = true;
      this._closed = true;
      this.emit("close");
    });
    this.socket = socket;
    this.emit("socket", socket);
    this._flush();
  },
  detachSocket(this: ServerResponse, socket: SocketLike) {
    socket._httpMessage = null;
    this.socket = null;
  },
  writeContinue(this: ServerResponse, callback?: () => void) {
    this._writeRaw("HTTP/1.1 100 Continue\r\n\r\n", "latin1", callback);
    this._sent100 = true;
  },
  writeProcessing(this: ServerResponse, callback?: () => void) {
    this._writeRaw("HTTP/1.1 102 Processing\r\n\r\n", "latin1", callback);
  },
  writeEarlyHints(_hints: unknown, callback?: () => void) {
    callback?.();
  },
  writeInformation(_status: number, callback?: () => void) {
    callback?.();
  },
});
const { prototype } = ServerResponse as unknown as { prototype: Record<string, unknown> };
prototype["writeHeader"] = prototype["writeHead"];

export const ServerResponseClass = ServerResponse as unknown as new (request: object) => ServerResponse;
