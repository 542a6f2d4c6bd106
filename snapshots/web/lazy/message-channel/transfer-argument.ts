import { codedError } from "../argument-errors.ts";

/** The second argument of postMessage: a list, or options that have one. @throws {TypeError} ERR_INVALID_ARG_TYPE */
export function transferListOf(argument: unknown): unknown[] {
  if (argument === undefined || argument === null) return [];
  if (typeof argument !== "object") throw notIterable("transferList");
  if (Symbol.iterator in argument) return listed(argument, "transferList");
  const { transfer } = argument as { transfer?: unknown };
  if (transfer === undefined) return [];
  if (typeof transfer !== "object" || transfer === null) throw notIterable("options.transfer");
  return listed(transfer, "options.transfer");
}

function listed(iterable: object, name: string): unknown[] {
  const start = (iterable as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  if (typeof start !== "function") throw notIterable(name);
  const iterator = Reflect.apply(start, iterable, []) as { next?: unknown } | null;
  if (typeof iterator !== "object" || iterator === null || typeof iterator.next !== "function") {
    throw notIterable(name);
  }
  return [...{ [Symbol.iterator]: () => iterator as Iterator<unknown> }];
}

function notIterable(name: string): Error {
  return codedError(TypeError, "ERR_INVALID_ARG_TYPE", `Optional ${name} argument must be an iterable`);
}
