import buffer from "node:buffer";
import stream, { type WritableStreamLike } from "node:stream";
import { nextTick } from "../../ticks.ts";
import { invalidArgType, nodeError } from "./errors.ts";
import { type HeaderValue, validateHeaderName, validateHeaderValue } from "./http-headers.ts";

type Callback = (error?: Error | null) => void;
type Headers = Map<string, [name: string, value: HeaderValue]>;

export interface SocketLike {
  writable?: boolean;
  writableLength?: number;
  _httpMessage?: unknown;
  write(data: string | Uint8Array, encoding?: unknown, callback?: Callback): boolean;
  on(event: string, listener: (...args: unknown[]) => void): void;
  removeListener?(event: string, listener: (...args: unknown[]) => void): void;
  destroy?(error?: unknown): void;
  cork?(): void;
  uncork?(): void;
  setTimeout?(ms: number): void;
}

const kHeaders = Symbol("kOutHeaders");

export interface OutgoingMessage extends WritableStreamLike {
  [kHeaders]: Headers | null;
  socket: SocketLike | null;
  finished: boolean;
  chunkedEncoding: boolean;
  shouldKeepAlive: boolean;
  useChunkedEncodingByDefault: boolean;
  sendDate: boolean;
  strictContentLength: boolean;
  outputData: { data: string | Uint8Array; encoding: unknown; callback: Callback | undefined }[];
  outputSize: number;
  _header: string | null;
  _headerSent: boolean;
  _hasBody: boolean;
  _last: boolean;
  _trailer: string;
  _contentLength: number | null;
  _removedConnection: boolean;
  _removedContLen: boolean;
  _removedTE: boolean;
  _sent100: boolean;
  _closed: boolean;
  _keepAliveTimeout: number;
  _implicitHeader(): void;
  _storeHeader(firstLine: string, headers: Headers): void;
  _send(data: string | Uint8Array, encoding?: unknown, callback?: Callback): boolean;
  _writeRaw(data: string | Uint8Array, encoding?: unknown, callback?: Callback): boolean;
  _finish(): void;
  _flush(): void;
  setHeader(name: string, value: HeaderValue): OutgoingMessage;
  getHeaders(): Record<string, HeaderValue>;
}

const { Stream } = stream as unknown as { Stream: { prototype: object; call(self: object): void } };

/** What ServerResponse and its like have in common. A plain function: packages call it on their own objects. */
export function OutgoingMessage(this: OutgoingMessage): void {
  Stream.call(this);
  Object.assign(this, {
    [kHeaders]: null,
    socket: null,
    destroyed: false,
    finished: false,
    chunkedEncoding: false,
    shouldKeepAlive: true,
    useChunkedEncodingByDefault: true,
    sendDate: false,
    strictContentLength: false,
    outputData: [],
    outputSize: 0,
    writable: true,
    _header: null,
    _headerSent: false,
    _hasBody: true,
    _last: false,
    _trailer: "",
    _contentLength: null,
    _removedConnection: false,
    _removedContLen: false,
    _removedTE: false,
    _sent100: false,
    _closed: false,
    _keepAliveTimeout: 0,
  });
}
Object.setPrototypeOf(OutgoingMessage.prototype, Stream.prototype);
Object.setPrototypeOf(OutgoingMessage, Stream);

export function headersOf(message: OutgoingMessage): Headers | null {
  return message[kHeaders];
}

function sentAlready(action: string): Error {
  return nodeError(
    Error,
    "ERR_HTTP_HEADERS_SENT",
    `Cannot ${action} headers after they are sent to the client`,
  );
}

