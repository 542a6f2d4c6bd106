import { setTimeout } from "../../loop.ts";
import { setCloningRules } from "../cloning.ts";
import { showAs } from "../inspection.ts";
import { DOMException } from "./dom-exception.ts";
import {
  defineHandler,
  dispatchTrusted,
  Event,
  EventTarget,
  maxListeners,
  watchListeners,
} from "./event-target.ts";

const secret = Symbol("AbortSignal");
const LONGEST_TIMER_MS = 2 ** 31 - 1;

let signalAbort: (signal: AbortSignal, reason: unknown) => void;
let follow: (signal: AbortSignal, algorithm: () => void) => () => void;

export class AbortSignal extends EventTarget {
  static {
    signalAbort = (signal, reason) => signal.#abort(reason);
    follow = (signal, algorithm) => {
      signal.#algorithms.add(algorithm);
      signal.#keep();
      return () => {
        signal.#algorithms.delete(algorithm);
        signal.#keep();
      };
    };
  }

  declare onabort: ((event: Event) => unknown) | null;
  #aborted = false;
  #reason: unknown = undefined;
  /** The platform's own followers, run before any listener. */
  readonly #algorithms = new Set<() => void>();
  /** Made by any(): what it waits for. None of them waits for another. */
  #sources: readonly AbortSignal[] | undefined;
  /** Those that any() made of it, in their order. A signal that lives as long as its program does not keep them all. */
  #dependents: WeakRef<AbortSignal>[] = [];
  /** How many there may be before those are left out that are gone. */
  #mostDependents = 16;
  /** Of them, those that somebody waits for. */
  readonly #awaited = new Set<AbortSignal>();
  #isHeard = false;

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
    const given = [...signals];
    for (const source of given) {
      if (!isAbortSignal(source)) throw new TypeError("AbortSignal.any() takes only AbortSignals");
    }
    const result = makeSignal();
    const aborted = given.find((source) => source.#aborted);
    if (aborted !== undefined) {
      result.#aborted = true;
      result.#reason = aborted.#reason;
      return result;
    }
    // One that depends on others itself is replaced by those, so that each knows all that depend on it.
    const sources = new Set(given.flatMap((source) => source.#sources ?? [source]));
    result.#sources = [...sources];
    for (const source of sources) source.#addDependent(result);
    watchListeners(result, (isHeard) => {
      result.#isHeard = isHeard;
      result.#keep();
    });
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
    const aborting: AbortSignal[] = [this];
    for (const reference of this.#dependents) {
      const dependent = reference.deref();
      if (dependent !== undefined && !dependent.#aborted) aborting.push(dependent);
    }
    // All are aborted before the first listener hears of it.
    for (const signal of aborting) {
      signal.#aborted = true;
      signal.#reason = reason;
      signal.#leave();
    }
    for (const signal of aborting) signal.#tell();
  }

  #tell(): void {
    const algorithms = [...this.#algorithms];
    this.#algorithms.clear();
    for (const algorithm of algorithms) algorithm();
    dispatchTrusted(this, new Event("abort"));
  }

  #addDependent(signal: AbortSignal): void {
    if (this.#dependents.length >= this.#mostDependents) {
      this.#dependents = this.#dependents.filter((reference) => reference.deref() !== undefined);
      this.#mostDependents = Math.max(16, this.#dependents.length * 2);
    }
    this.#dependents.push(new WeakRef(signal));
  }

  /** Its sources hold it while somebody waits for it. */
  #keep(): void {
    const isAwaited = !this.#aborted && (this.#isHeard || this.#algorithms.size > 0);
    for (const source of this.#sources ?? []) {
      if (isAwaited) source.#awaited.add(this);
      else source.#awaited.delete(this);
    }
  }

  /** One that is aborted has nothing to wait for. */
  #leave(): void {
    this.#keep();
    this.#dependents = [];
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

const transferable = new WeakSet<object>();

/** The signal may be sent: who receives it has one that aborts when it does. */
export function markTransferable(signal: AbortSignal): void {
  transferable.add(signal);
}

setCloningRules(AbortSignal.prototype, {
  transfer(signal) {
    if (!transferable.has(signal)) return undefined;
    const moved = AbortSignal.any([signal as AbortSignal]);
    markTransferable(moved);
    return { moved, commit() {} };
  },
});

showAs(AbortSignal.prototype, ["aborted"]);
// Any number may wait for one signal.
Object.defineProperty(AbortSignal.prototype, maxListeners, { value: 0, writable: true, configurable: true });
showAs(AbortController.prototype, ["signal"]);
