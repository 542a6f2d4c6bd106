/** The ways into the guest: first argument of the function that `bind` answers with. Mirrored in src/host/entry.ts. */
export const Entry = {
  init: 0,
  invoke: 1,
  complete: 2,
  timers: 3,
  loopEmpty: 4,
  drain: 5,
  defineModule: 6,
  freeze: 7,
  restore: 8,
  rejection: 9,
} as const;
