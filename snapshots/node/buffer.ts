import { requireInternal } from "../registry.ts";
import { utf8Encode } from "../web/utf8.ts";
import type { BufferConstructor, Buffer as Bytes } from "./internal/buffer-type.ts";
import { transcode } from "./internal/transcode.ts";
import { web } from "./internal/web.ts";

export type { Buffer, BufferConstructor } from "./internal/buffer-type.ts";

interface BufferModule {
  Buffer: BufferConstructor;
  [name: string]: unknown;
}

const library = requireInternal("library:buffer") as BufferModule;
const { Buffer } = library;
const { FastBuffer } = requireInternal("library:internal/buffer") as {
  FastBuffer: new (memory: ArrayBuffer, offset: number, length: number) => Bytes;
};

/** Shorter texts share memory, as in Node. */
const longCharacters = 1024;

// The library measures a text before it writes it: for long ones in the usual encoding one pass does.
const { from } = Buffer as { from(this: unknown, ...args: unknown[]): Bytes };
Object.defineProperty(Buffer, "from", {
  value: {
    from(value: unknown, encodingOrOffset?: unknown, length?: unknown): Bytes {
      const isLong = typeof value === "string" && value.length > longCharacters;
      if (!isLong || (encodingOrOffset !== undefined && encodingOrOffset !== "utf8")) {
        return from.call(Buffer, value, encodingOrOffset, length);
      }
      const { buffer, byteOffset, byteLength } = utf8Encode(value);
      return new FastBuffer(buffer, byteOffset, byteLength);
    },
  }.from,
  writable: true,
  enumerable: true,
  configurable: true,
});

// What needs ICU in Node, and the base's own globals.
library["transcode"] = (source: unknown, from: unknown, to: unknown) => transcode(Buffer, source, from, to);
for (const name of ["atob", "btoa"] as const) {
  Object.defineProperty(library, name, {
    get: () => web[name],
    enumerable: true,
    configurable: true,
  });
}

export default library;
