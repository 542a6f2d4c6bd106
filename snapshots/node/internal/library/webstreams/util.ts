export const kResolvedPromise: Promise<void> = Promise.resolve();
