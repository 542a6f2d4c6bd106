import { concatBytes, copyOfBytes } from "../bytes.ts";
import { showAs } from "../inspection.ts";
import { loadLazy } from "../lazy.ts";
import { toWellFormed, utf8Decode, utf8Encode } from "../utf8.ts";
import type { ReadableStream } from "./streams.ts";

const CHUNK_BYTES = 65_536;
const printable = /^[\x20-\x7e]*$/;

export interface BlobOptions {
  type?: string;
  endings?: "transparent" | "native";
}

let bytesOf: (blob: Blob) => Uint8Array<ArrayBuffer>;
let share: (blob: Blob, bytes: Uint8Array<ArrayBuffer>) => void;

export class Blob {
  static {
    bytesOf = (blob) => blob.#bytes;
    share = (blob, bytes) => {
      blob.#bytes = bytes;
    };
  }

  /** Never written to; slices are views of it. */
  #bytes: Uint8Array<ArrayBuffer>;
  readonly #type: string;

  constructor(parts?: Iterable<unknown>, options?: BlobOptions | null) {
    if (
      options !== undefined &&
      options !== null &&
      typeof options !== "object" &&
      typeof options !== "function"
    ) {
      throw invalidArgument('The "options" argument must be of type object');
    }
    const native = endingsOf(options) === "native";
    const list: Uint8Array[] = [];
    if (parts !== undefined) {
      const isIterable = typeof parts === "object" || typeof parts === "function";
      if (parts === null || !isIterable || typeof parts[Symbol.iterator] !== "function") {
        throw invalidArgument('The "sources" argument must be an instance of Sequence');
      }
      for (const part of parts) list.push(bytesOfPart(part, native));
    }
    this.#bytes = concatBytes(list);
    const type = options?.type === undefined ? "" : `${options.type}`;
    this.#type = printable.test(type) ? type.toLowerCase() : "";
  }

  get size(): number {
    return this.#bytes.length;
  }
  get type(): string {
    return this.#type;
  }
  slice(start: number = 0, end: number = this.size, type: string = ""): Blob {
    const from = clampIndex(start, this.size);
    const to = Math.max(from, clampIndex(end, this.size));
    return blobOf(this.#bytes.subarray(from, to), type);
  }
  async text(): Promise<string> {
    return withoutBom(utf8Decode(this.#bytes, false) ?? "");
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer;
  }
  async bytes(): Promise<Uint8Array> {
    return this.#bytes.slice();
  }
  stream(): ReadableStream<Uint8Array> {
    const bytes = this.#bytes;
    let offset = 0;
    const { ReadableStream } = loadLazy("streams");
    return new ReadableStream({
      type: "bytes",
      pull(controller) {
        if (offset >= bytes.length) {
          controller.close();
          controller.byobRequest?.respond(0);
          return;
        }
        const chunk = bytes.slice(offset, offset + CHUNK_BYTES);
        offset += chunk.length;
        controller.enqueue(chunk);
      },
    });
  }
  get [Symbol.toStringTag](): string {
    return "Blob";
  }
}

export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  constructor(
    parts: Iterable<unknown>,
    name: string,
    options?: (BlobOptions & { lastModified?: number }) | null,
  ) {
    if (arguments.length < 2) {
      throw Object.assign(new TypeError('The "fileBits" and "fileName" arguments must be specified'), {
        code: "ERR_MISSING_ARGS",
      });
    }
    super(parts, options);
    this.#name = toWellFormed(`${name}`);
    const modified = options?.lastModified;
    this.#lastModified = modified === undefined ? Date.now() : Math.trunc(Number(modified)) || 0;
  }
  get name(): string {
    return this.#name;
  }
  get lastModified(): number {
    return this.#lastModified;
  }
  get webkitRelativePath(): string {
    return "";
  }
  override get [Symbol.toStringTag](): string {
    return "File";
  }
}

// Not in the class: a bundler renames a class that names itself, visibly.
function blobOf(bytes: Uint8Array<ArrayBuffer>, type: string): Blob {
  const blob = new Blob([], { type: `${type}` });
  share(blob, bytes);
  return blob;
}

/** For structuredClone: undefined for what is neither. */
export function cloneBlob(value: object): Blob | undefined {
  if (value instanceof File) {
    const clone = new File([], value.name, { type: value.type, lastModified: value.lastModified });
    share(clone, bytesOf(value));
    return clone;
  }
  return value instanceof Blob ? blobOf(bytesOf(value), value.type) : undefined;
}

/** The blob's bytes themselves, which nobody may write to. */
export function blobBytes(blob: Blob): Uint8Array<ArrayBuffer> {
  return bytesOf(blob);
}

function bytesOfPart(part: unknown, native: boolean): Uint8Array {
  if (part instanceof Blob) return bytesOf(part);
  const bytes = copyOfBytes(part);
  if (bytes !== undefined) return bytes;
  const text = toWellFormed(`${part as string}`);
  return utf8Encode(native ? text.replace(/\r\n?|\n/g, "\n") : text);
}

function endingsOf(options: BlobOptions | null | undefined): string {
  const endings = options?.endings === undefined ? "transparent" : `${options.endings}`;
  if (endings !== "transparent" && endings !== "native") {
    throw invalidArgument(`The property 'options.endings' must be 'transparent' or 'native'`);
  }
  return endings;
}

function clampIndex(index: number, size: number): number {
  const whole = Math.trunc(Number(index)) || 0;
  return whole < 0 ? Math.max(size + whole, 0) : Math.min(whole, size);
}

function withoutBom(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function invalidArgument(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: "ERR_INVALID_ARG_TYPE" });
}

showAs(Blob.prototype, ["size", "type"]);
showAs(File.prototype, ["size", "type", "name", "lastModified"]);
