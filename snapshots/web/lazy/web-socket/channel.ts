import { clearTimeout, setTimeout } from "../../../loop.ts";
import { utf8Encode } from "../../utf8.ts";
import type { Blob } from "../blob.ts";
import type { URL } from "../url.ts";
import { Connection } from "./connection.ts";
import { encodeFrame, FrameError, FrameReader, type Incoming, Opcode } from "./frames.ts";
import { checkResponse, handshakeFor, ResponseReader } from "./handshake.ts";
import type { ChannelOptions } from "./options.ts";

export const State = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;

/** How long a server may take to answer a close, ms. */
const CLOSE_TIMEOUT_MS = 5000;

export interface ChannelEvents {
  opened(): void;
  text(text: string): void;
  binary(bytes: Uint8Array<ArrayBuffer>): void;
  failed(error: Error): void;
  closed(wasClean: boolean, code: number, reason: string): void;
}

type Content = { text: string } | { bytes: Uint8Array } | { blob: Blob };

/**
 * The protocol of one WebSocket (RFC 6455).
 *
 *     connecting ──► open ──► closing ──► closed        connecting ──► closing ──► closed: it failed, or was closed early
 */
export class Channel {
  state: (typeof State)[keyof typeof State] = State.connecting;
  protocol = "";
  bufferedAmount = 0;
  readonly #connection = Connection.start();
  readonly #events: ChannelEvents;
  /** Frames go out one after the other; each waits for those before it. */
  #sending: Promise<void> = Promise.resolve();
  #hasSentClose = false;
  #received: { readonly code: number; readonly reason: string } | undefined;
  #failure: Error | undefined;
  #closeTimer: unknown;

  constructor(url: URL, options: ChannelOptions, events: ChannelEvents) {
    this.#events = events;
    void this.#run(url, options);
  }

  /** Queues a message; nothing is sent any more once it closes. */
  send(content: Content): void {
    if ("blob" in content) {
      const { size } = content.blob;
      this.bufferedAmount += size;
      if (this.state !== State.open) return;
      this.#queue(async () => {
        await this.#write(Opcode.binary, new Uint8Array(await content.blob.arrayBuffer()));
        this.bufferedAmount -= size;
      });
      return;
    }
    const isText = "text" in content;
    const bytes = isText ? utf8Encode(content.text) : content.bytes;
    this.bufferedAmount += bytes.length;
    if (this.state !== State.open) return;
    this.#queue(async () => {
      await this.#write(isText ? Opcode.text : Opcode.binary, bytes);
      this.bufferedAmount -= bytes.length;
    });
  }

  close(code: number | undefined, reason: Uint8Array): void {
    if (this.state === State.connecting) {
      this.#fail(new Error("WebSocket was closed before the connection was established"));
    } else if (this.state === State.open) this.#startClosing(code, reason);
  }

  async #run(url: URL, options: ChannelOptions): Promise<void> {
    // Whoever makes it listens afterwards.
    await undefined;
    try {
      const { accept, request } = handshakeFor(url, options.protocols, options.headers);
      await this.#connection.open(url);
      await this.#connection.write(request);
      const rest = await this.#opening(accept, options.protocols);
      if (this.state !== State.connecting) return;
      this.state = State.open;
      this.#events.opened();
      await this.#receive(rest);
    } catch (error) {
      this.#fail(error as Error);
    } finally {
      this.#end();
    }
  }

  async #opening(accept: string, protocols: readonly string[]): Promise<Uint8Array> {
    const reader = new ResponseReader();
    for (;;) {
      const chunk = await this.#connection.read();
      if (chunk === null) throw new Error("The server closed the connection during the opening handshake.");
      const response = reader.add(chunk);
      if (response === undefined) continue;
      this.protocol = checkResponse(response.head, accept, protocols);
      return response.rest;
    }
  }

  /** Until the connection ends, or both sides have closed. */
  async #receive(rest: Uint8Array): Promise<void> {
    const frames = new FrameReader();
    for (let chunk: Uint8Array | null = rest; chunk !== null; chunk = await this.#read()) {
      for (const message of frames.add(chunk)) {
        this.#take(message);
        if (this.#received !== undefined) {
          await this.#sending;
          return;
        }
        // What listeners wait for comes before the next message.
        await undefined;
      }
    }
  }

  async #read(): Promise<Uint8Array | null> {
    const chunk = await this.#connection.read().catch((error: Error) => {
      if (!this.#hasSentClose) throw error;
      return null;
    });
    if (chunk === null && !this.#hasSentClose)
      throw new Error("The server closed the connection without saying so.");
    return chunk;
  }

  #take(message: Incoming): void {
    switch (message.kind) {
      case "text":
        if (this.state === State.open) this.#events.text(message.text);
        break;
      case "binary":
        if (this.state === State.open) this.#events.binary(message.bytes);
        break;
      case "ping":
        if (this.state === State.open) this.#queue(() => this.#write(Opcode.pong, message.bytes));
        break;
      case "close":
        this.#received = message;
        // The answer repeats the code.
        this.#startClosing(message.code === 1005 ? undefined : message.code, new Uint8Array(0));
        break;
      default:
    }
  }

  #startClosing(code: number | undefined, reason: Uint8Array): void {
    this.state = State.closing;
    if (this.#hasSentClose) return;
    this.#hasSentClose = true;
    const payload = new Uint8Array(code === undefined ? 0 : 2 + reason.length);
    if (code !== undefined) {
      payload.set([code >> 8, code & 0xff]);
      payload.set(reason, 2);
    }
    this.#queue(() => this.#write(Opcode.close, payload));
    this.#closeTimer = setTimeout(() => this.#connection.close(), CLOSE_TIMEOUT_MS);
  }

  #queue(send: () => Promise<void>): void {
    // That the connection is gone is told by what is read from it.
    this.#sending = this.#sending.then(send).catch(() => {});
  }

  #write(opcode: number, payload: Uint8Array): Promise<void> {
    return this.#connection.write(encodeFrame(opcode, payload));
  }

  #fail(error: Error): void {
    if (this.state === State.closed || this.#failure !== undefined) return;
    this.#failure = error;
    if (error instanceof FrameError && this.state === State.open) {
      const code = new Uint8Array([error.code >> 8, error.code & 0xff]);
      this.#queue(() => this.#write(Opcode.close, code));
      this.#queue(async () => this.#connection.close());
    } else this.#connection.close();
    this.state = State.closing;
  }

  #end(): void {
    if (this.state === State.closed) return;
    clearTimeout(this.#closeTimer);
    this.state = State.closed;
    const { code, reason } = this.#received ?? { code: 1006, reason: "" };
    const wasClean = this.#hasSentClose && this.#received !== undefined && this.#failure === undefined;
    if (!(this.#failure instanceof FrameError)) this.#connection.close();
    if (this.#failure !== undefined) this.#events.failed(this.#failure);
    this.#events.closed(wasClean, this.#failure === undefined ? code : 1006, reason);
  }
}
