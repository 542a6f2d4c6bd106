/** Handles of libuv's streams: none is within an isolate, so none of these is ever made. */
export class WriteWrap {}
export class ShutdownWrap {}
export const kReadBytesOrError = 0;
export const kArrayBufferOffset = 1;
export const kLastWriteWasAsync = 2;
export const streamBaseState = new Int32Array(5);
