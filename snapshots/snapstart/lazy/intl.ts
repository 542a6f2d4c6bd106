import {
  type AnyFunction,
  define,
  disguise,
  disguiseClass,
  isStandIn,
  nativeOf,
  standIn,
  standsIn,
  taped,
  wallClock,
} from "./stand-ins.ts";

const { apply, construct, ownKeys } = Reflect;
const { create, defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object;

type IntlClass = (new (...args: unknown[]) => object) & { prototype: object };
// V8's own, from the moment that the module is used: looking at the global is what loads it.
let getCanonicalLocales: typeof Intl.getCanonicalLocales;
let NativeLocale: IntlClass;
let NativeSegmenter: typeof Intl.Segmenter;

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Of these, an instance comes without `new` too. */
const callable: ReadonlySet<string> = new Set(["Collator", "DateTimeFormat", "NumberFormat"]);
/** Methods of DateTimeFormat that take now for a date that is missing. */
const formatsNow: ReadonlySet<string | symbol> = new Set(["format", "formatToParts"]);

/** Replaces every class of Intl by one whose instances, made at init, can be frozen. */
export function replaceIntl(native: typeof Intl): void {
  getCanonicalLocales = native.getCanonicalLocales;
  NativeLocale = native.Locale as unknown as IntlClass;
  NativeSegmenter = native.Segmenter;
  const intl = native as unknown as Record<string, unknown>;
  for (const name of ownKeys(native)) {
    const native = typeof name === "string" ? intl[name] : undefined;
    if (typeof native !== "function" || native.prototype === undefined) continue;
    define(Intl, name, standInClass(name as string, native as IntlClass));
  }
}

function standInClass(name: string, native: IntlClass): AnyFunction {
  function StandIn(this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined && !callable.has(name)) {
      throw new TypeError(`Constructor Intl.${name} requires 'new'`);
    }
    if (standsIn) return remade(native, args, new.target ?? StandIn);
    return new.target === undefined ? apply(native, this, args) : construct(native, args, new.target);
  }
  for (const key of ownKeys(native.prototype)) {
    if (key !== "constructor") wrapMember(name, native, key);
  }
  return disguiseClass(StandIn, native);
}

function remade(native: IntlClass, args: readonly unknown[], target: AnyFunction): object {
  const kept = [...args];
  // The list may change and the objects in it die: their canonical names say the same.
  if (native !== NativeLocale && typeof args[0] === "object")
    kept[0] = getCanonicalLocales(args[0] as unknown as string);
  if (native === NativeLocale && typeof args[0] === "object" && args[0] !== null) kept[0] = String(args[0]);
  const [options, seen] = watched(args[1]);
  if (args.length > 1) kept[1] = options;
  // Made now, since a wrong argument throws here, and what the options hold is read here.
  const first = construct(native, kept) as object;
  if (args.length > 1) kept[1] = seen;
  const object = create(target.prototype as object) as object;
  if (native === NativeLocale) passForList(object, String(first));
  return standIn(object, () => construct(native, kept) as object, first);
}

/** Natively a Locale is known by a slot where locales are taken; a stand-in passes for a list of one name instead. */
function passForList(locale: object, name: string): void {
  defineProperty(locale, "length", { value: 1 });
  defineProperty(locale, "0", { value: name });
}

/** The options, and what the native constructor read of them: all that a second one needs, whatever becomes of the original. */
function watched(options: unknown): [given: unknown, seen: unknown] {
  if (typeof options !== "object" || options === null) return [options, options];
  const seen = create(null) as Record<string | symbol, unknown>;
  const proxy = new Proxy(options, {
    get(target, key) {
      const value = (target as Record<string | symbol, unknown>)[key];
      seen[key] = value;
      return value;
    },
  });
  return [proxy, seen];
}

function wrapMember(name: string, native: IntlClass, key: string | symbol): void {
  const member = getOwnPropertyDescriptor(native.prototype, key)!;
  if (typeof member.value === "function") {
    const wrapped = wrappedMethod(name, native, key, member.value as Method);
    defineProperty(native.prototype, key, { ...member, value: disguise(wrapped, member.value as Method) });
  } else if (member.get !== undefined) {
    const get = member.get;
    const wrapped = isBound(name, key) ? boundGetter(name, get) : plainGetter(get);
    defineProperty(native.prototype, key, { ...member, get: disguise(wrapped, get) as () => unknown });
  }
}

