import { OperationError } from "../model/values.ts";
import type { EgressLimits } from "./egress-limits.ts";
import type { SharedUse } from "./shared-use.ts";

/** What one environment has handed over for sending and no connection has taken yet, as part of what all may hold. */
export class InFlightBytes {
  readonly #limits: EgressLimits;
  readonly #shared: SharedUse;
  #bytes = 0;

  constructor(limits: EgressLimits, shared: SharedUse) {
    this.#limits = limits;
    this.#shared = shared;
  }

  /** @returns What gives the bytes back, once. @throws {OperationError} ELIMIT */
  take(bytes: number): () => void {
    const { requestBytesInFlight, totalRequestBytesInFlight } = this.#limits;
    const shared = this.#sharedOf(this.#bytes + bytes) - this.#sharedOf(this.#bytes);
    const isTooMuchForAll = shared > 0 && this.#shared.requestBytes + shared > totalRequestBytesInFlight;
    if (this.#bytes + bytes > requestBytesInFlight || isTooMuchForAll) {
      throw new OperationError(
        "ELIMIT",
        isTooMuchForAll
          ? `Cannot send ${bytes} bytes more: all environments together have ${this.#shared.requestBytes} bytes in flight, at most ${totalRequestBytesInFlight} are allowed`
          : `Cannot send ${bytes} bytes more: at most ${requestBytesInFlight} bytes of request bodies may be in flight`,
      );
    }
    this.#change(bytes);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#change(-bytes);
    };
  }

  #change(bytes: number): void {
    this.#shared.requestBytes -= this.#sharedOf(this.#bytes);
    this.#bytes += bytes;
    this.#shared.requestBytes += this.#sharedOf(this.#bytes);
  }

  /** What of so many bytes counts among everybody's. */
  #sharedOf(bytes: number): number {
    return Math.max(0, bytes - this.#limits.ownRequestBytesInFlight);
  }
}
