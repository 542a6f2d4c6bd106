import { nodeError } from "./errors.ts";

/** process.env: whatever is assigned becomes a string, as in Node; symbols are refused. */
export function createEnv(variables: Record<string, string>): Record<string, string | undefined> {
  return new Proxy(variables, {
    set(target, name, value) {
      target[key(name)] = text(value);
      return true;
    },
    defineProperty(target, name, descriptor) {
      const { value, configurable, writable, enumerable } = descriptor;
      if ("get" in descriptor || "set" in descriptor) {
        throw refusal("'process.env' does not accept an accessor(getter/setter) descriptor");
      }
      if (!("value" in descriptor && configurable && writable && enumerable)) {
        throw refusal("'process.env' only accepts a configurable, writable, and enumerable data descriptor");
      }
      target[key(name)] = text(value);
      return true;
    },
  });
}

function refusal(message: string): Error {
  return nodeError(TypeError, "ERR_INVALID_OBJECT_DEFINE_PROPERTY", message);
}

function key(name: string | symbol): string {
  if (typeof name === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
  return name;
}

function text(value: unknown): string {
  if (typeof value === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
  return `${value}`;
}