const headerMethods = {
  setHeader(this: OutgoingMessage, name: string, value: HeaderValue) {
    if (this._header) throw sentAlready("set");
    validateHeaderName(name);
    validateHeaderValue(name, value);
    this[kHeaders] ??= new Map();
    this[kHeaders].set(name.toLowerCase(), [name, value]);
    return this;
  },
  setHeaders(this: OutgoingMessage, headers: Iterable<[string, HeaderValue]>) {
    if (this._header) throw sentAlready("set");
    const cookies: string[] = [];
    for (const [name, value] of headers) {
      if (name === "set-cookie") cookies.push(...(Array.isArray(value) ? value : [value as string]));
      else this.setHeader(name, value);
    }
    if (cookies.length > 0) this.setHeader("set-cookie", cookies);
    return this;
  },
  appendHeader(this: OutgoingMessage, name: string, value: HeaderValue) {
    if (this._header) throw sentAlready("append");
    const present = this[kHeaders]?.get(name.toLowerCase());
    if (present === undefined) return this.setHeader(name, value);
    return this.setHeader(present[0], [present[1], value].flat().map(String));
  },
  getHeader(this: OutgoingMessage, name: string) {
    if (typeof name !== "string") throw invalidArgType("name", "of type string", name);
    return this[kHeaders]?.get(name.toLowerCase())?.[1];
  },
  getHeaderNames(this: OutgoingMessage) {
    return [...(this[kHeaders]?.keys() ?? [])];
  },
  getRawHeaderNames(this: OutgoingMessage) {
    return [...(this[kHeaders]?.values() ?? [])].map(([name]) => name);
  },
  getHeaders(this: OutgoingMessage) {
    const headers = Object.create(null) as Record<string, HeaderValue>;
    for (const [key, [, value]] of this[kHeaders] ?? []) headers[key] = value;
    return headers;
  },
  hasHeader(this: OutgoingMessage, name: string) {
    if (typeof name !== "string") throw invalidArgType("name", "of type string", name);
    return this[kHeaders]?.has(name.toLowerCase()) ?? false;
  },
  removeHeader(this: OutgoingMessage, name: string) {
    if (typeof name !== "string") throw invalidArgType("name", "of type string", name);
    if (this._header) throw sentAlready("remove");
    const key = name.toLowerCase();
    if (key === "connection") this._removedConnection = true;
    else if (key === "content-length") this._removedContLen = true;
    else if (key === "transfer-encoding") this._removedTE = true;
    else if (key === "date") this.sendDate = false;
    this[kHeaders]?.delete(key);
  },
  flushHeaders(this: OutgoingMessage) {
    if (!this._header) this._implicitHeader();
    this._send("");
  },
  addTrailers(this: OutgoingMessage, headers: Record<string, string>) {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name, "Trailer name");
      validateHeaderValue(name, value);
      this._trailer += `${name}: ${value}\r\n`;
    }
  },
  _implicitHeader() {
    throw nodeError(Error, "ERR_METHOD_NOT_IMPLEMENTED", "The _implicitHeader() method is not implemented");
  },
  /** Decides how the body is framed, as HTTP/1.1 asks. */
  _storeHeader(this: OutgoingMessage, firstLine: string, headers: Headers) {
    let text = firstLine;
    for (const [key, [name, value]] of headers) {
      if (key === "connection" && /close/i.test(String(value))) this._last = true;
      if (key === "transfer-encoding" && /chunked/i.test(String(value))) this.chunkedEncoding = true;
      for (const one of Array.isArray(value) ? value : [value]) text += `${name}: ${one}\r\n`;
    }
    if (this.sendDate && !headers.has("date")) text += `Date: ${new Date().toUTCString()}\r\n`;
    if (!headers.has("content-length") && !headers.has("transfer-encoding")) {
      if (!this._hasBody) this.chunkedEncoding = false;
      else if (!this.useChunkedEncodingByDefault) this._last = true;
      else if (!this._trailer && !this._removedContLen && this._contentLength !== null) {
        text += `Content-Length: ${this._contentLength}\r\n`;
      } else if (!this._removedTE) {
        text += "Transfer-Encoding: chunked\r\n";
        this.chunkedEncoding = true;
      } else this._last = true;
    }
    if (!headers.has("connection") && !this._removedConnection) {
      const keep = this.shouldKeepAlive && !this._last;
      text += `Connection: ${keep ? "keep-alive" : "close"}\r\n`;
    }
    this._header = `${text}\r\n`;
    this._headerSent = false;
  },
};

function toBytes(chunk: unknown): string | Uint8Array {
  if (typeof chunk === "string" || chunk instanceof Uint8Array) return chunk;
  if (chunk === null)
    throw nodeError(TypeError, "ERR_STREAM_NULL_VALUES", "May not write null values to stream");
  throw invalidArgType("chunk", "of type string or an instance of Buffer or Uint8Array", chunk);
}

function lengthOf(chunk: string | Uint8Array, encoding: unknown): number {
  return typeof chunk === "string" ? buffer.Buffer.byteLength(chunk, encoding as string) : chunk.length;
}

function write(
  message: OutgoingMessage,
  chunk: string | Uint8Array,
  encoding: unknown,
  callback: Callback | undefined,
  isLast: boolean,
): boolean {
  if (message.finished || message.destroyed) {
    const error = message.destroyed
      ? nodeError(Error, "ERR_STREAM_DESTROYED", "Cannot call write after a stream was destroyed")
      : nodeError(Error, "ERR_STREAM_WRITE_AFTER_END", "write after end");
    nextTick(() => {
      callback?.(error);
      if (!message.destroyed) message.destroy(error);
    });
    return false;
  }
  if (!message._header) {
    if (isLast) message._contentLength = lengthOf(chunk, encoding);
    message._implicitHeader();
  }
  if (!message._hasBody) {
    if (callback) nextTick(callback);
    return true;
  }
  const length = lengthOf(chunk, encoding);
  if (!message.chunkedEncoding || length === 0) return message._send(chunk, encoding, callback);
  message._send(`${length.toString(16)}\r\n`, "latin1");
  message._send(chunk, encoding);
  return message._send("\r\n", "latin1", callback);
}

