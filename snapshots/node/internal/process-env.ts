/** process.env: whatever is assigned becomes a string, as in Node; symbols are refused. */
export function createEnv(variables: Record<string, string>): Record<string, string | undefined> {
  return new Proxy(variables, {
    set(target, name, value) {
      target[key(name)] = text(value);
      return true;
    },
    defineProperty(target, name, descriptor) {
      if (!("value" in descriptor)) {
        throw new TypeError("'process.env' does not accept an accessor(getter/setter) descriptor");
      }
      target[key(name)] = text(descriptor.value);
      return true;
    },
  });
}

function key(name: string | symbol): string {
  if (typeof name === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
  return name;
}

function text(value: unknown): string {
  if (typeof value === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
  return `${value}`;
}
