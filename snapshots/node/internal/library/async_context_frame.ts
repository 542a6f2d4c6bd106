/** Contexts follow what schedules callbacks (node:async_hooks); V8's own frames are not within an isolate's reach. */
const frame = {
  current: (): undefined => undefined,
  set: (): void => {},
  exchange: (): void => {},
  enabled: false,
};
export const { current, set, exchange, enabled } = frame;
