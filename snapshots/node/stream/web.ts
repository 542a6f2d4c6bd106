/** The base's own classes, read when they are used: they are lazy globals. */
const names = [
  "ReadableStream",
  "ReadableStreamDefaultReader",
  "ReadableStreamBYOBReader",
  "ReadableStreamBYOBRequest",
  "ReadableByteStreamController",
  "ReadableStreamDefaultController",
  "TransformStream",
  "TransformStreamDefaultController",
  "WritableStream",
  "WritableStreamDefaultController",
  "WritableStreamDefaultWriter",
  "ByteLengthQueuingStrategy",
  "CountQueuingStrategy",
  "TextEncoderStream",
  "TextDecoderStream",
  "CompressionStream",
  "DecompressionStream",
];

const exported: Record<string, unknown> = {};
for (const name of names) {
  Object.defineProperty(exported, name, {
    enumerable: true,
    get: () => (globalThis as unknown as Record<string, unknown>)[name],
  });
}

export default exported;
