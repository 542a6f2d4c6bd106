import buffer from "node:buffer";
import EventEmitter from "node:events";
import stream, { type WritableStreamLike } from "node:stream";
import url from "node:url";
import { callAsync, callAsyncUnref } from "../../bridge.ts";
import { nextFetchHandle } from "../../web/fetch-handle.ts";
import { asBuffer } from "./as-buffer.ts";
import { nodeError } from "./errors.ts";
import { statusCodes } from "./http-constants.ts";
import { type HeaderValue, validateHeaderName, validateHeaderValue } from "./http-headers.ts";
import { type IncomingMessage, IncomingMessageClass } from "./http-incoming.ts";
import { type AbortSignalLike, type URLLike, web } from "./web.ts";

export interface RequestOptions {
  protocol?: string;
  host?: string;
  hostname?: string;
  port?: number | string;
  path?: string;
  method?: string;
  headers?: Record<string, HeaderValue> | string[];
  auth?: string;
  timeout?: number;
  signal?: AbortSignalLike;
  defaultPort?: number;
}

type Callback = (error?: Error | null) => void;
const { Writable } = stream as unknown as { Writable: new (options?: object) => WritableStreamLike };

/** The host takes at most this at once. */
const pieceBytes = 256 * 1024;

/**
 * http.ClientRequest over the host's fetch operations: the supervisor connects, under its egress policy. There is
 * no socket to see, and redirects are not followed, as with Node's own client.
 */
export class ClientRequest extends Writable {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly protocol: string;
  aborted = false;
  reusedSocket = false;
  maxHeadersCount: number | null = null;
  res: IncomingMessage | undefined;
  /** Enough of one for packages that set options on it. */
  readonly socket = socketStandIn();
  readonly #url: string;
  readonly #headers = new Map<string, [string, HeaderValue]>();
  readonly #handle = nextFetchHandle();
  #opening: Promise<void> | undefined;
  #isClosed = false;
  #timer: unknown;

  constructor(input: unknown, options?: unknown, callback?: unknown, defaults: RequestOptions = {}) {
    // Sent is not done: the answer is still to come.
    super({ decodeStrings: true, autoDestroy: false, emitClose: false });
    const settings = settingsOf(input, options, defaults);
    this.method = (settings.method ?? "GET").toUpperCase();
    validateHeaderName(this.method, "Method");
    this.path = settings.path || "/";
    if (/[^\x21-\xff]/.test(this.path)) {
      throw nodeError(TypeError, "ERR_UNESCAPED_CHARACTERS", "Request path contains unescaped characters");
    }
    this.protocol = settings.protocol ?? "http:";
    this.host = settings.hostname ?? settings.host ?? "localhost";
    const standard = this.protocol === "https:" ? 443 : 80;
    const port = Number(settings.port || settings.defaultPort || standard);
    const name = this.host.includes(":") && !this.host.startsWith("[") ? `[${this.host}]` : this.host;
    this.#url = `${this.protocol}//${name}${port === standard ? "" : `:${port}`}${this.path}`;
    for (const [key, value] of pairsOf(settings.headers)) this.setHeader(key, value);
    if (settings.auth && !this.hasHeader("authorization")) {
      this.setHeader("Authorization", `Basic ${buffer.Buffer.from(settings.auth).toString("base64")}`);
    }
    const listener = typeof options === "function" ? options : callback;
    if (typeof listener === "function") this.once("response", listener as (...args: unknown[]) => void);
    if (settings.timeout) this.setTimeout(settings.timeout);
    this.#follow(settings.signal);
  }

