/** Marks of what can be sent to another thread: there is none. */
export const kClone = Symbol("kClone");
export const kDeserialize = Symbol("kDeserialize");
export const kTransfer = Symbol("kTransfer");
export const kTransferList = Symbol("kTransferList");
export const markTransferMode = (): void => {};
export const structuredClone = (value: unknown): unknown =>
  (globalThis as unknown as { structuredClone(value: unknown): unknown }).structuredClone(value);
