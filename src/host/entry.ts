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
} as const;
