/** The ways into the guest: first argument of the function that `bind` answered with. Mirrored in snapshots/entry.ts. */
export const Entry = {
  /** settings JSON · the bundle's factory */
  init: 0,
  /** context JSON · event JSON */
  invoke: 1,
  /** call · ok · value or code · message */
  complete: 2,
  timers: 3,
  /** Nothing can happen any more: settle what waits for that. */
  loopEmpty: 4,
  /** The client took bytes of the stream. */
  drain: 5,
  /** specifier · factory */
  defineModule: 6,
  /** whether the host stays bound: get ready to be frozen */
  freeze: 7,
  /** settings JSON: the heap was frozen, and lives again */
  restore: 8,
  /** A rejection that nobody handled in the turn before: whether it is an error · its name, or the value · message · stack */
  rejection: 9,
} as const;
