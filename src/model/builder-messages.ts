import type { PackRange } from "./file-pack.ts";

/**
 * What passes between the supervisor and a builder process. The job goes to the builder's stdin: a frame with
 * the job's JSON, then zips in pieces, each with a frame that ends it: the function's own, then its layers' in
 * order. Replies come from the builder's stdout as frames. Both directions have one frame format: a byte for the
 * type, the length as a 32-bit big-endian number, the payload.
 */
export type BuilderJob = {
  /** How many follow. */
  readonly zips: number;
} & (
  | { readonly kind: "bundle"; readonly handler: string; readonly runtime: string }
  /** Only says whether a zip is acceptable. */
  | { readonly kind: "inspect" }
);

export const builderFrame = {
  /** JSON of a BuilderJob. */
  job: 1,
  /** JSON of a BuilderReply. */
  reply: 2,
  /** A piece of the script. */
  script: 3,
  /** A piece of the source map. */
  map: 4,
  /** A piece of a zip. */
  zip: 5,
  /** The zip has no more pieces. */
  zipEnd: 6,
  /** A section of the file pack. */
  files: 7,
} as const;

/**
 * `inspected`, which is all that an inspection has, then the pieces of script and map and the sections of the files, then `bundled`; or `refused` or
 * `failed` at any point.
 */
export type BuilderReply =
  | { readonly kind: "inspected" }
  | { readonly kind: "refused"; readonly message: string }
  | {
      readonly kind: "bundled";
      readonly builtins: readonly string[];
      /** What the sections come to, @see PackTable. */
      readonly files: { readonly bytes: number; readonly root: PackRange };
    }
  | { readonly kind: "failed"; readonly message: string };

/** Argument of a builder that makes its compiler ready while it waits for its job. */
export const warmBuilder = "--warm";

/** A job or reply larger than this is a breach of the protocol. */
export const maxReplyBytes = 64 * 1024;
/** Script, map and zips are cut into pieces of at most this size. */
export const maxPieceBytes = 1024 * 1024;
/** A script, or a map, of more bytes is refused by both sides. */
export const maxBundleBytes = 512 * 1024 * 1024;

const headerBytes = 5;

/** One frame's bytes. */
export function encodeFrame(type: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headerBytes + payload.length);
  frame[0] = type;
  new DataView(frame.buffer).setUint32(1, payload.length);
  frame.set(payload, headerBytes);
  return frame;
}

export interface Frame {
  readonly type: number;
  readonly payload: Uint8Array;
}

/** Cuts a stream of bytes into frames, and refuses a length that no honest sender would announce. */
export class FrameReader {
  readonly #maxBytes: (type: number) => number;
  #pending: Uint8Array = new Uint8Array(0);

  /** @param maxBytes The longest payload allowed for a type; 0 for types that nobody may send. */
  constructor(maxBytes: (type: number) => number) {
    this.#maxBytes = maxBytes;
  }

  /** @throws {Error} When a frame is too long or of an unknown type. */
  push(chunk: Uint8Array): Frame[] {
    return this.#read(chunk, Number.POSITIVE_INFINITY);
  }

  /** Reads one frame only: what follows it is no frame, and is found in `rest`. */
  pushFirst(chunk: Uint8Array): Frame[] {
    return this.#read(chunk, 1);
  }

  #read(chunk: Uint8Array, limit: number): Frame[] {
    const bytes = this.#pending.length === 0 ? chunk : concat(this.#pending, chunk);
    const frames: Frame[] = [];
    let offset = 0;
    while (frames.length < limit && bytes.length - offset >= headerBytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + offset, headerBytes);
      const type = view.getUint8(0);
      const length = view.getUint32(1);
      if (length > this.#maxBytes(type)) throw new Error(`frame of type ${type} has ${length} bytes`);
      if (bytes.length - offset < headerBytes + length) break;
      offset += headerBytes;
      frames.push({ type, payload: bytes.subarray(offset, offset + length) });
      offset += length;
    }
    this.#pending = bytes.subarray(offset);
    return frames;
  }

  /** Bytes that came after the last whole frame. */
  get rest(): Uint8Array {
    return this.#pending;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a, 0);
  both.set(b, a.length);
  return both;
}
