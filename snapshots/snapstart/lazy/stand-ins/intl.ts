import { requireInternal } from "../../../registry.ts";
import { define } from "./disguise.ts";

type Loaded = typeof import("../intl.ts");

/**
 * Intl's classes are replaced when somebody first looks at it: their some hundred members cost each restore half a
 * millisecond, and most functions never do.
 */
export function installIntl(): void {
  Object.defineProperty(globalThis, "Intl", {
    get: accessor,
    set: (value: unknown) => define(globalThis, "Intl", value),
    enumerable: false,
    configurable: true,
  });
}

const native = Intl;

function accessor(): typeof Intl {
  // First, since the module looks at it too.
  define(globalThis, "Intl", native);
  (requireInternal("brisk:snapstart/lazy/intl") as Loaded).replaceIntl(native);
  return native;
}

/** Nobody looked at it: it is V8's own again. */
export function putIntlBack(): void {
  if (Object.getOwnPropertyDescriptor(globalThis, "Intl")?.get === accessor)
    define(globalThis, "Intl", native);
}
