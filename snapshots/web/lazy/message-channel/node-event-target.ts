import { invalidArgType } from "../argument-errors.ts";
import { Event, EventTarget, type Listener, type ListenerOptions } from "../event-target.ts";

export type NodeListener = (...args: unknown[]) => unknown;

/** An event that was emitted in Node's manner: its listeners in Node's manner get what was emitted, the others this. */
export class NodeCustomEvent extends Event {
  readonly detail: unknown;
  constructor(type: string, detail: unknown) {
    super(type);
    this.detail = detail;
  }
}

interface Registered {
  readonly listener: NodeListener;
  readonly wrapped: Listener;
}

type Tell = (target: NodeEventTarget, type: string, isListening: boolean) => void;
let tell: Tell = () => {};

/** Tells when a type has a listener, of whatever manner, and when the last one is gone. */
export function watchListeners(own: Tell): void {
  tell = own;
}

/** An EventTarget with an EventEmitter's methods, as Node gives it to message ports. */
export class NodeEventTarget extends EventTarget {
  readonly #registered = new Map<string, Registered[]>();
  readonly #listeners = new Map<string, Set<Listener>>();
  #maxListeners = 10;

  override addEventListener(
    type: string,
    listener?: Listener | null,
    options?: ListenerOptions | boolean,
  ): void {
    super.addEventListener(type, listener, options);
    if (listener === null || listener === undefined) return;
    const name = `${type}`;
    const known = this.#listeners.get(name);
    if (known === undefined) this.#listeners.set(name, new Set([listener]));
    else known.add(listener);
    tell(this, name, true);
  }
  override removeEventListener(
    type: string,
    listener?: Listener | null,
    options?: ListenerOptions | boolean,
  ): void {
    super.removeEventListener(type, listener, options);
    const name = `${type}`;
    const known = this.#listeners.get(name);
    if (known?.delete(listener as Listener) === true && known.size === 0) tell(this, name, false);
  }
  setMaxListeners(count: number): this {
    this.#maxListeners = Number(count);
    return this;
  }
  getMaxListeners(): number {
    return this.#maxListeners;
  }
  eventNames(): string[] {
    return [...this.#registered.keys()];
  }
  listenerCount(type: string): number {
    return this.#registered.get(`${type}`)?.length ?? 0;
  }
  off(type: string, listener: NodeListener, _options: unknown = undefined): this {
    const name = `${type}`;
    const registered = this.#registered.get(name) ?? [];
    const index = registered.findIndex((one) => one.listener === listener);
    if (index === -1) return this;
    this.removeEventListener(name, registered[index]!.wrapped);
    const rest = registered.toSpliced(index, 1);
    if (rest.length > 0) this.#registered.set(name, rest);
    else this.#registered.delete(name);
    return this;
  }
  removeListener(type: string, listener: NodeListener, options: unknown = undefined): this {
    return this.off(type, listener, options);
  }
  on(type: string, listener: NodeListener): this {
    return this.#listen(type, listener, false);
  }
  addListener(type: string, listener: NodeListener): this {
    return this.#listen(type, listener, false);
  }
  emit(type: string, arg: unknown): boolean {
    const name = `${type}`;
    const hasListeners = this.listenerCount(name) > 0;
    this.dispatchEvent(new NodeCustomEvent(name, arg));
    return hasListeners;
  }
  once(type: string, listener: NodeListener): this {
    return this.#listen(type, listener, true);
  }
  removeAllListeners(type: string | undefined = undefined): this {
    const names = type === undefined ? [...this.#registered.keys()] : [`${type}`];
    for (const name of names) {
      for (const { wrapped } of this.#registered.get(name) ?? []) this.removeEventListener(name, wrapped);
      this.#registered.delete(name);
    }
    return this;
  }

  #listen(type: string, listener: NodeListener, once: boolean): this {
    if (typeof listener !== "function") throw invalidArgType("listener", "of type function", listener);
    const name = `${type}`;
    const wrapped = (event: Event) => {
      if (once) this.off(name, listener);
      return Reflect.apply(listener, this, [argumentOf(event)]);
    };
    this.#registered.set(name, [...(this.#registered.get(name) ?? []), { listener, wrapped }]);
    this.addEventListener(name, wrapped);
    return this;
  }
}

for (const name of Object.getOwnPropertyNames(NodeEventTarget.prototype)) {
  if (name !== "constructor") Object.defineProperty(NodeEventTarget.prototype, name, { enumerable: true });
}

/** What listeners in Node's manner get of an event. */
function argumentOf(event: Event): unknown {
  if (event instanceof NodeCustomEvent) return event.detail;
  return event.type === "message" || event.type === "messageerror"
    ? (event as unknown as { data: unknown }).data
    : event;
}
