/** Time as a dependency, so that a test can drive it. */
export interface Clock {
  /** Unix epoch, milliseconds. */
  now(): number;
  /** Milliseconds from an arbitrary origin, never going back; fractions are microseconds. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};
