import { type Clock, systemClock } from "../model/clock.ts";

/** One Ctrl-C can arrive twice: from the terminal, and from npm or the launcher, which pass on what they got. */
const sameInterruptMs = 400;

/** The first and the second time that somebody asked to stop. */
export function createInterrupts(
  onSignal: (listener: () => void) => void,
  clock: Clock = systemClock,
): { readonly first: Promise<void>; readonly second: Promise<void> } {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let firstMs: number | undefined;
  onSignal(() => {
    const nowMs = clock.monotonicMs();
    if (firstMs === undefined) {
      firstMs = nowMs;
      first.resolve();
    } else if (nowMs - firstMs > sameInterruptMs) {
      second.resolve();
    }
  });
  return { first: first.promise, second: second.promise };
}
