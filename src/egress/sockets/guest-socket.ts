import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { OperationError } from "../../model/values.ts";
import { toSocketError } from "./socket-failure.ts";
import { type TlsRequest, tlsOptions } from "./socket-request.ts";
import { tlsReport } from "./tls-report.ts";

/** Bytes that one read answers at most. */
const chunkBytes = 64 * 1024;
const nothing = new Uint8Array(0);

/**
 * A guest's connection. It pulls: each read of the guest's takes what has come, up to 64 KiB, and the socket stops
 * reading from the network when that much waits. So a guest that does not read, because it is slow or frozen between two
 * events, slows its peer down and costs us that much. A write is accepted when the socket has room for more.
 *
 *     open ──► TLS (once) ──► closed        open, TLS ──► closed: by the guest, its environment, the peer or a failure
 */
export class GuestSocket {
  /** Where it leads, as `host:port`. */
  readonly target: string;
  #socket: Duplex;
  #error: Error | undefined;
  #hasEnded = false;
  #isClosed = false;
  #isUpgrading = false;
  /** Told that something came: data, the end, or a failure. */
  #onChange: (() => void) | undefined;

  /** @param socket Connected. */
  constructor(target: string, socket: Duplex) {
    this.target = target;
    this.#socket = socket;
    this.#follow(socket);
  }

  /** Whether nothing more can come or go: what had come may still wait to be read. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The next bytes, or null at the end; no bytes when TLS took over. @throws {OperationError} The connection failed, or a read is waiting. */
  async read(): Promise<Uint8Array | null> {
    if (this.#onChange !== undefined) {
      throw new OperationError("EINVAL", "Cannot read: the read before is not answered yet");
    }
    const socket = this.#socket;
    for (;;) {
      if (this.#socket !== socket || this.#isUpgrading) return nothing;
      const chunk = takeChunk(socket);
      if (chunk !== null) return chunk;
      if (this.#error !== undefined) throw toSocketError(this.#error);
      if (this.#hasEnded) return null;
      if (this.#isClosed) throw new OperationError("ECONNRESET", "read ECONNRESET");
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
        // Not before somebody wants something: until then bytes wait in the kernel.
        if (socket.listenerCount("readable") === 0) socket.on("readable", this.#changed);
      });
    }
  }

  /** Resolves when there is room for more. @param onTaken Called once, when the bytes are no longer held. */
  async write(chunk: Uint8Array, onTaken: () => void): Promise<void> {
    const socket = this.#socket;
    if (this.#error !== undefined || this.#isClosed || socket.writableEnded || this.#isUpgrading) {
      onTaken();
      throw toSocketError(this.#error ?? new OperationError("EPIPE", "write EPIPE"));
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const hasRoom = socket.write(chunk, () => {
      onTaken();
      resolve();
    });
    if (hasRoom) return;
    await promise;
    if (this.#error !== undefined) throw toSocketError(this.#error);
  }

  /** What was written goes out, then the end of the stream. */
  async end(): Promise<void> {
    const socket = this.#socket;
    if (this.#isClosed || socket.writableEnded) return;
    await new Promise<void>((resolve) => {
      socket.end(resolve);
      socket.once("close", resolve);
    });
  }

  configure(noDelay: boolean | undefined, keepAliveMs: number | undefined): void {
    if (!(this.#socket instanceof Socket)) return;
    if (noDelay !== undefined) this.#socket.setNoDelay(noDelay);
    if (keepAliveMs !== undefined) this.#socket.setKeepAlive(keepAliveMs > 0, keepAliveMs);
  }

  /** TLS from here on. @returns The report as JSON. @throws {OperationError} */
  async startTls(request: TlsRequest, timeoutMs: number): Promise<string> {
    const raw = this.#socket;
    if (this.#isUpgrading || this.#isClosed || isTls(raw)) {
      throw new OperationError("EINVAL", "Cannot start TLS: the socket is closed or speaks TLS already");
    }
    // First of all: it throws for what node:tls refuses, and the socket stays as it is.
    const secure = connectTls({ ...tlsOptions(request), socket: raw as Socket, timeout: 0 });
    this.#follow(secure);
    this.#isUpgrading = true;
    this.#changed();
    raw.off("readable", this.#changed);
    const timer = setTimeout(
      () =>
        secure.destroy(new OperationError("ETIMEDOUT", `The TLS handshake took longer than ${timeoutMs} ms`)),
      timeoutMs,
    );
    try {
      await new Promise<void>((resolve, reject) => {
        secure.once("secureConnect", resolve);
        secure.once("error", reject);
        secure.once("close", () =>
          reject(
            new OperationError(
              "ECONNRESET",
              "Client network socket disconnected before secure TLS connection was established",
            ),
          ),
        );
      });
      this.#socket = secure;
      return tlsReport(secure);
    } catch (error) {
      this.close(false);
      throw toSocketError(error);
    } finally {
      clearTimeout(timer);
      this.#isUpgrading = false;
    }
  }

  /** @param isReset The peer is told that something went wrong, and nothing that was written is sent any more. */
  close(isReset: boolean): void {
    const socket = this.#socket;
    if (isReset && socket instanceof Socket && !isTls(socket)) socket.resetAndDestroy();
    else socket.destroy();
    this.#closed();
  }

  readonly #changed = (): void => {
    const onChange = this.#onChange;
    this.#onChange = undefined;
    onChange?.();
  };

  #follow(socket: Duplex): void {
    socket.on("error", (error) => {
      this.#error ??= error;
      this.#changed();
    });
    socket.on("end", () => {
      this.#hasEnded = true;
      this.#changed();
    });
    socket.on("close", () => {
      if (socket.readableEnded) this.#hasEnded = true;
      this.#closed();
    });
  }

  #closed(): void {
    this.#isClosed = true;
    this.#changed();
  }
}

function takeChunk(socket: Duplex): Uint8Array | null {
  const { readableLength } = socket;
  // Also asks for more when there is nothing.
  return socket.read(
    readableLength > 0 ? Math.min(readableLength, chunkBytes) : undefined,
  ) as Uint8Array | null;
}

function isTls(socket: Duplex): socket is TLSSocket {
  return "encrypted" in socket;
}
