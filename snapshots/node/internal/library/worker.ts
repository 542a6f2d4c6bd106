/** An environment has one thread. */
export const threadId = 0;
export const isMainThread = true;
