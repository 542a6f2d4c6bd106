import { concatBytes, copyOfBytes } from "../bytes.ts";
import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { loadLazy } from "../lazy.ts";
import { toWellFormed, utf8Decode, utf8Encode } from "../utf8.ts";
import { codedError, invalidArgType, invalidArgValue, invalidThis, missingArgs } from "./argument-errors.ts";
import type { ReadableStream } from "./streams.ts";

const CHUNK_BYTES = 65_536;
const printable = /^[\x20-\x7e]*$/;

export interface BlobOptions {
  type?: string;
  endings?: "transparent" | "native";
}

type Bytes = Uint8Array<ArrayBuffer>;

let isBlob: (value: unknown) => value is Blob;
let partsOf: (blob: Blob) => readonly Bytes[];
let share: (blob: Blob, parts: readonly Bytes[]) => void;

export class Blob {
  static {
    partsOf = (blob) => blob.#parts;
    share = (blob, parts) => {
      blob.#parts = parts;
      blob.#size = lengthOf(parts);
    };
    isBlob = (value): value is Blob => typeof value === "object" && value !== null && #parts in value;
  }

  /** Never written to; slices are views of it. A stream gives them one by one. */
  #parts: readonly Bytes[];
  #size: number;
  readonly #type: string;

  // Web IDL counts arguments that have to be there, and so does a default value.
  constructor(
    parts: Iterable<unknown> | undefined = undefined,
    options: BlobOptions | null | undefined = undefined,
  ) {
    if (
      options !== undefined &&
      options !== null &&
      typeof options !== "object" &&
      typeof options !== "function"
    ) {
      throw invalidArgType("options", "a dictionary", options);
    }
    const list: Bytes[] = [];
    // Read in this order: endings, the parts, type.
    const endings = endingsOf(options);
    if (parts !== undefined) {
      for (const part of sequenceOf(parts)) appendPart(list, part, endings === "native");
    }
    this.#parts = list;
    this.#size = lengthOf(list);
    const type = options?.type;
    const text = type === undefined ? "" : `${type}`;
    this.#type = printable.test(text) ? text.toLowerCase() : "";
  }

