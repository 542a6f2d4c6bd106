import { define, disguise, disguiseClass } from "./disguise.ts";
import { standsIn } from "./phase.ts";

const Native = FinalizationRegistry;
const { register: nativeRegister, unregister: nativeUnregister } = Native.prototype;
const { apply, construct } = Reflect;

interface Registration {
  readonly target: WeakRef<WeakKey>;
  readonly held: unknown;
  readonly token: WeakRef<WeakKey> | undefined;
}

/** A registry that was made at init: V8 can't freeze one that holds registrations. */
interface Kept {
  readonly cleanup: (held: unknown) => void;
  registrations: Registration[];
  /** Once it is live. */
  native: FinalizationRegistry<unknown> | undefined;
}

const kept = new WeakMap<object, Kept>();
/** With registrations that wait. */
const open = new Set<Kept>();

/**
 * FinalizationRegistry whose registrations of init wait for the restore. No callback runs before, so that a
 * collection never changes what init does.
 */
export function installFinalizationRegistry(): void {
  function StandIn(this: unknown, cleanup: unknown): unknown {
    if (new.target === undefined) throw new TypeError("Constructor FinalizationRegistry requires 'new'");
    if (!standsIn) return construct(Native, [cleanup], new.target);
    if (typeof cleanup !== "function") throw new TypeError("FinalizationRegistry: cleanup must be callable");
    const registry = Object.create(new.target.prototype as object) as object;
    kept.set(registry, { cleanup: cleanup as Kept["cleanup"], registrations: [], native: undefined });
    return registry;
  }
  define(Native.prototype, "register", disguise(members.register, nativeRegister));
  define(Native.prototype, "unregister", disguise(members.unregister, nativeUnregister));
  define(globalThis, "FinalizationRegistry", disguiseClass(StandIn, Native));
}

const members = {
  register(this: object, ...args: [target: WeakKey, held: unknown, token?: WeakKey]): void {
    const registry = kept.get(this);
    if (registry === undefined || isLive(registry)) {
      apply(nativeRegister, registry?.native ?? this, args);
      return;
    }
    const [target, held, token] = args;
    if (target === held) {
      throw new TypeError("FinalizationRegistry.prototype.register: target and holdings must not be same");
    }
    open.add(registry);
    registry.registrations.push({
      target: new WeakRef(target),
      held,
      token: token === undefined ? undefined : new WeakRef(token),
    });
  },
  unregister(this: object, token: WeakKey): boolean {
    const registry = kept.get(this);
    if (registry === undefined || isLive(registry)) {
      return apply(nativeUnregister, registry?.native ?? this, [token]);
    }
    // Throws for what can't be a token, as the native method does.
    new WeakRef(token);
    const before = registry.registrations.length;
    registry.registrations = registry.registrations.filter((one) => one.token?.deref() !== token);
    return registry.registrations.length < before;
  },
};

function isLive(registry: Kept): boolean {
  if (!standsIn) registry.native ??= new Native(registry.cleanup);
  return registry.native !== undefined;
}

/** The registrations take effect. What was collected by now has nobody to tell: its registration is gone with it. */
export function registerKept(): void {
  for (const registry of open) {
    const native = new Native(registry.cleanup);
    registry.native = native;
    for (const { target, held, token } of registry.registrations) {
      const alive = target.deref();
      if (alive !== undefined) apply(nativeRegister, native, [alive, held, token?.deref()]);
    }
    registry.registrations = [];
  }
  open.clear();
}
