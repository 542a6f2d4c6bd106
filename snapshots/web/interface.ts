import { setCloningRules } from "./cloning.ts";

const { defineProperty, getOwnPropertyDescriptor, getOwnPropertyNames } = Object;

/**
 * Gives a class what Web IDL wants of an interface: members that show when they are enumerated, on its prototype and
 * on itself, and a tag that cannot be assigned to.
 * @param name What `Object.prototype.toString` calls its instances.
 */
export function asInterface(made: { readonly prototype: object }, name: string): void {
  const { prototype } = made;
  setCloningRules(prototype, {});
  for (const member of getOwnPropertyNames(prototype)) {
    if (member !== "constructor" && member[0] !== "_")
      defineProperty(prototype, member, { enumerable: true });
  }
  for (const member of getOwnPropertyNames(made)) {
    const { configurable, value } = getOwnPropertyDescriptor(made, member)!;
    const isOwn = typeof value === "function" || value === undefined;
    if (configurable && isOwn && member !== "prototype" && member !== "name" && member !== "length") {
      defineProperty(made, member, { enumerable: true });
    }
  }
  defineProperty(prototype, Symbol.toStringTag, {
    value: name,
    writable: false,
    enumerable: false,
    configurable: true,
  });
}
