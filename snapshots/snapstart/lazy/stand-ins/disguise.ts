const { defineProperty, getOwnPropertyDescriptor, getOwnPropertyDescriptors } = Object;
const { ownKeys } = Reflect;

// biome-ignore lint/complexity/noBannedTypes: whatever can be called
export type AnyFunction = Function;

/** Gives `standIn` the name and the length of the native function whose place it takes. */
export function disguise<F extends AnyFunction>(standIn: F, native: AnyFunction): F {
  for (const name of ["name", "length"] as const) {
    defineProperty(standIn, name, getOwnPropertyDescriptor(native, name)!);
  }
  return standIn;
}

/**
 * Makes `standIn` pass for the class `native`: it has the very prototype, so that `instanceof` holds for instances
 * of both, and the static members.
 */
export function disguiseClass<F extends AnyFunction>(standIn: F, native: AnyFunction): F {
  const members = getOwnPropertyDescriptors(native) as unknown as Record<string | symbol, PropertyDescriptor>;
  for (const key of ownKeys(members)) defineProperty(standIn, key, members[key]!);
  define(native.prototype as object, "constructor", standIn);
  return standIn;
}

/** A member as the language's own are: not enumerable. */
export function define(holder: object, key: string | symbol, value: unknown): void {
  defineProperty(holder, key, { value, writable: true, enumerable: false, configurable: true });
}
