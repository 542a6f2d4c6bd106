import stream, { type ReadableStreamLike } from "node:stream";
import { distinctHeaders, joinHeaders } from "./http-headers.ts";

interface SocketLike {
  destroy?(error?: unknown): void;
  setTimeout?(ms: number, callback?: () => void): void;
}

export interface IncomingMessage extends ReadableStreamLike {
  socket: SocketLike | undefined;
  httpVersion: string | null;
  httpVersionMajor: number | null;
  httpVersionMinor: number | null;
  complete: boolean;
  rawHeaders: string[];
  rawTrailers: string[];
  url: string;
  method: string | null;
  statusCode: number | null;
  statusMessage: string | null;
  aborted: boolean;
  upgrade: boolean | null;
  headers: Record<string, string | string[]>;
}

interface Internal extends IncomingMessage {
  _headers?: Record<string, string | string[]> | undefined;
  _consumed: boolean;
}

const { Readable } = stream as unknown as {
  Readable: { prototype: object; call(self: object, options: object): void };
};

/** A request as a server sees it, or a response as a client does. A plain function: packages call it on their own objects. */
function IncomingMessage(this: Internal, socket?: SocketLike & { readableHighWaterMark?: number }): void {
  Readable.call(this, socket?.readableHighWaterMark ? { highWaterMark: socket.readableHighWaterMark } : {});
  this.socket = socket;
  this.httpVersion = null;
  this.httpVersionMajor = null;
  this.httpVersionMinor = null;
  this.complete = false;
  this.rawHeaders = [];
  this.rawTrailers = [];
  this.url = "";
  this.method = null;
  this.statusCode = null;
  this.statusMessage = null;
  this.aborted = false;
  this.upgrade = null;
  this._consumed = false;
}

Object.setPrototypeOf(IncomingMessage.prototype, Readable.prototype);
Object.setPrototypeOf(IncomingMessage, Readable);

Object.assign(IncomingMessage.prototype as object, {
  _read() {},
  _destroy(this: Internal, error: Error | null, callback: (error: Error | null) => void) {
    if (!this.readableEnded || !this.complete) {
      this.aborted = true;
      this.emit("aborted");
    }
    this.socket?.destroy?.(error ?? undefined);
    callback(error);
  },
  setTimeout(this: Internal, ms: number, callback?: () => void) {
    if (callback) this.on("timeout", callback);
    this.socket?.setTimeout?.(ms);
    return this;
  },
  _dump(this: Internal) {
    this.resume();
  },
});

const accessors: Record<string, PropertyDescriptor & ThisType<Internal>> = {
  // Joined when asked for, and whatever an adapter assigns afterwards counts.
  headers: {
    get() {
      this._headers ??= joinHeaders(this.rawHeaders);
      return this._headers;
    },
    set(value: Record<string, string>) {
      this._headers = value;
    },
  },
  headersDistinct: {
    get() {
      return distinctHeaders(this.rawHeaders);
    },
    set() {},
  },
  trailers: {
    get() {
      return joinHeaders(this.rawTrailers);
    },
    set() {},
  },
  trailersDistinct: {
    get() {
      return distinctHeaders(this.rawTrailers);
    },
    set() {},
  },
  connection: {
    get() {
      return this.socket;
    },
    set(socket: SocketLike) {
      this.socket = socket;
    },
  },
};
for (const [name, accessor] of Object.entries(accessors)) {
  Object.defineProperty(IncomingMessage.prototype, name, {
    ...accessor,
    configurable: true,
    enumerable: false,
  });
}

export const IncomingMessageClass = IncomingMessage as unknown as new (
  socket?: SocketLike,
) => IncomingMessage;