  setHeader(name: string, value: HeaderValue): this {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    this.#headers.set(name.toLowerCase(), [name, value]);
    return this;
  }
  getHeader(name: string): HeaderValue | undefined {
    return this.#headers.get(name.toLowerCase())?.[1];
  }
  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }
  removeHeader(name: string): void {
    this.#headers.delete(name.toLowerCase());
  }
  getHeaders(): Record<string, HeaderValue> {
    return Object.fromEntries([...this.#headers].map(([key, [, value]]) => [key, value]));
  }
  getHeaderNames(): string[] {
    return [...this.#headers.keys()];
  }
  getRawHeaderNames(): string[] {
    return [...this.#headers.values()].map(([name]) => name);
  }
  flushHeaders(): void {}
  setNoDelay(): void {}
  setSocketKeepAlive(): void {}
  onSocket(): void {}
  get headersSent(): boolean {
    return this.#opening !== undefined;
  }
  get finished(): boolean {
    return this.writableEnded;
  }
  get connection() {
    return this.socket;
  }

  setTimeout(ms: number, callback?: () => void): this {
    if (callback) this.once("timeout", callback);
    const timers = globalThis as unknown as {
      setTimeout(run: () => void, ms: number): unknown;
      clearTimeout(timer: unknown): void;
    };
    timers.clearTimeout(this.#timer);
    if (ms > 0) this.#timer = timers.setTimeout(() => this.emit("timeout"), ms);
    return this;
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.emit("abort");
    this.destroy();
  }

  _write(chunk: Uint8Array, _encoding: string, done: Callback): void {
    this.#send(chunk).then(() => done(), done);
  }

  _final(done: Callback): void {
    if (this.#opening === undefined) {
      const hasBody = !["GET", "HEAD", "DELETE", "OPTIONS"].includes(this.method);
      this.#open(hasBody ? new Uint8Array(0) : null, false);
      done();
    } else {
      callAsync("fetch.endBody", this.#handle).then(
        () => done(),
        (error: Error) => done(error),
      );
    }
  }

  _destroy(error: Error | null, done: Callback): void {
    this.#close();
    const early = error === null && this.res === undefined;
    if (this.res && !this.res.readableEnded) this.res.destroy(error ?? undefined);
    done(early ? Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }) : error);
  }

  async #send(chunk: Uint8Array): Promise<void> {
    if (this.#opening === undefined) this.#open(null, true);
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      await callAsync("fetch.write", this.#handle, chunk.slice(at, at + pieceBytes));
    }
  }

  #open(body: Uint8Array | null, isStreamed: boolean): void {
    const headers = [...this.#headers.values()].flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => [name, String(one)]),
    );
    const head = {
      method: this.method,
      url: this.#url,
      headers,
      redirect: "manual",
      hasBody: isStreamed || body !== null,
    };
    this.#opening = callAsync("fetch.open", this.#handle, JSON.stringify(head), body).then(
      (answer) => this.#respond(JSON.parse(answer as string) as ResponseHead),
      (error: Error) => {
        this.destroy(asRequestError(error, this.host));
      },
    );
  }

  #respond(head: ResponseHead): void {
    if (this.destroyed) return;
    const response = new IncomingMessageClass();
    this.res = response;
    response.httpVersion = "1.1";
    response.httpVersionMajor = 1;
    response.httpVersionMinor = 1;
    response.statusCode = head.status;
    response.statusMessage = head.statusText || (statusCodes[head.status] ?? "");
    response.rawHeaders = decodedHeaders(head.headers).flat();
    response.socket = this.socket;
    Object.assign(response, { req: this, _read: () => this.#read(response) });
    response.once("close", () => {
      this.#close();
      this.emit("close");
    });
    // Who listens to nothing wants nothing: the body is thrown away, as in Node.
    if (!this.emit("response", response)) response.resume();
  }

  #read(response: IncomingMessage): void {
    callAsync("fetch.read", this.#handle).then(
      (chunk) => {
        if (chunk instanceof Uint8Array) return void response.push(asBuffer(chunk));
        response.complete = true;
        this.#isClosed = true;
        response.push(null);
      },
      (error: unknown) =>
        response.destroy(Object.assign(new Error("aborted", { cause: error }), { code: "ECONNRESET" })),
    );
  }

  #close(): void {
    (globalThis as unknown as { clearTimeout(timer: unknown): void }).clearTimeout(this.#timer);
    if (this.#isClosed || this.#opening === undefined) return;
    this.#isClosed = true;
    callAsyncUnref("fetch.close", this.#handle).catch(() => {});
  }

  #follow(signal: AbortSignalLike | undefined): void {
    if (signal === undefined) return;
    const abort = () => {
      const error = nodeError(Error, "ABORT_ERR", "The operation was aborted");
      error.name = "AbortError";
      this.destroy(Object.assign(error, { cause: signal.reason }));
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  }
}

interface ResponseHead {
  status: number;
  statusText: string;
  headers: [string, string][];
}

/**
 * The supervisor's fetch decodes a compressed body, so the headers that describe the encoded one must not stay:
 * packages would decode it again.
 */
function decodedHeaders(headers: [string, string][]): [string, string][] {
  const isEncoded = headers.some(
    ([name, value]) => /^content-encoding$/i.test(name) && /gzip|deflate|br|zstd/i.test(value),
  );
  return isEncoded ? headers.filter(([name]) => !/^content-(encoding|length)$/i.test(name)) : headers;
}

function asRequestError(error: Error & { code?: string }, host: string): Error {
  return error.code === "ENOTFOUND"
    ? Object.assign(error, { syscall: "getaddrinfo", hostname: host })
    : error;
}

function settingsOf(input: unknown, options: unknown, defaults: RequestOptions): RequestOptions {
  const own = typeof options === "object" && options !== null ? (options as RequestOptions) : {};
  if (typeof input === "string") return merge(defaults, url.urlToHttpOptions(new web.URL(input)), own);
  if (typeof (input as URLLike).href === "string" && (input as URLLike).searchParams !== undefined) {
    return merge(defaults, url.urlToHttpOptions(input as URLLike), own);
  }
  return merge(defaults, input as RequestOptions, own);
}

/** Options that are present but undefined are as good as absent. */
function merge(...parts: RequestOptions[]): RequestOptions {
  const merged: Record<string, unknown> = {};
  for (const part of parts) {
    for (const [name, value] of Object.entries(part)) if (value !== undefined) merged[name] = value;
  }
  return merged as RequestOptions;
}

function pairsOf(headers: RequestOptions["headers"]): [string, HeaderValue][] {
  if (headers === undefined) return [];
  if (!Array.isArray(headers)) return Object.entries(headers).filter(([, value]) => value !== undefined);
  const pairs: [string, HeaderValue][] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    pairs.push([headers[index] as string, headers[index + 1] as string]);
  }
  return pairs;
}

/** An emitter that stays silent: listeners come and go as on any socket. */
function socketStandIn() {
  const socket: object = Object.assign(new EventEmitter(), {
    encrypted: true,
    destroyed: false,
    setTimeout: () => socket,
    setNoDelay: () => socket,
    setKeepAlive: () => socket,
    ref: () => socket,
    unref: () => socket,
    destroy: () => socket,
  });
  return socket;
}
