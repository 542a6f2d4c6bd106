import { clearTimeout, setTimeout } from "../../loop.ts";
import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { loadLazy } from "../lazy.ts";
import { DOMException } from "./dom-exception.ts";
import { StreamParser } from "./event-source/stream-parser.ts";
import { defineHandler, dispatchTrusted, Event, EventTarget } from "./event-target.ts";
import { MessageEvent } from "./message-event.ts";
import { URL } from "./url.ts";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

/** What browsers and undici wait before they connect anew, unless the server says otherwise, ms. */
const RECONNECT_MS = 3000;
const MAX_RECONNECT_MS = 2 ** 31 - 1;

interface EventSourceInit {
  withCredentials?: boolean;
}

type AbortController = InstanceType<ReturnType<typeof loadLazy<"abort">>["AbortController"]>;

/**
 * Server-sent events, over fetch.
 *
 *     connecting ──(200, text/event-stream)──► open ──(the stream ends)──► connecting, after a while
 *          └──────────(any other answer)─────────────► closed ◄──(close)── both
 */
export class EventSource extends EventTarget {
  declare onopen: ((event: Event) => unknown) | null;
  declare onmessage: ((event: MessageEvent) => unknown) | null;
  declare onerror: ((event: Event) => unknown) | null;
  readonly #url: string;
  readonly #withCredentials: boolean;
  #readyState = CONNECTING;
  #lastEventId = "";
  #reconnectMs = RECONNECT_MS;
  #timer: unknown;
  #abort: AbortController | undefined;

  constructor(url: string | object, init: EventSourceInit | null = {}) {
    if (arguments.length === 0) throw new TypeError("EventSource constructor: 1 argument required");
    super();
    const parsed = URL.parse(`${url as string}`);
    if (parsed === null) throw new DOMException(`Invalid URL: ${url as string}`, "SyntaxError");
    this.#url = parsed.href;
    this.#withCredentials = Boolean(init?.withCredentials);
    void this.#connect();
  }
  get readyState(): number {
    return this.#readyState;
  }
  get url(): string {
    return this.#url;
  }
  get withCredentials(): boolean {
    return this.#withCredentials;
  }
  close(): void {
    this.#readyState = CLOSED;
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  async #connect(): Promise<void> {
    const abort = new (loadLazy("abort").AbortController)();
    this.#abort = abort;
    try {
      const headers: Record<string, string> = { accept: "text/event-stream", "cache-control": "no-cache" };
      if (this.#lastEventId !== "") headers["last-event-id"] = this.#lastEventId;
      const response = await loadLazy("fetch").fetch(this.#url, { headers, signal: abort.signal } as never);
      const type = response.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
      if (response.status !== 200 || type !== "text/event-stream") {
        await response.body?.cancel();
        this.#fail();
        return;
      }
      if (this.#readyState === CLOSED) return;
      this.#readyState = OPEN;
      dispatchTrusted(this, new Event("open"));
      await this.#read(response.body as unknown as Body | null, new URL(response.url).origin);
    } catch {
      // Whatever broke off, the next connection may do better.
    }
    this.#reconnect();
  }

  async #read(body: Body | null, origin: string): Promise<void> {
    const { TextDecoder } = loadLazy("encoding");
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const parser = new StreamParser(
      this.#lastEventId,
      ({ type, data, lastEventId }) => {
        this.#lastEventId = lastEventId;
        if (this.#readyState === CLOSED) return;
        dispatchTrusted(this, new MessageEvent(type, { data, lastEventId, origin }));
      },
      (delayMs) => {
        this.#reconnectMs = Math.min(delayMs, MAX_RECONNECT_MS);
      },
    );
    if (body === null) return;
    const reader = body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (this.#readyState === CLOSED) return;
      parser.add(decoder.decode(part.value as never, { stream: true }));
      this.#lastEventId = parser.lastEventId;
    }
  }

  #reconnect(): void {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CONNECTING;
    dispatchTrusted(this, new Event("error"));
    // A listener may have closed it.
    if ((this.#readyState as number) === CLOSED) return;
    this.#timer = setTimeout(() => void this.#connect(), this.#reconnectMs);
  }

  #fail(): void {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSED;
    dispatchTrusted(this, new Event("error"));
  }
}

interface Body {
  getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array }> };
}

asInterface(EventSource, "EventSource");
for (const type of ["open", "message", "error"]) defineHandler(EventSource.prototype, type);
for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSED })) {
  const constant = { value, enumerable: true, writable: false, configurable: false };
  Object.defineProperty(EventSource, name, constant);
  Object.defineProperty(EventSource.prototype, name, constant);
}
showAs(EventSource.prototype, ["url", "readyState", "withCredentials"]);
