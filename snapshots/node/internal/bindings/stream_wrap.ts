export { ShutdownWrap, streamBaseState, WriteWrap } from "../sockets/stream-state.ts";
/** Places in `streamBaseState`, in which handles and the library tell each other numbers. */
export const kReadBytesOrError = 0;
export const kArrayBufferOffset = 1;
export const kBytesWritten = 2;
export const kLastWriteErr = 3;
export const kLastWriteWasAsync = 4;
