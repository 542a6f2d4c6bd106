import { requireInternal } from "../registry.ts";

type AnyFunction = (...args: never[]) => unknown;

/** The part of Node's module that our own modules use. */
interface Util {
  inspect: ((value: unknown, options?: unknown) => string) & { custom: symbol };
  format(...args: unknown[]): string;
  formatWithOptions(options: object, ...args: unknown[]): string;
  promisify: ((original: AnyFunction) => AnyFunction) & { custom: symbol };
  deprecate<F extends AnyFunction>(original: F, message: string, code?: string): F;
  inherits(child: AnyFunction, superConstructor: AnyFunction): void;
  isDeepStrictEqual(one: unknown, other: unknown): boolean;
  types: Record<string, (value: unknown) => boolean>;
}

export default requireInternal("library:util") as Util;
