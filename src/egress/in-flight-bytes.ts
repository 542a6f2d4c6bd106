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
    if (
      this.#bytes + bytes > requestBytesInFlight ||
      this.#shared.requestBytes + bytes > totalRequestBytesInFlight
    ) {
      throw new OperationError(
        "ELIMIT",
        `Cannot send ${bytes} bytes more: at most ${requestBytesInFlight} bytes of request bodies may be in flight`,
      );
    }
    this.#bytes += bytes;
    this.#shared.requestBytes += bytes;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#bytes -= bytes;
      this.#shared.requestBytes -= bytes;
    };
  }
}
