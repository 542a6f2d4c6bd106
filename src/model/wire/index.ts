export { FrameError, FrameReader } from "./frame-reader.ts";
export { FrameWriter } from "./frame-writer.ts";
export * from "./messages.ts";
