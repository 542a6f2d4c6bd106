import { assertFunction } from "./internal/errors.ts";

/*
 * What every asynchronous continuation carries: a map from AsyncLocalStorage to its value, replaced, never changed.
 * An isolate has no async hooks, and native `await` bypasses a patched `then`; so bundles that use this module are
 * compiled with async functions as generators over promises, and wrapping what schedules callbacks is enough.
 */
type Store = ReadonlyMap<object, unknown>;
type Callback = (...args: unknown[]) => unknown;

const root: Store = new Map();
let current = root;

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

function leave(): void {
  current = root;
}

/** Replaces a scheduling function by one that binds its callback; everything else about it stays. */
function patch(target: object, name: string): void {
  const functions = target as Record<string, Callback | undefined>;
  const original = functions[name];
  if (typeof original !== "function") return;
  const patched = function (this: unknown, callback: unknown, ...args: unknown[]) {
    return Reflect.apply(original, this, [bound(callback), ...args]);
  };
  Object.defineProperties(patched, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(target, name, {
    value: patched,
    configurable: true,
    writable: true,
    enumerable: Object.getOwnPropertyDescriptor(target, name)?.enumerable ?? false,
  });
}

for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"]) patch(globalThis, name);
// Touching `process` loads its module, which a function that uses AsyncLocalStorage does anyway.
const { process } = globalThis as unknown as { process?: object };
if (process !== undefined) patch(process, "nextTick");

class AsyncLocalStorage {
  readonly name: string | undefined;
  readonly #defaultValue: unknown;
  #disabled = false;

  constructor(options: { defaultValue?: unknown; name?: string } = {}) {
    this.#defaultValue = options.defaultValue;
    this.name = options.name;
  }

  static bind(callback: Callback): Callback {
    return AsyncResource.bind(callback);
  }

  static snapshot(): (callback: Callback, ...args: unknown[]) => unknown {
    const store = current;
    return (callback, ...args) => runWith(store, callback, undefined, args);
  }

  run(value: unknown, callback: Callback, ...args: unknown[]): unknown {
    this.#disabled = false;
    return runWith(new Map(current).set(this, value), callback, undefined, args);
  }

  exit(callback: Callback, ...args: unknown[]): unknown {
    const store = new Map(current);
    store.delete(this);
    return runWith(store, callback, undefined, args);
  }

  enterWith(value: unknown): void {
    this.#disabled = false;
    current = new Map(current).set(this, value);
    // Holds for the rest of this synchronous run and what it starts: a later turn must not find it.
    Reflect.apply(promiseThen, Promise.resolve(), [leave]);
  }

  getStore(): unknown {
    return !this.#disabled && current.has(this) ? current.get(this) : this.#defaultValue;
  }

  disable(): void {
    this.#disabled = true;
  }
}

let nextAsyncId = 2;

class AsyncResource {
  readonly #store = current;
  readonly #id = nextAsyncId++;
  readonly type: string;

  constructor(type: string) {
    this.type = type;
  }

  static bind(callback: Callback, type?: string, self?: unknown): Callback {
    return new AsyncResource(type || callback.name || "bound-anonymous-fn").bind(callback, self);
  }

  runInAsyncScope(callback: Callback, self?: unknown, ...args: unknown[]): unknown {
    return runWith(this.#store, callback, self, args);
  }

  bind(callback: Callback, self?: unknown): Callback {
    assertFunction(callback, "fn");
    const resource = this;
    const result = function (this: unknown, ...args: unknown[]) {
      return resource.runInAsyncScope(callback, self ?? this, ...args);
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
    return 1;
  }
}

/** Accepted and never called: there is nothing in an isolate that could call them. */
function createHook() {
  const hook = { enable: () => hook, disable: () => hook };
  return hook;
}

export default {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId: () => 1,
  triggerAsyncId: () => 0,
  executionAsyncResource: () => ({}),
  asyncWrapProviders: Object.freeze({ __proto__: null }),
};