/** `format` and `compare` give functions that are bound to their object. */
function isBound(name: string, key: string | symbol): boolean {
  return callable.has(name) && (key === "format" || key === "compare");
}

function plainGetter(get: () => unknown): AnyFunction {
  return {
    get(this: unknown) {
      return apply(get, nativeOf(this), []);
    },
  }.get;
}

function boundGetter(name: string, get: () => unknown): AnyFunction {
  const bounds = new WeakMap<object, AnyFunction>();
  return {
    get(this: unknown): unknown {
      if (!isStandIn(this)) return apply(get, this, []);
      let bound = bounds.get(this);
      if (bound === undefined) {
        const native = apply(get, nativeOf(this), []) as AnyFunction;
        bound = disguise(
          (...args: unknown[]) =>
            apply(apply(get, nativeOf(this), []) as AnyFunction, undefined, withNow(name, "format", args)),
          native,
        );
        bounds.set(this, bound);
      }
      return bound;
    },
  }.get;
}

function wrappedMethod(name: string, native: IntlClass, key: string | symbol, method: Method): AnyFunction {
  if (name === "Segmenter" && key === "segment") return wrappedSegment(method);
  return {
    wrapped(this: unknown, ...args: unknown[]): unknown {
      const result = apply(method, nativeOf(this), withNow(name, key, args));
      // maximize() and minimize().
      return standsIn && native === NativeLocale && typeof result === "object" && isLocale(result)
        ? remade(native, [String(result)], native.prototype.constructor)
        : result;
    },
  }.wrapped;
}

function isLocale(value: object | null): boolean {
  return value !== null && getPrototypeOf(value) === NativeLocale.prototype;
}

function withNow(name: string, key: string | symbol, args: unknown[]): unknown[] {
  if (!taped || name !== "DateTimeFormat" || !formatsNow.has(key) || args[0] !== undefined) return args;
  return [wallClock()];
}

/** What `segment` gives, and an iterator over that, hold native objects of their own. */
function wrappedSegment(segment: Method): AnyFunction {
  const segmentsPrototype = getPrototypeOf(apply(segment, construct(NativeSegmenter, []), [""])) as object;
  wrapSegments(segmentsPrototype);
  return {
    segment(this: unknown, ...args: unknown[]): unknown {
      const text = `${args[0] as string}`;
      const native = apply(segment, nativeOf(this), [text]) as object;
      if (!standsIn || !isStandIn(this)) return native;
      return standIn(
        create(segmentsPrototype) as object,
        () => apply(segment, nativeOf(this), [text]) as object,
        native,
      );
    },
  }.segment;
}

function wrapSegments(prototype: object): void {
  const members = prototype as { containing: Method; [Symbol.iterator]: Method };
  const { containing } = members;
  const iterate = members[Symbol.iterator];
  const sample = apply(
    iterate,
    apply(NativeSegmenter.prototype.segment, construct(NativeSegmenter, []), [""]),
    [],
  );
  const iteratorPrototype = getPrototypeOf(sample) as { next: Method };
  const { next } = iteratorPrototype;
  /** How far a stand-in's iterator has come. */
  const steps = new WeakMap<object, number>();
  define(
    prototype,
    "containing",
    disguise(
      {
        containing(this: unknown, ...args: unknown[]): unknown {
          return apply(containing, nativeOf(this), args);
        },
      }.containing,
      containing,
    ),
  );
  define(
    prototype,
    Symbol.iterator,
    disguise(
      {
        iterate(this: unknown): unknown {
          if (!isStandIn(this)) return apply(iterate, this, []);
          const iterator = create(iteratorPrototype) as object;
          steps.set(iterator, 0);
          return standIn(iterator, () => {
            const native = apply(iterate, nativeOf(this), []) as object;
            for (let left = steps.get(iterator)!; left > 0; left--) apply(next, native, []);
            return native;
          });
        },
      }.iterate,
      iterate,
    ),
  );
  define(
    iteratorPrototype,
    "next",
    disguise(
      {
        next(this: unknown): unknown {
          const native = nativeOf(this);
          if (isStandIn(this)) steps.set(this, steps.get(this)! + 1);
          return apply(next, native, []);
        },
      }.next,
      next,
    ),
  );
}
