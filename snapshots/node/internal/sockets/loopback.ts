import type { Transport } from "./transport.ts";

/** Bytes that wait on the way before a writer has to. */
const roomBytes = 64 * 1024;

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** One end of a connection within this isolate: no host is asked, and nothing else can reach it. */
export class LoopbackEnd implements Transport {
  #peer: LoopbackEnd | undefined;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #hasEnded = false;
  #failure: Error | undefined;
  #isClosed = false;
  #onReadable: (() => void) | undefined;
  #onRoom: (() => void)[] = [];

  static pair(): [LoopbackEnd, LoopbackEnd] {
    const ends: [LoopbackEnd, LoopbackEnd] = [new LoopbackEnd(), new LoopbackEnd()];
    ends[0].#peer = ends[1];
    ends[1].#peer = ends[0];
    return ends;
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#waitingBytes -= chunk.length;
        if (this.#waitingBytes < roomBytes) for (const proceed of this.#onRoom.splice(0)) proceed();
        return chunk;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#hasEnded || this.#isClosed) return null;
      await new Promise<void>((resolve) => {
        this.#onReadable = resolve;
      });
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    const peer = this.#peer!;
    if (peer.#isClosed) throw failure(this.#failure === undefined ? "EPIPE" : "ECONNRESET");
    // The writer may use its buffer again.
    peer.#chunks.push(bytes.slice());
    peer.#waitingBytes += bytes.length;
    peer.#changed();
    if (peer.#waitingBytes >= roomBytes) await new Promise<void>((resolve) => peer.#onRoom.push(resolve));
  }

  async end(): Promise<void> {
    const peer = this.#peer!;
    peer.#hasEnded = true;
    peer.#changed();
  }

  async close(isReset: boolean): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const peer = this.#peer!;
    // What nobody will read any more is a reset for who sent it, as in TCP.
    if (isReset || this.#chunks.length > 0) {
      peer.#failure = failure("ECONNRESET");
      if (isReset) peer.#chunks = [];
    }
    peer.#hasEnded = true;
    peer.#changed();
    this.#changed();
    for (const proceed of this.#onRoom.splice(0)) proceed();
  }

  #changed(): void {
    const onReadable = this.#onReadable;
    this.#onReadable = undefined;
    onReadable?.();
  }
}

/** Who listens within this isolate, by `port` or path. */
export interface Listener {
  accept(end: LoopbackEnd, from: { address: string; port: number; family: string }): void;
}

const listeners = new Map<number | string, Listener>();
const firstPort = 32_768;
let nextPort = firstPort;

/** @returns The port or path, or undefined when it is taken. @param at 0: a free port. */
export function listenAt(at: number | string, listener: Listener): number | string | undefined {
  let place = at;
  if (place === 0) {
    do place = freePort();
    while (listeners.has(place));
  }
  if (listeners.has(place)) return undefined;
  listeners.set(place, listener);
  return place;
}

export function isListenedAt(place: number | string): boolean {
  return listeners.has(place);
}

export function stopListening(place: number | string): void {
  listeners.delete(place);
}

/** A number for one end of a connection, or for a server that wants any. */
export function freePort(): number {
  nextPort = nextPort >= 65_535 ? firstPort : nextPort + 1;
  return nextPort;
}

/** Undefined: nobody listens there. */
export function connectTo(
  place: number | string,
  from: { address: string; port: number; family: string },
): LoopbackEnd | undefined {
  const listener = listeners.get(place);
  if (listener === undefined) return undefined;
  const [near, far] = LoopbackEnd.pair();
  listener.accept(far, from);
  return near;
}

/** Addresses at which a server of this isolate is found, if there is one. */
export function isOwnAddress(address: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|0\.0\.0\.0|::|::1|::ffff:127\.\d+\.\d+\.\d+)$/.test(address);
}
