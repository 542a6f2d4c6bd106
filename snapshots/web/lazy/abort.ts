import { setTimeout } from "../../loop.ts";
import { showAs } from "../inspection.ts";
import { DOMException } from "./dom-exception.ts";
import { defineHandler, dispatchTrusted, Event, EventTarget } from "./event-target.ts";

const secret = Symbol("AbortSignal");
const LONGEST_TIMER_MS = 2 ** 31 - 1;

let signalAbort: (signal: AbortSignal, reason: unknown) => void;
let follow: (signal: AbortSignal, algorithm: () => void) => () => void;

export class AbortSignal extends EventTarget {
  static {
    signalAbort = (signal, reason) => signal.#abort(reason);
    follow = (signal, algorithm) => {
      signal.#algorithms.add(algorithm);
      return () => signal.#algorithms.delete(algorithm);
    };
  }

  declare onabort: ((event: Event) => unknown) | null;
  #aborted = false;
  #reason: unknown = undefined;
  /** The platform's own followers, run before any listener. */
  readonly #algorithms = new Set<() => void>();

  constructor(key?: symbol) {
    if (key !== secret) throw new TypeError("Illegal constructor");
    super();
  }

  static abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): AbortSignal {
    const signal = makeSignal();
    signal.#aborted = true;
    signal.#reason = reason;
    return signal;
  }

  /** Does not keep the event loop alive. */
  static timeout(delayMs: number): AbortSignal {
    if (typeof delayMs !== "number") {
      throw Object.assign(new TypeError('The "delay" argument must be of type number'), {
        code: "ERR_INVALID_ARG_TYPE",
      });
    }
    const delay = Math.trunc(delayMs);
    if (!(delay >= 0 && delay <= Number.MAX_SAFE_INTEGER)) {
      throw Object.assign(new RangeError(`The delay of AbortSignal.timeout() is out of range: ${delayMs}`), {
        code: "ERR_OUT_OF_RANGE",
      });
    }
    const signal = makeSignal();
    setTimeout(
      () => signal.#abort(new DOMException("The operation was aborted due to timeout", "TimeoutError")),
      Math.min(delay, LONGEST_TIMER_MS),
    ).unref();
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const sources = [...signals];
    for (const source of sources) {
      if (!isAbortSignal(source)) throw new TypeError("AbortSignal.any() takes only AbortSignals");
    }
    const result = makeSignal();
    for (const source of sources) {
      if (!source.#aborted) continue;
      result.#aborted = true;
      result.#reason = source.#reason;
      return result;
    }
    const unfollow: (() => void)[] = [];
    for (const source of sources) {
      unfollow.push(
        follow(source, () => {
          for (const stop of unfollow) stop();
          result.#abort(source.#reason);
        }),
      );
    }
    return result;
  }

  get aborted(): boolean {
    return this.#aborted;
  }
  get reason(): unknown {
    return this.#reason;
  }
  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    const algorithms = [...this.#algorithms];
    this.#algorithms.clear();
    for (const algorithm of algorithms) algorithm();
    dispatchTrusted(this, new Event("abort"));
  }

  override get [Symbol.toStringTag](): string {
    return "AbortSignal";
  }
}
// Not in the class: a bundler renames a class that names itself, visibly.
function makeSignal(): AbortSignal {
  return new AbortSignal(secret);
}

defineHandler(AbortSignal.prototype, "abort");

export class AbortController {
  readonly #signal = new AbortSignal(secret);

  get signal(): AbortSignal {
    return this.#signal;
  }
  abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): void {
    signalAbort(this.#signal, reason);
  }
  get [Symbol.toStringTag](): string {
    return "AbortController";
  }
}

export function isAbortSignal(value: unknown): value is AbortSignal {
  return value instanceof AbortSignal;
}

/** Runs `algorithm` when `signal` aborts, ahead of its listeners. Answers with a function that stops following. */
export function onAbort(signal: AbortSignal, algorithm: () => void): () => void {
  return follow(signal, algorithm);
}

showAs(AbortSignal.prototype, ["aborted"]);
showAs(AbortController.prototype, ["signal"]);
