import { provideContexts } from "../async-context.ts";
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
// biome-ignore lint/suspicious/noThenProperty: patching then is how the store follows promises
Object.defineProperty(Promise.prototype, "then", {
  value: function then(this: Promise<unknown>, onFulfilled: unknown, onRejected: unknown) {
    return Reflect.apply(promiseThen, this, [bound(onFulfilled), bound(onRejected)]);
  },
  configurable: true,
  writable: true,
  enumerable: false,
});

/** Timers, ticks, sockets: whatever calls back in a later turn. */
provideContexts(() => {
  const store = current;
  return (callback, self, args) => runWith(store, callback, self, args as unknown[]);
});

function leave(): void {
  current = root;
}

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
    current = entered(this, value);
    // Holds for the rest of this synchronous run and what it starts: a later turn must not find it.
    Reflect.apply(promiseThen, Promise.resolve(), [leave]);
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

const topId = 1;
let lastId = topId;
/** The resource whose scope runs, and undefined at the top of a turn. */
let executing: AsyncResource | undefined;

interface ResourceOptions {
  triggerAsyncId?: number;
  requireManualDestroy?: boolean;
}

class AsyncResource {
  readonly #store = current;
  readonly #id = ++lastId;
  readonly #triggerId: number;
  readonly type: string;

  constructor(type: string, options: number | ResourceOptions = {}) {
    if (typeof type !== "string") throw invalidArgType("type", "of type string", type);
    const triggerId = typeof options === "number" ? options : options.triggerAsyncId;
    if (triggerId !== undefined && (!Number.isSafeInteger(triggerId) || triggerId < -1)) {
      throw nodeError(RangeError, "ERR_INVALID_ASYNC_ID", `Invalid triggerAsyncId value: ${triggerId}`);
    }
    this.#triggerId = triggerId ?? executionAsyncId();
    this.type = type;
  }

  static bind(callback: Callback, type?: string, self?: unknown): Callback {
    return new AsyncResource(type || callback.name || "bound-anonymous-fn").bind(callback, self);
  }

  runInAsyncScope(callback: Callback, self?: unknown, ...args: unknown[]): unknown {
    const previous = executing;
    executing = this;
    try {
      return runWith(this.#store, callback, self, args);
    } finally {
      executing = previous;
    }
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
    return this;
  }
  asyncId(): number {
    return this.#id;
  }
  triggerAsyncId(): number {
    return this.#triggerId;
  }
}

function executionAsyncId(): number {
  return executing?.asyncId() ?? topId;
}

/** Accepted and never called: there is nothing in an isolate that could call them. */
function createHook(callbacks: Record<string, unknown>) {
  for (const name of ["init", "before", "after", "destroy", "promiseResolve"]) {
    const callback = callbacks[name];
    if (callback !== undefined && typeof callback !== "function") {
      throw nodeError(TypeError, "ERR_ASYNC_CALLBACK", `hook.${name} must be a function`);
    }
  }
  const hook = { enable: () => hook, disable: () => hook };
  return hook;
}

const topResource = {};

export default {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId,
  triggerAsyncId: () => executing?.triggerAsyncId() ?? 0,
  executionAsyncResource: () => executing ?? topResource,
  asyncWrapProviders: Object.freeze({ __proto__: null }),
};
