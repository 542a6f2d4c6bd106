/** The resources of the library itself tell no hooks: those of timers, ticks, promises and AsyncResource do. */
export const enabledHooksExist = (): boolean => false;
export const initHooksExist = (): boolean => false;
export const getDefaultTriggerAsyncId = (): number => 0;
export const defaultTriggerAsyncIdScope = (
  _id: number,
  run: (...args: unknown[]) => unknown,
  ...args: unknown[]
) => run(...args);
export const newAsyncId = (): number => 0;
export const getOrSetAsyncId = (): number => 0;
export const symbols = {
  async_id_symbol: Symbol("asyncId"),
  trigger_async_id_symbol: Symbol("triggerAsyncId"),
  owner_symbol: Symbol("owner"),
};
