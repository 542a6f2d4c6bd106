import buffer from "node:buffer";
import { captureContext } from "../../../async-context.ts";
import { holdLoop } from "../../../loop.ts";
import { nextTick, queueMicrotask } from "../../../ticks.ts";
import { concatBytes } from "../../../web/bytes.ts";
import { ownerSymbol } from "./owner-symbol.ts";
import { errnoOf } from "./socket-errors.ts";
import { type ShutdownWrap, streamBaseState, WriteWrap } from "./stream-state.ts";
import type { Transport } from "./transport.ts";

type Owner = { destroy(error: unknown): void };
const endOfFile = -4095;

/** What Node's library has under a socket: bytes pushed as they come while it reads, writes that complete later. */
export class StreamHandle {
  readonly isStreamBase = true;
  readonly fd: number = -1;
  /** Kept by the library. */
  reading = false;
  onread: ((buffer?: ArrayBufferLike) => unknown) | undefined;
  bytesRead = 0;
  bytesWritten = 0;
  writeQueueSize = 0;
  protected transport: Transport | undefined;
  protected isClosed = false;
  /** Events belong to the context that the socket was made in, whatever turn they come in. */
  protected readonly inContext = captureContext();
  #isReading = false;
  #isCeded = false;
  /** Settles with the read that is under way. */
  #read: Promise<void> | undefined;
  #wantsRead = false;
  #held: { chunk: Uint8Array | null | { code: string } } | undefined;
  #userBuffer: Uint8Array | undefined;
  #isRef = true;
  #holds = false;

  // ---- open and closed ----

  /** From here on there is somebody at the other end, or about to be. */
  protected hold(): void {
    this.#setHold(this.#isRef && !this.isClosed);
  }

  protected open(transport: Transport): void {
    if (this.isClosed) {
      transport.close(false);
      return;
    }
    this.transport = transport;
    this.#pump();
  }

  /** Another reads and writes from here on, as TLS does. Closing still ends what carries the bytes. */
  cede(): Transport | undefined {
    this.#isCeded = true;
    return this.transport;
  }

  /** As if the peer had ended it: before a heap is frozen, which no connection outlives. */
  async endBeforeFreeze(): Promise<void> {
    const { transport } = this;
    if (transport === undefined || this.isClosed) return;
    this.transport = undefined;
    const reading = this.#read;
    await transport.close(false);
    await reading;
    this.#say(endOfFile);
  }

  close(callback?: () => void): void {
    this.#close(false, callback);
  }

  reset(callback?: () => void): number {
    this.#close(true, callback);
    return 0;
  }

