import { showAs } from "../inspection.ts";
import { reportError } from "../microtask.ts";
import { now } from "../performance.ts";
import { DOMException } from "./dom-exception.ts";

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

export type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };

/** What AbortSignal offers to those who must end with it; named here because AbortSignal is an EventTarget itself. */
interface Signal {
  readonly aborted: boolean;
  addEventListener(type: string, listener: Listener, options?: { once?: boolean }): void;
}

export interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: Signal;
}

interface Registration {
  readonly listener: Listener;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  removed: boolean;
}

const { apply } = Reflect;
const AT_TARGET = 2;

// How EventTarget moves an event through its dispatch, without a public door for it.
let begin: (event: Event, target: EventTarget) => void;
let end: (event: Event) => void;
let isDispatching: (event: Event) => boolean;
let isStopped: (event: Event) => boolean;
let setPassive: (event: Event, passive: boolean) => void;
let trust: (event: Event) => void;

export class Event {
  static readonly NONE = 0;
  static readonly CAPTURING_PHASE = 1;
  static readonly AT_TARGET = 2;
  static readonly BUBBLING_PHASE = 3;

  static {
    begin = (event, target) => {
      event.#target = target;
      event.#dispatching = true;
    };
    end = (event) => {
      event.#dispatching = false;
      event.#propagationStopped = false;
      event.#stopped = false;
    };
    isDispatching = (event) => event.#dispatching;
    isStopped = (event) => event.#stopped;
    setPassive = (event, passive) => {
      event.#passive = passive;
    };
    trust = (event) => {
      event.#trusted = true;
    };
  }

  #type: string;
  #bubbles: boolean;
  #cancelable: boolean;
  readonly #composed: boolean;
  readonly #timeStamp = now();
  #target: EventTarget | null = null;
  #dispatching = false;
  #canceled = false;
  #propagationStopped = false;
  #stopped = false;
  #passive = false;
  #trusted = false;

  constructor(type: string, init?: EventInit | null) {
    if (arguments.length === 0) throw new TypeError("Event needs a type");
    if (init !== undefined && init !== null && typeof init !== "object" && typeof init !== "function") {
      throw new TypeError("The options of an Event must be an object");
    }
    this.#type = `${type}`;
    this.#bubbles = Boolean(init?.bubbles);
    this.#cancelable = Boolean(init?.cancelable);
    this.#composed = Boolean(init?.composed);
  }

  get type(): string {
    return this.#type;
  }
  get target(): EventTarget | null {
    return this.#target;
  }
  get srcElement(): EventTarget | null {
    return this.#target;
  }
  get currentTarget(): EventTarget | null {
    return this.#dispatching ? this.#target : null;
  }
  get eventPhase(): number {
    return this.#dispatching ? AT_TARGET : 0;
  }
  get bubbles(): boolean {
    return this.#bubbles;
  }
  get cancelable(): boolean {
    return this.#cancelable;
  }
  get composed(): boolean {
    return this.#composed;
  }
  get timeStamp(): number {
    return this.#timeStamp;
  }
  get isTrusted(): boolean {
    return this.#trusted;
  }
  get defaultPrevented(): boolean {
    return this.#canceled;
  }
  get returnValue(): boolean {
    return !this.#canceled;
  }
  set returnValue(value: boolean) {
    if (!value) this.preventDefault();
  }
  get cancelBubble(): boolean {
    return this.#propagationStopped;
  }
  set cancelBubble(value: boolean) {
    if (value) this.#propagationStopped = true;
  }

  composedPath(): EventTarget[] {
    return this.#dispatching && this.#target !== null ? [this.#target] : [];
  }
  preventDefault(): void {
    if (this.#cancelable && !this.#passive) this.#canceled = true;
  }
  stopPropagation(): void {
    this.#propagationStopped = true;
  }
  stopImmediatePropagation(): void {
    this.#propagationStopped = true;
    this.#stopped = true;
  }
  initEvent(type: string, bubbles = false, cancelable = false): void {
    if (this.#dispatching) return;
    this.#type = `${type}`;
    this.#bubbles = Boolean(bubbles);
    this.#cancelable = Boolean(cancelable);
    this.#canceled = false;
    this.#target = null;
  }
  get [Symbol.toStringTag](): string {
    return "Event";
  }
}

export class CustomEvent extends Event {
  readonly #detail: unknown;

  constructor(type: string, init?: (EventInit & { detail?: unknown }) | null) {
    if (arguments.length === 0) throw new TypeError("CustomEvent needs a type");
    super(type, init);
    this.#detail = init?.detail ?? null;
  }
  get detail(): unknown {
    return this.#detail;
  }
  override get [Symbol.toStringTag](): string {
    return "CustomEvent";
  }
}

/** Has `watch` told whether anybody listens to the target, whenever that may have changed. */
export let watchListeners: (target: EventTarget, watch: (isHeard: boolean) => void) => void;

/** Listeners in the order they were added. There is no tree in an isolate, so an event only ever is at its target. */
export class EventTarget {
  static {
    watchListeners = (target, watch) => {
      target.#watch = watch;
    };
  }

  readonly #listeners = new Map<string, Registration[]>();
  #watch: ((isHeard: boolean) => void) | undefined;

  addEventListener(type: string, listener?: Listener | null, options?: ListenerOptions | boolean): void {
    if (arguments.length < 2) throw new TypeError("addEventListener needs a type and a listener");
    const { capture, once, passive, signal } = listenerOptions(options);
    if (listener === null || listener === undefined) return;
    if (typeof listener !== "function" && typeof listener !== "object") {
      throw new TypeError("An event listener must be a function or an object");
    }
    if (signal?.aborted) return;
    const name = `${type}`;
    const before = this.#listeners.get(name) ?? [];
    for (const one of before) if (one.listener === listener && one.capture === capture) return;
    // A new array each time: a dispatch under way goes on with the one it started with.
    this.#listeners.set(name, [...before, { listener, capture, once, passive, removed: false }]);
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
      if (one.removed) continue;
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
      if (isStopped(event)) return;
    }
  }

  get [Symbol.toStringTag](): string {
    return "EventTarget";
  }
}

function listenerOptions(options: ListenerOptions | boolean | undefined) {
  if (typeof options !== "object" || options === null) {
    return { capture: Boolean(options), once: false, passive: false, signal: undefined };
  }
  const { capture, once, passive, signal } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw new TypeError("The signal of an event listener must be an AbortSignal");
  }
  return { capture: Boolean(capture), once: Boolean(once), passive: Boolean(passive), signal };
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

showAs(Event.prototype, ["type", "defaultPrevented", "cancelable", "timeStamp"]);
showAs(EventTarget.prototype, []);
