import { provideContexts } from "../async-context.ts";
import { emitDestroy, emitInit, execution, isHooked, newId, runAs } from "./internal/async-execution.ts";
import { createHook } from "./internal/async-hook.ts";
import { assertFunction, invalidArgType, nodeError } from "./internal/errors.ts";

/*
 * What every asynchronous continuation carries: a map from AsyncLocalStorage to its value, replaced, never changed.
 * An isolate has no async hooks, and native `await` bypasses a patched `then`; so bundles that use this module are
 * compiled with async functions as generators over promises, and wrapping what schedules callbacks is enough.
 */
type Store = Map<object, unknown>;
type Callback = (...args: unknown[]) => unknown;

const root: Store = new Map();
let current: Store = root;

function runWith<T>(store: Store, callback: (...args: never[]) => T, self: unknown, args: unknown[]): T {
  const previous = current;
  current = store;
  try {
    return Reflect.apply(callback, self, args) as T;
  } finally {
    current = previous;
  }
}

function bound(callback: unknown): unknown {
  if (typeof callback !== "function") return callback;
  const store = current;
  return function (this: unknown, ...args: unknown[]) {
    return runWith(store, callback as Callback, this, args);
  };
}

const promiseThen = Promise.prototype.then;
const promiseIds = new WeakMap<object, number>();

/** Hooks are told of what `then` makes; a callback runs on its behalf. */
function thenHooked(promise: Promise<unknown>, onFulfilled: unknown, onRejected: unknown): Promise<unknown> {
  const id = newId();
  const triggerId = promiseIds.get(promise) ?? execution().id;
  let resource: object = promise;
  const inScope = (callback: unknown) =>
    typeof callback === "function"
      ? (...args: unknown[]) =>
          runAs({ id, triggerId, resource }, () => Reflect.apply(callback, undefined, args))
      : callback;
  const made = Reflect.apply(promiseThen, promise, [
    bound(inScope(onFulfilled)),
    bound(inScope(onRejected)),
  ]) as Promise<unknown>;
  resource = made;
  promiseIds.set(made, id);
  emitInit(id, "PROMISE", triggerId, made);
  return made;
}

// biome-ignore lint/suspicious/noThenProperty: patching then is how the store follows promises
Object.defineProperty(Promise.prototype, "then", {
  value: function then(this: Promise<unknown>, onFulfilled: unknown, onRejected: unknown) {
    if (isHooked()) return thenHooked(this, onFulfilled, onRejected);
    return Reflect.apply(promiseThen, this, [bound(onFulfilled), bound(onRejected)]);
  },
  configurable: true,
  writable: true,
  enumerable: false,
});

/** Those whose callback runs once, and which have ended with it. */
const runsOnce = new Set(["Immediate", "TickObject", "Microtask"]);

/** Timers, ticks, sockets: whatever calls back in a later turn. */
const capture: Parameters<typeof provideContexts>[0] = (type, resource = {}) => {
  const store = current;
  if (type === undefined) return (callback, self, args) => runWith(store, callback, self, args as unknown[]);
  const next = { id: newId(), triggerId: execution().id, resource };
  if (isHooked()) emitInit(next.id, type, next.triggerId, resource);
  return (callback, self, args) => {
    try {
      return runAs(next, () => runWith(store, callback, self, args as unknown[]));
    } finally {
      if (runsOnce.has(type)) emitDestroy(next.id);
    }
  };
};

function leave(): void {
  current = root;
}

/** Holds for the rest of this synchronous run and what it starts: a later turn must not find it. */
function enter(store: Store): void {
  current = store;
  Reflect.apply(promiseThen, Promise.resolve(), [leave]);
}

provideContexts(capture, { current: () => current, enter: (store) => enter(store as Store) });

function entered(storage: object, value: unknown): Store {
  return new Map(current).set(storage, value);
}

class AsyncLocalStorage {
  readonly #defaultValue: unknown;
  readonly #name: string;

  constructor(options: { defaultValue?: unknown; name?: string } = {}) {
    if (typeof options !== "object" || options === null) {
      throw invalidArgType("options", "of type object", options);
    }
    this.#defaultValue = options.defaultValue;
    this.#name = options.name === undefined ? "" : `${options.name}`;
  }

