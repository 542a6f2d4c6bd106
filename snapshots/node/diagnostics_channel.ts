import { assertFunction, invalidArgType } from "./internal/errors.ts";

type Name = string | symbol;
type Subscriber = (message: unknown, name: Name) => void;
interface Storage {
  run(value: unknown, callback: () => unknown): unknown;
}

class Channel {
  readonly name: Name;
  #subscribers: Subscriber[] = [];
  readonly #stores = new Map<Storage, (data: unknown) => unknown>();

  constructor(name: Name) {
    this.name = name;
  }
  get hasSubscribers(): boolean {
    return this.#subscribers.length > 0 || this.#stores.size > 0;
  }
  subscribe(subscriber: Subscriber): void {
    assertFunction(subscriber, "subscription");
    this.#subscribers = [...this.#subscribers, subscriber];
  }
  unsubscribe(subscriber: Subscriber): boolean {
    const at = this.#subscribers.indexOf(subscriber);
    if (at >= 0) this.#subscribers = this.#subscribers.toSpliced(at, 1);
    return at >= 0;
  }
  bindStore(store: Storage, transform: (data: unknown) => unknown = (data) => data): void {
    this.#stores.set(store, transform);
  }
  unbindStore(store: Storage): boolean {
    return this.#stores.delete(store);
  }
  publish(message: unknown): void {
    for (const subscriber of this.#subscribers) subscriber(message, this.name);
  }
  runStores(
    data: unknown,
    callback: (...args: unknown[]) => unknown,
    self?: unknown,
    ...args: unknown[]
  ): unknown {
    let run = () => {
      this.publish(data);
      return Reflect.apply(callback, self, args) as unknown;
    };
    for (const [store, transform] of this.#stores) {
      const inner = run;
      run = () => store.run(transform(data), inner);
    }
    return run();
  }
}

const channels = new Map<Name, Channel>();

function channel(name: Name): Channel {
  if (typeof name !== "string" && typeof name !== "symbol") {
    throw invalidArgType("channel", "of type string or symbol", name);
  }
  const present = channels.get(name) ?? new Channel(name);
  channels.set(name, present);
  return present;
}

const phases = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;
type Phase = (typeof phases)[number];

class TracingChannel {
  declare readonly start: Channel;
  declare readonly end: Channel;
  declare readonly asyncStart: Channel;
  declare readonly asyncEnd: Channel;
  declare readonly error: Channel;

  constructor(source: string | Record<Phase, Channel>) {
    for (const phase of phases) {
      Object.defineProperty(this, phase, {
        value: typeof source === "string" ? channel(`tracing:${source}:${phase}`) : source[phase],
        enumerable: true,
      });
    }
  }
  get hasSubscribers(): boolean {
    return phases.some((phase) => this[phase].hasSubscribers);
  }
  subscribe(handlers: Partial<Record<Phase, Subscriber>>): void {
    for (const phase of phases) if (handlers[phase]) this[phase].subscribe(handlers[phase]);
  }
  unsubscribe(handlers: Partial<Record<Phase, Subscriber>>): boolean {
    let done = true;
    for (const phase of phases) {
      if (handlers[phase] && !this[phase].unsubscribe(handlers[phase])) done = false;
    }
    return done;
  }
  traceSync(
    callback: (...args: unknown[]) => unknown,
    context: Record<string, unknown> = {},
    self?: unknown,
    ...args: unknown[]
  ) {
    return this.start.runStores(context, () => {
      try {
        context["result"] = Reflect.apply(callback, self, args);
        return context["result"];
      } catch (error) {
        context["error"] = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
  tracePromise(
    callback: (...args: unknown[]) => Promise<unknown>,
    context: Record<string, unknown> = {},
    self?: unknown,
    ...args: unknown[]
  ) {
    const settled = (key: string) => (value: unknown) => {
      context[key] = value;
      if (key === "error") this.error.publish(context);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
      if (key === "error") throw value;
      return value;
    };
    return this.start.runStores(context, () => {
      try {
        return Promise.resolve(Reflect.apply(callback, self, args)).then(settled("result"), settled("error"));
      } catch (error) {
        context["error"] = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
}

export default {
  Channel,
  channel,
  hasSubscribers: (name: Name) => channels.get(name)?.hasSubscribers ?? false,
  subscribe: (name: Name, subscriber: Subscriber) => channel(name).subscribe(subscriber),
  unsubscribe: (name: Name, subscriber: Subscriber) => channel(name).unsubscribe(subscriber),
  tracingChannel: (source: string | Record<Phase, Channel>) => new TracingChannel(source),
};
