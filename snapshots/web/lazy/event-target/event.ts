import { showAs } from "../../inspection.ts";
import { now } from "../../performance.ts";
import type { EventTarget } from "../event-target.ts";

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

const AT_TARGET = 2;

// How EventTarget moves an event through its dispatch, without a public door for it.
export let begin: (event: Event, target: EventTarget) => void;
export let end: (event: Event) => void;
export let isDispatching: (event: Event) => boolean;
export let isStopped: (event: Event) => boolean;
export let setPassive: (event: Event, passive: boolean) => void;
export let trust: (event: Event) => void;

export class Event {
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

const phases = { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET, BUBBLING_PHASE: 3 };
for (const [name, value] of Object.entries(phases)) {
  for (const holder of [Event, Event.prototype])
    Object.defineProperty(holder, name, { value, enumerable: true });
}

showAs(Event.prototype, ["type", "defaultPrevented", "cancelable", "timeStamp"]);
