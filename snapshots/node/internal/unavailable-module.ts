import { unavailable } from "./errors.ts";

/**
 * A module that can be imported and whose functions and classes say what to do instead: packages import many
 * modules for a path that a function never takes.
 */
export function unavailableModule<T extends Record<string, unknown>>(
  module: string,
  instead: string,
  names: readonly string[],
  present: T = {} as T,
): T & Record<string, unknown> {
  const exported: Record<string, unknown> = {};
  for (const name of names) {
    // biome-ignore lint/complexity/useArrowFunction: classes are refused when somebody makes an instance
    const refuse = function (): never {
      throw unavailable(`${module}.${name}`, instead);
    };
    Object.defineProperty(refuse, "name", { value: name });
    exported[name] = refuse;
  }
  return Object.assign(exported, present);
}
