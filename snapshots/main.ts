/**
 * The base heap: what every isolate starts with. It is evaluated once, in a builder process, and frozen; nothing
 * here may call the host, which does not exist yet.
 */
import registry from "brisk:registry";
import { bind } from "./lambda/bootstrap.ts";
import { createConsole } from "./lambda/console.ts";
import { prepareStackTrace } from "./lambda/stack-trace.ts";
import { clearImmediate, clearTimeout, setImmediate, setInterval, setTimeout } from "./loop.ts";
import { provideInternal, requireInternal } from "./registry.ts";
import { queueMicrotask } from "./ticks.ts";
import { globals, isEnumerable } from "./web/globals.ts";

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: isEnumerable(name),
  });
}

/** A global that is loaded when it is first touched, and an accessor ever after, as in Node. */
function defineAccessor(name: string, load: () => unknown): void {
  let isKnown = false;
  let value: unknown;
  Object.defineProperty(globalThis, name, {
    get(): unknown {
      if (!isKnown) {
        value = load();
        isKnown = true;
      }
      return value;
    },
    set(replacement: unknown) {
      value = replacement;
      isKnown = true;
    },
    configurable: true,
    enumerable: false,
  });
}

// Copied: a bundler's namespace has an accessor with a function of its own for each export, and every heap would hold them.
for (const specifier of Object.keys(registry)) {
  provideInternal(specifier, { ...(registry[specifier] as object) });
}

for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(globals))) {
  Object.defineProperty(globalThis, name, {
    ...descriptor,
    enumerable: isEnumerable(name),
    configurable: true,
  });
}
define("global", globalThis);
Object.defineProperty(globalThis, Symbol.toStringTag, { value: "global", configurable: true });
define("console", createConsole());
define("setTimeout", setTimeout);
define("setInterval", setInterval);
define("setImmediate", setImmediate);
define("clearTimeout", clearTimeout);
define("clearInterval", clearTimeout);
define("clearImmediate", clearImmediate);
define("queueMicrotask", queueMicrotask);
defineAccessor("process", () => requireInternal("node:process"));
defineAccessor("Buffer", () => (requireInternal("node:buffer") as { Buffer: unknown }).Buffer);

(Error as unknown as { prepareStackTrace: unknown }).prepareStackTrace = prepareStackTrace;

// User code may run before the host binds, inside a snapshot build: it must not be able to take this place.
Object.defineProperty(globalThis, "__brisk_bind", { value: bind, writable: false, configurable: false });
