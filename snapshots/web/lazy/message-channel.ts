import { setImmediate } from "../../loop.ts";
import { showAs } from "../inspection.ts";
import { loadLazy } from "../lazy.ts";
import {
  defineHandler,
  dispatchTrusted,
  Event,
  type EventInit,
  EventTarget,
  type Listener,
  type ListenerOptions,
} from "./event-target.ts";

export interface MessageEventInit extends EventInit {
  data?: unknown;
  origin?: string;
  lastEventId?: string;
  source?: MessagePort | null;
  ports?: Iterable<MessagePort>;
}

export class MessageEvent extends Event {
  readonly #init: MessageEventInit;
  readonly #ports: readonly MessagePort[];

  constructor(type: string, init?: MessageEventInit | null) {
    if (arguments.length === 0) throw new TypeError("MessageEvent needs a type");
    super(type, init);
    this.#init = { ...init };
    this.#ports = Object.freeze([...(init?.ports ?? [])]);
  }
  get data(): unknown {
    return this.#init.data ?? null;
  }
  get origin(): string {
    return `${this.#init.origin ?? ""}`;
  }
  get lastEventId(): string {
    return `${this.#init.lastEventId ?? ""}`;
  }
  get source(): MessagePort | null {
    return this.#init.source ?? null;
  }
  get ports(): readonly MessagePort[] {
    return this.#ports;
  }
  override get [Symbol.toStringTag](): string {
    return "MessageEvent";
  }
}

const secret = Symbol("MessageChannel");
let entangle: (one: MessagePort, other: MessagePort) => void;

/**
 * One end of a channel. Both ends are in this isolate, there being nothing else that one could be given to: what is
 * posted is cloned at once, and delivered by a task of its own. A port that waits does not keep the event loop alive.
 *
 *     queueing ──(start, or any listener to messages)──► flowing ──(close on either end)──► closed
 */
export class MessagePort extends EventTarget {
  static {
    entangle = (one, other) => {
      one.#other = other;
      other.#other = one;
    };
  }

  declare onmessage: ((event: MessageEvent) => unknown) | null;
  declare onmessageerror: ((event: MessageEvent) => unknown) | null;
  #other: MessagePort | undefined;
  #isFlowing = false;
  readonly #queue: unknown[] = [];
  /** Listeners in Node's manner take the data instead of the event. */
  readonly #wrapped = new Map<string, Map<unknown, Listener>>();

  constructor(key?: symbol) {
    if (key !== secret) throw new TypeError("Illegal constructor");
    super();
  }

  postMessage(value: unknown, options?: Iterable<unknown> | { transfer?: Iterable<unknown> } | null): void {
    if (arguments.length === 0) throw new TypeError("postMessage needs a message");
    const transfer =
      options !== null && typeof options === "object" && Symbol.iterator in options
        ? options
        : (options?.transfer ?? []);
    const target = this.#other;
    // A closed channel swallows what is posted, but not that it can't be cloned.
    const data = loadLazy("structured-clone").structuredClone(value, { transfer });
    if (target === undefined) return;
    target.#queue.push(data);
    if (target.#isFlowing) target.#deliverLater();
  }

  start(): void {
    if (this.#isFlowing) return;
    this.#isFlowing = true;
    for (let count = this.#queue.length; count > 0; count--) this.#deliverLater();
  }

  close(): void {
    const other = this.#other;
    if (other === undefined) return;
    this.#other = undefined;
    other.#other = undefined;
    for (const port of [this, other]) {
      setImmediate(() => dispatchTrusted(port, new Event("close")));
    }
  }

  /** As in Node, whoever listens need not start it. */
  override addEventListener(
    type: string,
    listener?: Listener | null,
    options?: ListenerOptions | boolean,
  ): void {
    super.addEventListener(type, listener, options);
    if (`${type}` === "message") this.start();
  }

  on(type: string, listener: (value: unknown) => unknown): this {
    return this.#listen(type, listener, false);
  }
  addListener(type: string, listener: (value: unknown) => unknown): this {
    return this.#listen(type, listener, false);
  }
  once(type: string, listener: (value: unknown) => unknown): this {
    return this.#listen(type, listener, true);
  }
  off(type: string, listener: (value: unknown) => unknown): this {
    const wrapped = this.#wrapped.get(type)?.get(listener);
    if (wrapped !== undefined) this.removeEventListener(type, wrapped);
    this.#wrapped.get(type)?.delete(listener);
    return this;
  }
  removeListener(type: string, listener: (value: unknown) => unknown): this {
    return this.off(type, listener);
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return false;
  }

  #listen(type: string, listener: (value: unknown) => unknown, once: boolean): this {
    const wrapped = (event: Event) => {
      if (once) this.off(type, listener);
      return listener.call(this, event instanceof MessageEvent ? event.data : event);
    };
    let known = this.#wrapped.get(type);
    if (known === undefined) {
      known = new Map();
      this.#wrapped.set(type, known);
    }
    known.set(listener, wrapped);
    this.addEventListener(type, wrapped, { once });
    return this;
  }

  #deliverLater(): void {
    setImmediate(() => {
      if (this.#queue.length > 0)
        dispatchTrusted(this, new MessageEvent("message", { data: this.#queue.shift() }));
    });
  }

  override get [Symbol.toStringTag](): string {
    return "MessagePort";
  }
}

defineHandler(MessagePort.prototype, "message");
defineHandler(MessagePort.prototype, "messageerror");

export class MessageChannel {
  readonly port1 = new MessagePort(secret);
  readonly port2 = new MessagePort(secret);

  constructor() {
    entangle(this.port1, this.port2);
  }
  get [Symbol.toStringTag](): string {
    return "MessageChannel";
  }
}

showAs(MessageEvent.prototype, ["type", "data", "origin", "lastEventId", "source", "ports"]);
showAs(MessagePort.prototype, []);
