import { primordials } from "./bridge.ts";

/** Calls back in the context that was current when it was captured. */
export type ContextRunner = (
  callback: (...args: never[]) => unknown,
  self: unknown,
  args: readonly unknown[],
) => unknown;

const { ReflectApply } = primordials;
const withoutContext: ContextRunner = (callback, self, args) => ReflectApply(callback, self, args as never[]);
type Capture = (type?: string, resource?: object) => ContextRunner;
let capture: Capture = () => withoutContext;

/** For code that itself says what goes on in which context. */
export interface ContextKeeper {
  current(): unknown;
  /** For the rest of this microtask. */
  enter(context: unknown): void;
}
let keeper: ContextKeeper | undefined;

/** node:async_hooks tells how, when it is loaded: until then there are no contexts. */
export function provideContexts(by: Capture, itself: ContextKeeper): void {
  capture = by;
  keeper = itself;
}

export function contextKeeper(): ContextKeeper | undefined {
  return keeper;
}

/**
 * For what calls back in whatever turn: timers, ticks, sockets, parsers.
 * @param type As hooks of node:async_hooks are told of it: `Timeout`. What gives none is not told of.
 * @param resource The object that stands for it.
 */
export function captureContext(type?: string, resource?: object): ContextRunner {
  return capture(type, resource);
}
