import { showAs } from "../inspection.ts";
import { reportError } from "../microtask.ts";
import { DOMException } from "./dom-exception.ts";
import { begin, Event, end, isDispatching, isStopped, setPassive, trust } from "./event-target/event.ts";

export { CustomEvent, Event, type EventInit } from "./event-target/event.ts";

export type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };

/** What AbortSignal offers to those who must end with it; named here because AbortSignal is an EventTarget itself. */
interface Signal {
  readonly aborted: boolean;
  addEventListener(type: string, listener: Listener, options?: { once?: boolean }): void;
}

/** An option of Node's own listeners: called even when one before stopped the event. */
export const resistsStop = Symbol("resists stopPropagation");

export interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: Signal;
  [resistsStop]?: boolean;
}

interface Registration {
  readonly listener: Listener;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  readonly resists: boolean;
  removed: boolean;
}

const { apply } = Reflect;
/** Has `watch` told whether anybody listens to the target, whenever that may have changed. */
export let watchListeners: (target: EventTarget, watch: (isHeard: boolean) => void) => void;

/** The listeners that a target has for events of the type, in their order. */
export let listenersOf: (target: EventTarget, type: string) => Listener[];

/** How many listeners of a type Node expects at most; node:events reads and writes it by this name. */
export const maxListeners = Symbol.for("events.maxEventTargetListeners");

/** Listeners in the order they were added. There is no tree in an isolate, so an event only ever is at its target. */
export class EventTarget {
  static {
    watchListeners = (target, watch) => {
      target.#watch = watch;
    };
    listenersOf = (target, type) => (target.#listeners.get(type) ?? []).map(({ listener }) => listener);
  }

  readonly #listeners = new Map<string, Registration[]>();
  #watch: ((isHeard: boolean) => void) | undefined;

  addEventListener(type: string, listener?: Listener | null, options?: ListenerOptions | boolean): void {
    if (arguments.length < 2) throw new TypeError("addEventListener needs a type and a listener");
    const { capture, once, passive, signal, resists } = listenerOptions(options);
    if (listener === null || listener === undefined) return;
    if (typeof listener !== "function" && typeof listener !== "object") {
      throw new TypeError("An event listener must be a function or an object");
    }
    if (signal?.aborted) return;
    const name = `${type}`;
    const before = this.#listeners.get(name) ?? [];
    for (const one of before) if (one.listener === listener && one.capture === capture) return;
    // A new array each time: a dispatch under way goes on with the one it started with.
    this.#listeners.set(name, [...before, { listener, capture, once, passive, resists, removed: false }]);
    this.#watch?.(true);
    signal?.addEventListener("abort", () => this.removeEventListener(name, listener, capture), {
      once: true,
    });
  }

  removeEventListener(type: string, listener?: Listener | null, options?: ListenerOptions | boolean): void {
    if (arguments.length < 2) throw new TypeError("removeEventListener needs a type and a listener");
    const capture =
      typeof options === "object" && options !== null ? Boolean(options.capture) : Boolean(options);
    const name = `${type}`;
    const rest = [];
    for (const one of this.#listeners.get(name) ?? []) {
      if (one.listener === listener && one.capture === capture) one.removed = true;
      else rest.push(one);
    }
    if (rest.length === 0) this.#listeners.delete(name);
    else this.#listeners.set(name, rest);
    this.#watch?.(this.#listeners.size > 0);
  }

  dispatchEvent(event: Event): boolean {
    if (!(event instanceof Event)) throw new TypeError("dispatchEvent needs an Event");
    if (isDispatching(event))
      throw new DOMException("The event is already being dispatched", "InvalidStateError");
    begin(event, this);
    try {
      if (!event.cancelBubble) this.#callListeners(event);
    } finally {
      end(event);
    }
    return !event.defaultPrevented;
  }

  #callListeners(event: Event): void {
    for (const one of this.#listeners.get(event.type) ?? []) {
      if (one.removed || (isStopped(event) && !one.resists)) continue;
      if (one.once) this.removeEventListener(event.type, one.listener, one.capture);
      setPassive(event, one.passive);
      try {
        const { listener } = one;
        if (typeof listener === "function") apply(listener, this, [event]);
        else listener.handleEvent(event);
      } catch (error) {
        reportError(error);
      }
      setPassive(event, false);
    }
  }

  get [Symbol.toStringTag](): string {
    return "EventTarget";
  }
}

function listenerOptions(options: ListenerOptions | boolean | undefined) {
  if (typeof options !== "object" || options === null) {
    return { capture: Boolean(options), once: false, passive: false, signal: undefined, resists: false };
  }
  const { capture, once, passive, signal, [resistsStop]: resists } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw new TypeError("The signal of an event listener must be an AbortSignal");
  }
  return {
    capture: Boolean(capture),
    once: Boolean(once),
    passive: Boolean(passive),
    resists: Boolean(resists),
    signal,
  };
}

/** Dispatches an event that the platform itself made. */
export function dispatchTrusted(target: EventTarget, event: Event): void {
  trust(event);
  target.dispatchEvent(event);
}

/** Gives a class's prototype an `on<type>` property: one listener that assignment replaces and keeps in its place. */
export function defineHandler(prototype: EventTarget, type: string): void {
  const handlers = new WeakMap<EventTarget, { current: unknown }>();
  Object.defineProperty(prototype, `on${type}`, {
    get(this: EventTarget) {
      return handlers.get(this)?.current ?? null;
    },
    set(this: EventTarget, value: unknown) {
      const current = typeof value === "function" ? value : null;
      const known = handlers.get(this);
      if (known !== undefined) {
        known.current = current;
        return;
      }
      if (current === null) return;
      const slot: { current: unknown } = { current };
      handlers.set(this, slot);
      this.addEventListener(type, (event) => {
        if (typeof slot.current === "function") apply(slot.current, this, [event]);
      });
    },
    configurable: true,
    enumerable: true,
  });
}

showAs(EventTarget.prototype, []);
Object.defineProperty(EventTarget.prototype, maxListeners, { value: 10, writable: true, configurable: true });
