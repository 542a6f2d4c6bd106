import { callAsync, callAsyncUnref } from "../../../bridge.ts";
import type { ByteSource } from "./body.ts";

/** The body of a response, read from the supervisor as somebody wants it: who does not read slows the sender down. */
export class NetworkBody implements ByteSource {
  readonly #handle: number;
  #hasEnded = false;
  #error: { reason: unknown } | undefined;
  /** Rejects the read that is under way. */
  #interrupt: ((reason: unknown) => void) | undefined;
  onFailure: ((error: unknown) => void) | undefined;
  /** Called once, when there is nothing left to abort. */
  onEnd: (() => void) | undefined;

  constructor(handle: number) {
    this.#handle = handle;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#error !== undefined) throw this.#error.reason;
    if (this.#hasEnded) return null;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | null>();
    this.#interrupt = reject;
    callAsync("fetch.read", this.#handle).then(
      (chunk) => resolve(chunk instanceof Uint8Array ? chunk : null),
      (cause: unknown) => {
        const error = new TypeError("terminated", { cause });
        this.#error ??= { reason: error };
        this.#end();
        reject(error);
      },
    );
    const chunk = await promise;
    this.#interrupt = undefined;
    if (chunk === null) this.#end();
    return chunk;
  }

  async cancel(): Promise<void> {
    this.discard();
  }

  /** Ends the connection with an error that whoever reads will see. */
  fail(reason: unknown): void {
    if (this.#hasEnded) return;
    this.#error = { reason };
    this.discard();
    this.#interrupt?.(reason);
    this.onFailure?.(reason);
  }

  discard(): void {
    if (this.#hasEnded) return;
    this.#end();
    callAsyncUnref("fetch.close", this.#handle).catch(() => {});
  }

  #end(): void {
    this.#hasEnded = true;
    this.onEnd?.();
    this.onEnd = undefined;
  }
}
