/** Nobody observes an environment's network by entries of performance. */
export const hasObserver = (): boolean => false;
export const startPerf = (): void => {};
export const stopPerf = (): void => {};
export const enqueue = (): void => {};