  static bind(callback: Callback): Callback {
    return AsyncResource.bind(callback);
  }

  static snapshot(): (callback: Callback, ...args: unknown[]) => unknown {
    const store = current;
    return (callback, ...args) => runWith(store, callback, undefined, args);
  }

  get name(): string {
    return this.#name;
  }

  run(value: unknown, callback: Callback, ...args: unknown[]): unknown {
    if (Object.is(this.getStore(), value)) return Reflect.apply(callback, null, args);
    const before = current;
    const own = entered(this, value);
    current = own;
    try {
      return Reflect.apply(callback, null, args);
    } finally {
      if (current === own) current = before;
      else {
        // Only its own value goes back: what the callback entered of other storages stays, as in Node.
        const left = new Map(current);
        if (before.has(this)) left.set(this, before.get(this));
        else left.delete(this);
        current = left;
      }
    }
  }

  exit(callback: Callback, ...args: unknown[]): unknown {
    return this.run(undefined, callback, ...args);
  }

  enterWith(value: unknown): void {
    enter(entered(this, value));
  }

  /** For a block: `using scope = storage.withScope(value)`. */
  withScope(value: unknown): RunScope {
    return new RunScope(this, value);
  }

  getStore(): unknown {
    return current.has(this) ? current.get(this) : this.#defaultValue;
  }

  disable(): void {
    current.delete(this);
    // Another map than that of a `run` under way, so that what it restores has not got it either.
    current = new Map(current);
  }
}

class RunScope {
  readonly #storage: AsyncLocalStorage;
  readonly #before: unknown;
  #isDisposed = false;

  constructor(storage: AsyncLocalStorage, value: unknown) {
    this.#storage = storage;
    this.#before = storage.getStore();
    storage.enterWith(value);
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#storage.enterWith(this.#before);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

interface ResourceOptions {
  triggerAsyncId?: number;
  requireManualDestroy?: boolean;
}

class AsyncResource {
  readonly #store = current;
  readonly #id = newId();
  readonly #triggerId: number;
  readonly type: string;

  constructor(type: string, options: number | ResourceOptions = {}) {
    if (typeof type !== "string") throw invalidArgType("type", "of type string", type);
    const triggerId = typeof options === "number" ? options : options.triggerAsyncId;
    if (triggerId !== undefined && (!Number.isSafeInteger(triggerId) || triggerId < -1)) {
      throw nodeError(RangeError, "ERR_INVALID_ASYNC_ID", `Invalid triggerAsyncId value: ${triggerId}`);
    }
    this.#triggerId = triggerId ?? execution().id;
    this.type = type;
    if (!isHooked()) return;
    if (type === "") throw nodeError(TypeError, "ERR_ASYNC_TYPE", 'Invalid name for async "type": ');
    emitInit(this.#id, type, this.#triggerId, this);
  }

  static bind(callback: Callback, type?: string, self?: unknown): Callback {
    return new AsyncResource(type || callback.name || "bound-anonymous-fn").bind(callback, self);
  }

  runInAsyncScope(callback: Callback, self?: unknown, ...args: unknown[]): unknown {
    const next = { id: this.#id, triggerId: this.#triggerId, resource: this };
    return runAs(next, () => runWith(this.#store, callback, self, args));
  }

  bind(callback: Callback, self?: unknown): Callback {
    assertFunction(callback, "fn");
    const resource = this;
    const result = function (this: unknown, ...args: unknown[]) {
      return resource.runInAsyncScope(callback, self === undefined ? this : self, ...args);
    };
    return Object.defineProperty(result, "length", {
      value: (callback as Callback).length,
      configurable: true,
    });
  }

  emitDestroy(): this {
    emitDestroy(this.#id);
    return this;
  }
  asyncId(): number {
    return this.#id;
  }
  triggerAsyncId(): number {
    return this.#triggerId;
  }
}

export default {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId: () => execution().id,
  triggerAsyncId: () => execution().triggerId,
  executionAsyncResource: () => execution().resource,
  asyncWrapProviders: Object.freeze({ __proto__: null }),
};