const bodyMethods = {
  write(this: OutgoingMessage, chunk: unknown, encoding?: unknown, callback?: Callback): boolean {
    const done = typeof encoding === "function" ? (encoding as Callback) : callback;
    return write(this, toBytes(chunk), typeof encoding === "function" ? undefined : encoding, done, false);
  },
  end(this: OutgoingMessage, chunk?: unknown, encoding?: unknown, callback?: Callback): OutgoingMessage {
    const done = [chunk, encoding, callback].find((one) => typeof one === "function") as Callback | undefined;
    const hasChunk = chunk !== undefined && chunk !== null && typeof chunk !== "function";
    if (this.finished) {
      if (done)
        nextTick(() =>
          done(
            nodeError(Error, "ERR_STREAM_ALREADY_FINISHED", "Cannot call end after a stream was finished"),
          ),
        );
      return this;
    }
    if (hasChunk)
      write(this, toBytes(chunk), typeof encoding === "function" ? undefined : encoding, undefined, true);
    else if (!this._header) {
      this._contentLength = 0;
      this._implicitHeader();
    }
    if (done) this.once("finish", () => done());
    const finish = () => {
      this.emit("finish");
    };
    if (this._hasBody && this.chunkedEncoding) this._send(`0\r\n${this._trailer}\r\n`, "latin1", finish);
    else if (!this._headerSent || this.writableLength > 0 || hasChunk) this._send("", "latin1", finish);
    else nextTick(finish);
    this.finished = true;
    if (this.outputData.length === 0 && this.socket !== null && this.socket._httpMessage === this)
      this._finish();
    return this;
  },
  /** The header goes out with the first bytes. */
  _send(this: OutgoingMessage, data: string | Uint8Array, encoding?: unknown, callback?: Callback): boolean {
    if (!this._headerSent) {
      const header = this._header ?? "";
      this._headerSent = true;
      if (typeof data === "string" && (!encoding || encoding === "utf8" || encoding === "latin1")) {
        return this._writeRaw(header + data, encoding, callback);
      }
      this._writeRaw(header, "latin1");
    }
    return this._writeRaw(data, encoding, callback);
  },
  _writeRaw(
    this: OutgoingMessage,
    data: string | Uint8Array,
    encoding?: unknown,
    callback?: Callback,
  ): boolean {
    const { socket } = this;
    if (this.destroyed) return false;
    if (socket && socket._httpMessage === this && socket.writable) {
      if (this.outputData.length > 0) flushOutput(this, socket);
      return socket.write(data, encoding, callback);
    }
    this.outputData.push({ data, encoding, callback });
    this.outputSize += data.length;
    return this.outputSize < 65_536;
  },
  _flush(this: OutgoingMessage) {
    const { socket } = this;
    if (!socket?.writable) return;
    const more = flushOutput(this, socket);
    if (this.finished) this._finish();
    else if (more) this.emit("drain");
  },
  _finish(this: OutgoingMessage) {
    this.emit("prefinish");
  },
  cork(this: OutgoingMessage) {
    this.socket?.cork?.();
  },
  uncork(this: OutgoingMessage) {
    this.socket?.uncork?.();
  },
  pipe(this: OutgoingMessage) {
    this.emit("error", nodeError(Error, "ERR_STREAM_CANNOT_PIPE", "Cannot pipe, not readable"));
  },
  setTimeout(this: OutgoingMessage, ms: number, callback?: () => void) {
    if (callback) this.on("timeout", callback);
    this.socket?.setTimeout?.(ms);
    return this;
  },
  destroy(this: OutgoingMessage, error?: unknown) {
    if (this.destroyed) return this;
    this.destroyed = true;
    if (this.socket) this.socket.destroy?.(error);
    if (!this._closed) {
      this._closed = true;
      nextTick(() => {
        if (error) this.emit("error", error);
        this.emit("close");
      });
    }
    return this;
  },
};

function flushOutput(message: OutgoingMessage, socket: SocketLike): boolean {
  let result = true;
  for (const { data, encoding, callback } of message.outputData.splice(0)) {
    result = socket.write(data, encoding, callback);
  }
  message.outputSize = 0;
  return result;
}

Object.assign(OutgoingMessage.prototype as object, headerMethods, bodyMethods);

const accessors: Record<string, PropertyDescriptor & ThisType<OutgoingMessage>> = {
  headersSent: {
    get() {
      return !!this._header;
    },
  },
  writableEnded: {
    get() {
      return this.finished;
    },
  },
  writableFinished: {
    get() {
      return this.finished && this.outputSize === 0 && (!this.socket || this.socket.writableLength === 0);
    },
  },
  writableLength: {
    get() {
      return this.outputSize + (this.socket?.writableLength ?? 0);
    },
  },
  writableObjectMode: {
    get() {
      return false;
    },
  },
  writableHighWaterMark: {
    get() {
      return 65_536;
    },
  },
  writableCorked: {
    get() {
      return 0;
    },
  },
  writableNeedDrain: {
    get() {
      return false;
    },
  },
  errored: {
    get() {
      return null;
    },
  },
  closed: {
    get() {
      return this._closed;
    },
  },
  connection: {
    get() {
      return this.socket;
    },
    set(socket: SocketLike) {
      this.socket = socket;
    },
  },
  _headers: {
    get() {
      return this.getHeaders();
    },
  },
};
for (const [name, accessor] of Object.entries(accessors)) {
  Object.defineProperty(OutgoingMessage.prototype, name, {
    ...accessor,
    configurable: true,
    enumerable: false,
  });
}