  #close(isReset: boolean, callback?: () => void): void {
    if (!this.isClosed) {
      this.isClosed = true;
      this.#setHold(false);
      this.closing(isReset);
    }
    // Behind the errors that who closes it emits in the next tick.
    if (callback !== undefined) nextTick(() => nextTick(() => this.inContext(callback, this, [])));
  }

  protected closing(isReset: boolean): void {
    this.transport?.close(isReset);
  }

  isClosing(): boolean {
    return this.isClosed;
  }

  // ---- the event loop ----

  ref(): void {
    this.#isRef = true;
    if (this.transport !== undefined || this.#holds) this.#setHold(!this.isClosed);
  }

  unref(): void {
    this.#isRef = false;
    this.#setHold(false);
  }

  hasRef(): boolean {
    return this.#isRef && !this.isClosed;
  }

  getAsyncId(): number {
    return 0;
  }

  #setHold(holds: boolean): void {
    if (this.#holds === holds) return;
    this.#holds = holds;
    holdLoop(holds ? 1 : -1);
  }

  // ---- reading ----

  get wantsRead(): boolean {
    return this.#wantsRead;
  }

  useUserBuffer(bytes: Uint8Array): void {
    this.#userBuffer = bytes;
  }

  readStart(): number {
    this.#wantsRead = true;
    this.#pump();
    return 0;
  }

  readStop(): number {
    this.#wantsRead = false;
    return 0;
  }

  #pump(): void {
    const { transport } = this;
    if (!this.#wantsRead || this.#isReading || transport === undefined || this.isClosed || this.#isCeded)
      return;
    this.#isReading = true;
    const answered = (chunk: Uint8Array | null | { code: string }): void => {
      this.#isReading = false;
      // It was taken over while this was under way.
      if (this.transport !== transport || this.isClosed || this.#isCeded) return;
      this.#held = { chunk };
      this.#deliver();
    };
    const held = this.#held;
    if (held !== undefined) nextTick(() => answered(held.chunk));
    else this.#read = transport.read().then(answered, answered);
  }

  #deliver(): void {
    if (!this.#wantsRead) return;
    const { chunk } = this.#held!;
    this.#held = undefined;
    try {
      if (chunk === null) this.#say(endOfFile);
      else if (!(chunk instanceof Uint8Array)) this.#fail(chunk);
      else if (chunk.length > 0) this.#give(chunk);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
    if (chunk instanceof Uint8Array) this.#pump();
  }

  #give(chunk: Uint8Array): void {
    this.bytesRead += chunk.length;
    let rest = chunk;
    while (this.#userBuffer !== undefined && rest.length > 0) {
      const piece = rest.subarray(0, this.#userBuffer.length);
      this.#userBuffer.set(piece);
      rest = rest.subarray(piece.length);
      const next = this.#say(piece.length);
      if (next instanceof Uint8Array) this.#userBuffer = next;
      if (!this.#wantsRead && rest.length > 0) {
        this.#held = { chunk: rest };
        return;
      }
    }
    if (rest.length > 0) this.#say(rest.length, rest);
  }

  #fail(error: { code: string }): void {
    const errno = errnoOf(error.code);
    if (errno === undefined) (this as unknown as Record<symbol, Owner>)[ownerSymbol]?.destroy(error);
    else this.#say(errno);
  }

  #say(bytesOrError: number, chunk?: Uint8Array): unknown {
    streamBaseState[0] = bytesOrError;
    streamBaseState[1] = chunk?.byteOffset ?? 0;
    return this.inContext(this.onread ?? (() => {}), this, [chunk?.buffer]);
  }

  // ---- writing ----

  writeBuffer(_request: unknown, bytes: Uint8Array): WriteWrap | number {
    return this.#write(bytes);
  }
  writeUtf8String(_request: unknown, text: string): WriteWrap | number {
    return this.#write(buffer.Buffer.from(text, "utf8"));
  }
  writeLatin1String(_request: unknown, text: string): WriteWrap | number {
    return this.#write(buffer.Buffer.from(text, "latin1"));
  }
  writeAsciiString(_request: unknown, text: string): WriteWrap | number {
    return this.#write(buffer.Buffer.from(text, "latin1"));
  }
  writeUcs2String(_request: unknown, text: string): WriteWrap | number {
    return this.#write(buffer.Buffer.from(text, "utf16le"));
  }
  writev(_request: unknown, chunks: unknown[], areAllBuffers: boolean): WriteWrap | number {
    const parts: Uint8Array[] = [];
    for (let index = 0; index < chunks.length; index += areAllBuffers ? 1 : 2) {
      const chunk = chunks[index];
      parts.push(
        typeof chunk === "string"
          ? (buffer.Buffer.from(chunk, chunks[index + 1] as "utf8") as Uint8Array)
          : (chunk as Uint8Array),
      );
    }
    return this.#write(concatBytes(parts));
  }

  #write(bytes: Uint8Array): WriteWrap | number {
    const { transport } = this;
    streamBaseState[2] = bytes.length;
    streamBaseState[3] = 0;
    if (transport === undefined || this.isClosed) return errnoOf("EBADF")!;
    if (bytes.length === 0) return 0;
    const request = new WriteWrap();
    this.writeQueueSize += bytes.length;
    this.bytesWritten += bytes.length;
    const done = (error?: { code: string }): void => {
      this.writeQueueSize -= bytes.length;
      this.#settle(request, error);
    };
    transport.write(bytes).then(() => done(), done);
    return request;
  }

  shutdown(request: ShutdownWrap): number {
    const { transport } = this;
    if (transport === undefined) return errnoOf("ENOTCONN")!;
    const done = (): void => this.#settle(request);
    transport.end().then(done, done);
    return 0;
  }

  /** Calls the library back. What it throws nobody catches: it is no failure of ours. */
  protected tell(callback: ((...args: never[]) => unknown) | undefined, args: readonly unknown[]): void {
    if (callback === undefined) return;
    try {
      this.inContext(callback, this, args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #settle(request: WriteWrap | ShutdownWrap, error?: { code: string }): void {
    const errno = error === undefined ? 0 : errnoOf(error.code);
    try {
      if (errno === undefined) this.inContext(request.callback ?? (() => {}), undefined, [error]);
      else this.inContext(request.oncomplete ?? (() => {}), request, [errno]);
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }
}
