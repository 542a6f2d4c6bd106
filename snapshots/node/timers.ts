import promises from "node:timers/promises";

type Timers = Record<string, (...args: unknown[]) => unknown>;

/** Through the globals, so that fake timers and AsyncLocalStorage see these calls too. */
const call =
  (name: string) =>
  (...args: unknown[]) =>
    (globalThis as unknown as Timers)[name]?.(...args);

const custom = Symbol.for("nodejs.util.promisify.custom");

export default {
  setTimeout: Object.defineProperty(call("setTimeout"), custom, { value: promises.setTimeout }),
  setInterval: call("setInterval"),
  setImmediate: Object.defineProperty(call("setImmediate"), custom, { value: promises.setImmediate }),
  clearTimeout: call("clearTimeout"),
  clearInterval: call("clearInterval"),
  clearImmediate: call("clearImmediate"),
  promises,
};
