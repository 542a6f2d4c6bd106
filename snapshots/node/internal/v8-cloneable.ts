const { apply } = Reflect;
const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
const tagged = Object.prototype.toString;

/** Built-in objects that V8 does not clone, by what `Object.prototype.toString` calls them. */
export const uncloneable =
  /^\[object (Promise|WeakMap|WeakSet|WeakRef|FinalizationRegistry|(Async)?Generator|\w+ Iterator|Intl\.\w+)\]$/;

/** As V8 names it in messages, without running code of its own. */
export function nameOf(value: object): string {
  for (let one: object | null = value; one !== null; one = getPrototypeOf(one) as object | null) {
    const descriptor = getOwnPropertyDescriptor(one, "constructor");
    if (descriptor === undefined) continue;
    const isNamed = typeof descriptor.value === "function" && value.toString === tagged;
    if (isNamed) return `#<${(descriptor.value as () => void).name}>`;
    break;
  }
  return apply(tagged, value, []) as string;
}

/** What a wrapper object holds, unless it is a symbol. */
export function unwrapped(value: object): unknown {
  for (const { prototype } of [Boolean, Number, BigInt, String]) {
    try {
      return apply(prototype.valueOf, value, []);
    } catch {}
  }
  return undefined;
}
