import { define } from "./disguise.ts";
import { freezing, refuseFreeze, standsIn } from "./phase.ts";
import { sharedMemory } from "./shared-memory.ts";

/** What V8 does not have while it freezes. Nothing can stand in for it, but for shared memory: that only has to be the same in both heaps. */
const names = ["Temporal", "SharedArrayBuffer", "DisposableStack", "AsyncDisposableStack"] as const;

/**
 * Notes when init uses one of them. Looking whether it exists is no use: calling it, or a function in it, is.
 * Only in a heap that is recorded, since one that is being frozen has none of them.
 */
export function watchUnfreezable(): void {
  if (freezing) return;
  const globals = globalThis as unknown as Record<string, unknown>;
  for (const name of names) {
    const native = globals[name];
    if (native !== undefined) define(globalThis, name, watched(native as object, name));
  }
  const { toTemporalInstant } = Date.prototype as { toTemporalInstant?: object };
  if (toTemporalInstant !== undefined) {
    define(
      Date.prototype,
      "toTemporalInstant",
      watched(toTemporalInstant, "Date.prototype.toTemporalInstant"),
    );
  }
}

const known = new WeakMap<object, object>();

function watched(native: object, path: string): object {
  let proxy = known.get(native);
  if (proxy === undefined) {
    proxy = proxyOf(native, path);
    known.set(native, proxy);
  }
  return proxy;
}

function proxyOf(native: object, path: string): object {
  const note = (action: string) =>
    refuseFreeze(`init ${action}, which V8 does not have while it freezes a heap`);
  return new Proxy(native, {
    apply(target, self, args) {
      note(`called ${path}`);
      return Reflect.apply(target as never, self, args) as unknown;
    },
    construct(target, args, newTarget) {
      if (path === "SharedArrayBuffer" && standsIn) return sharedMemory(args, newTarget.prototype as object);
      note(`called new ${path}`);
      return Reflect.construct(target as never, args, newTarget) as object;
    },
    get(target, key) {
      const value = Reflect.get(target, key) as unknown;
      // What it inherits is every object's: asking for its name or its text uses nothing.
      if (key === "prototype" || !Object.hasOwn(target, key) || value === null) return value;
      return typeof value === "object" || typeof value === "function"
        ? watched(value, `${path}.${String(key)}`)
        : value;
    },
  });
}