  get size(): number {
    assertBlob(this);
    return this.#size;
  }
  get type(): string {
    assertBlob(this);
    return this.#type;
  }
  slice(start: number = 0, end: number | undefined = undefined, type: string = ""): Blob {
    assertBlob(this);
    const from = clampIndex(start, this.#size);
    const to = end === undefined ? this.#size : clampIndex(end, this.#size);
    return blobOf(sliceOf(this.#parts, from, to), type);
  }
  async text(): Promise<string> {
    assertBlob(this);
    return withoutBom(utf8Decode(concatBytes(this.#parts), false) ?? "");
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    assertBlob(this);
    return concatBytes(this.#parts).buffer;
  }
  async bytes(): Promise<Uint8Array> {
    assertBlob(this);
    return concatBytes(this.#parts);
  }
  stream(): ReadableStream<Uint8Array> {
    assertBlob(this);
    return streamOf(this.#parts);
  }
  textStream(): ReadableStream<string> {
    assertBlob(this);
    const { TextDecoderStream } = loadLazy("streams");
    return streamOf(this.#parts).pipeThrough(new TextDecoderStream() as never);
  }
}

export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  constructor(
    parts: Iterable<unknown>,
    name: string,
    options: (BlobOptions & { lastModified?: number }) | null | undefined = undefined,
  ) {
    if (arguments.length < 2) throw missingArgs("fileBits", "fileName");
    super(parts, options);
    this.#name = toWellFormed(`${name}`);
    const modified = options?.lastModified;
    // Not Number(), which takes a bigint.
    this.#lastModified = modified === undefined ? Date.now() : Math.trunc(+modified) || 0;
  }
  get name(): string {
    if (!(#name in this)) throw invalidThis("File");
    return this.#name;
  }
  get lastModified(): number {
    if (!(#name in this)) throw invalidThis("File");
    return this.#lastModified;
  }
}

function assertBlob(value: unknown): void {
  if (!isBlob(value)) throw invalidThis("Blob");
}

// Not in the class: a bundler renames a class that names itself, visibly.
function blobOf(parts: readonly Bytes[], type: string): Blob {
  const blob = new Blob([], { type: `${type}` });
  share(blob, parts);
  return blob;
}

/** For structuredClone: undefined for what is neither. */
export function cloneBlob(value: object): Blob | undefined {
  if (!isBlob(value)) return undefined;
  if (!(value instanceof File)) return blobOf(partsOf(value), value.type);
  const clone = new File([], value.name, { type: value.type, lastModified: value.lastModified });
  share(clone, partsOf(value));
  return clone;
}

/** The blob's bytes, which nobody may write to. */
export function blobBytes(blob: Blob): Bytes {
  const parts = partsOf(blob);
  return parts.length === 1 ? parts[0]! : concatBytes(parts);
}

/** With the same bytes as the blob, which are not copied. */
export function fileOf(blob: Blob, name: string, options: { type: string; lastModified?: number }): File {
  const file = new File([], name, options);
  share(file, partsOf(blob));
  return file;
}

function streamOf(parts: readonly Bytes[]): ReadableStream<Uint8Array> {
  const { ReadableStream } = loadLazy("streams");
  let index = 0;
  let offset = 0;
  return new ReadableStream(
    {
      type: "bytes",
      pull(controller) {
        const part = parts[index];
        if (part === undefined) {
          controller.close();
          controller.byobRequest?.respond(0);
          return;
        }
        const chunk = part.slice(offset, offset + CHUNK_BYTES);
        offset += chunk.length;
        if (offset === part.length) {
          offset = 0;
          index++;
        }
        controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
}

function sliceOf(parts: readonly Bytes[], from: number, to: number): Bytes[] {
  const slice: Bytes[] = [];
  let at = 0;
  for (const part of parts) {
    const view = part.subarray(Math.max(from - at, 0), Math.max(Math.min(to - at, part.length), 0));
    if (view.length > 0) slice.push(view);
    at += part.length;
  }
  return slice;
}

function lengthOf(parts: readonly Bytes[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}

/** Its iterator is asked for once, as Web IDL converts a sequence. */
function sequenceOf(value: unknown): Iterable<unknown> {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  const iterate = isObject ? (value as Partial<Iterable<unknown>>)[Symbol.iterator] : undefined;
  if (typeof iterate !== "function") {
    throw codedError(TypeError, "ERR_INVALID_ARG_TYPE", "Value cannot be converted to sequence.");
  }
  const iterator = Reflect.apply(iterate, value, []);
  return { [Symbol.iterator]: () => iterator };
}

function appendPart(list: Bytes[], part: unknown, native: boolean): void {
  if (isBlob(part)) {
    for (const bytes of partsOf(part)) list.push(bytes);
    return;
  }
  let bytes = copyOfBytes(part);
  if (bytes === undefined) {
    const text = toWellFormed(`${part as string}`);
    bytes = utf8Encode(native ? text.replace(/\r\n?|\n/g, "\n") : text);
  }
  if (bytes.length > 0) list.push(bytes);
}

function endingsOf(options: BlobOptions | null | undefined): string {
  const given = options?.endings;
  const endings = given === undefined ? "transparent" : `${given}`;
  if (endings !== "transparent" && endings !== "native") throw invalidArgValue("options.endings", given);
  return endings;
}

/** As Web IDL clamps to a long long: to the nearest whole number, of two that are as near to the even one. */
function clampIndex(index: number, size: number): number {
  const number = +index;
  let whole = Math.floor(number);
  const rest = number - whole;
  if (rest > 0.5 || (rest === 0.5 && whole % 2 !== 0)) whole++;
  if (Number.isNaN(whole)) return 0;
  return whole < 0 ? Math.max(size + whole, 0) : Math.min(whole, size);
}

function withoutBom(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

asInterface(Blob, "Blob");
asInterface(File, "File");
showAs(Blob.prototype, ["size", "type"]);
showAs(File.prototype, ["size", "type", "name", "lastModified"]);
