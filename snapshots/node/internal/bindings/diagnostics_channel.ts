/** What native code publishes to: there is none that would. */
export const subscribers = new Uint32Array(0);
export const linkNativeChannel = (): void => {};
export const notifyChannelActive = (): void => {};
export const notifyChannelInactive = (): void => {};
export const getOrCreateChannelIndex = (): number => 0;
