import { callSync } from "../../bridge.ts";
import { concatBytes, viewOfBytes, wholeBuffer } from "../bytes.ts";
import { showAs } from "../inspection.ts";
import { incompleteTail, utf8Decode, utf8Encode, utf8EncodeInto } from "../utf8.ts";

export class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }
  encode(input: string = ""): Uint8Array<ArrayBuffer> {
    return utf8Encode(`${input}`);
  }
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number } {
    if (!(destination instanceof Uint8Array)) {
      throw Object.assign(new TypeError('The "dest" argument must be an instance of Uint8Array'), {
        code: "ERR_INVALID_ARG_TYPE",
      });
    }
    return utf8EncodeInto(`${source}`, destination);
  }
  get [Symbol.toStringTag](): string {
    return "TextEncoder";
  }
}

export interface TextDecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

const BOM = 0xfeff;
const none = new Uint8Array(0);

export class TextDecoder {
  readonly #encoding: string;
  readonly #fatal: boolean;
  readonly #ignoreBom: boolean;
  /** Bytes of a character that the next chunk ends. */
  #rest: Uint8Array = none;
  #isStreaming = false;
  #bomSeen = false;

  constructor(label: string = "utf-8", options?: TextDecoderOptions | null) {
    this.#encoding = encodingOf(`${label}`);
    this.#fatal = Boolean(options?.fatal);
    this.#ignoreBom = Boolean(options?.ignoreBOM);
  }
  get encoding(): string {
    return this.#encoding;
  }
  get fatal(): boolean {
    return this.#fatal;
  }
  get ignoreBOM(): boolean {
    return this.#ignoreBom;
  }

  decode(input?: unknown, options?: { stream?: boolean } | null): string {
    const stream = Boolean(options?.stream);
    let bytes = input === undefined ? none : viewOfInput(input);
    if (!this.#isStreaming) {
      this.#rest = none;
      this.#bomSeen = false;
    }
    if (this.#rest.length > 0) bytes = concatBytes([this.#rest, bytes]);
    this.#rest = none;
    this.#isStreaming = stream;
    const text =
      this.#encoding === "utf-8" ? this.#decodeUtf8(bytes, stream) : this.#decodeByHost(bytes, stream);
    if (text === undefined) {
      this.#isStreaming = false;
      throw Object.assign(new TypeError(`The encoded data was not valid for encoding ${this.#encoding}`), {
        code: "ERR_ENCODING_INVALID_ENCODED_DATA",
      });
    }
    return this.#withoutBom(text);
  }

  #decodeUtf8(bytes: Uint8Array, stream: boolean): string | undefined {
    if (!stream) return utf8Decode(bytes, this.#fatal);
    const complete = bytes.length - incompleteTail(bytes);
    this.#rest = bytes.slice(complete);
    return utf8Decode(bytes.subarray(0, complete), this.#fatal);
  }

  /** The host keeps nothing between chunks: it says how many of the last bytes it wants to see again. */
  #decodeByHost(bytes: Uint8Array, stream: boolean): string | undefined {
    const answer = callSync("text.decode", this.#encoding, wholeBuffer(bytes), this.#fatal, stream);
    if (typeof answer !== "string") return undefined;
    const again = answer.charCodeAt(0);
    this.#rest = again > 0 ? bytes.slice(bytes.length - again) : none;
    return answer.slice(1);
  }

  #withoutBom(text: string): string {
    if (this.#bomSeen || text.length === 0) return text;
    this.#bomSeen = true;
    const mark = !this.#ignoreBom && text.charCodeAt(0) === BOM && this.#encoding.startsWith("utf-");
    return mark ? text.slice(1) : text;
  }

  get [Symbol.toStringTag](): string {
    return "TextDecoder";
  }
}

function encodingOf(label: string): string {
  if (label === "utf-8" || label === "utf8") return "utf-8";
  const encoding = callSync("text.encodingOf", label.slice(0, 64));
  if (typeof encoding !== "string" || label.length > 64) {
    throw Object.assign(new RangeError(`The "${label}" encoding is not supported`), {
      code: "ERR_ENCODING_NOT_SUPPORTED",
    });
  }
  return encoding;
}

function viewOfInput(input: unknown): Uint8Array {
  const view = viewOfBytes(input) ?? viewOfShared(input);
  if (view !== undefined) return view;
  throw Object.assign(
    new TypeError('The "list" argument must be an instance of ArrayBuffer or ArrayBufferView'),
    {
      code: "ERR_INVALID_ARG_TYPE",
    },
  );
}

function viewOfShared(input: unknown): Uint8Array | undefined {
  // The class is looked up at the call: a heap that names it could not be frozen.
  if (typeof SharedArrayBuffer !== "undefined" && input instanceof SharedArrayBuffer) {
    return new Uint8Array(new Uint8Array(input));
  }
  return undefined;
}

showAs(TextDecoder.prototype, ["encoding", "fatal", "ignoreBOM"]);
