import { primordials } from "./bridge.ts";

/** Calls back in the context that was current when it was captured. */
export type ContextRunner = (
  callback: (...args: never[]) => unknown,
  self: unknown,
  args: readonly unknown[],
) => unknown;

const { ReflectApply } = primordials;
const withoutContext: ContextRunner = (callback, self, args) => ReflectApply(callback, self, args as never[]);
let capture = (): ContextRunner => withoutContext;

/** node:async_hooks tells how, when it is loaded: until then there are no contexts. */
export function provideContexts(by: () => ContextRunner): void {
  capture = by;
}

/** For what calls back on behalf of the host, in whatever turn: sockets, parsers. */
export function captureContext(): ContextRunner {
  return capture();
}
