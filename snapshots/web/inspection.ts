const custom = Symbol.for("nodejs.util.inspect.custom");

type Inspect = (value: unknown, options?: object) => string;

/**
 * Says how console.log and util.inspect show a class whose state is private: as an object of these properties.
 * @param show The properties' names, or a function that makes the object to show (or its text, when it is none).
 */
export function showAs<T extends object>(
  prototype: T,
  show: readonly (keyof T & string)[] | ((value: T, inspect: Inspect) => object | string),
): void {
  // Named as a method of that symbol is.
  const method = {
    [custom](this: T, depthLeft: unknown, options: { depth?: number | null }, inspect?: Inspect): unknown {
      if (typeof inspect !== "function" || this === prototype) return Object.create(null);
      if (typeof depthLeft === "number" && depthLeft < 0) return this;
      const depth = typeof options.depth === "number" ? options.depth - 1 : (options.depth ?? null);
      const nested: Inspect = (value) => inspect(value, { ...options, depth });
      const shown = typeof show === "function" ? show(this, nested) : picked(this, show);
      return `${this.constructor?.name} ${typeof shown === "string" ? shown : nested(shown)}`;
    },
  };
  Object.defineProperty(prototype, custom, { value: method[custom], writable: true, configurable: true });
}

function picked<T extends object>(from: T, names: readonly (keyof T & string)[]): object {
  const shown: Record<string, unknown> = {};
  for (const name of names) shown[name] = from[name];
  return shown;
}
