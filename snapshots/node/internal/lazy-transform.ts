import stream from "node:stream";

/**
 * A Transform that only becomes one when it is used as a stream: most hashes and ciphers are not, and a stream's
 * state costs more than their work.
 */
export interface LazyTransform {
  _options: object | undefined;
  push(chunk: unknown): boolean;
}

const Transform = stream.Transform as unknown as {
  (this: object, options: object | undefined): void;
  prototype: object;
};

export const lazyTransformPrototype = Object.create(Transform.prototype, {
  _readableState: stateOf("_readableState"),
  _writableState: stateOf("_writableState"),
}) as object;

function stateOf(name: "_readableState" | "_writableState"): PropertyDescriptor {
  return {
    get(this: Record<typeof name, unknown> & LazyTransform & { _writableState: { decodeStrings: boolean } }) {
      Reflect.apply(Transform, this, [this._options]);
      this._writableState.decodeStrings = false;
      return this[name];
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
    },
    enumerable: true,
    configurable: true,
  };
}

/** Gives a constructor function the methods of a class and the streams'. */
export function inheritTransform(made: { prototype: object }, methods: object): void {
  Object.setPrototypeOf(made.prototype, lazyTransformPrototype);
  Object.setPrototypeOf(made, Transform);
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(made.prototype, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}
