import buffer from "node:buffer";

/* Bytes that files of the library make while they are loaded, apart from them: buffers are loaded when they are sent. */

export const lineEnd = buffer.Buffer.from("\r\n");
export const sessionPrefix = buffer.Buffer.from("\0nodejs:tls:session:1\0");
