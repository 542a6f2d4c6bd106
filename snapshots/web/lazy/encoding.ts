import { callSync } from "../../bridge.ts";
import { concatBytes, isArrayBuffer, viewOfBytes, wholeBuffer } from "../bytes.ts";
import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { asciiDecode } from "../latin1.ts";
import { incompleteTail, utf8Decode, utf8Encode, utf8EncodeInto } from "../utf8.ts";
import { codedError, invalidArgType, invalidThis } from "./argument-errors.ts";

export class TextEncoder {
  /** Tells its instances from everything else. */
  readonly #encoding = "utf-8";

  get encoding(): string {
    return this.#encoding;
  }
  encode(input: string = ""): Uint8Array<ArrayBuffer> {
    if (!(#encoding in this)) throw new TypeError("Receiver must be an instance of class TextEncoder");
    return utf8Encode(`${input}`);
  }
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number } {
    if (typeof source !== "string") throw invalidArgType("src", "of type string", source);
    if (!(destination instanceof Uint8Array)) {
      throw invalidArgType("dest", "an instance of Uint8Array", destination);
    }
    return utf8EncodeInto(source, destination);
  }
}

export interface TextDecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

const BOM = 0xfeff;
const { apply } = Reflect;
/** The name of a typed array's kind, whatever its prototype says; undefined for anything else. */
const kindOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get as () => string | undefined;
const none = new Uint8Array(0);

export class TextDecoder {
  readonly #encoding: string;
  readonly #fatal: boolean;
  readonly #ignoreBom: boolean;
  /** Bytes of a character that the next chunk ends. */
  #rest: Uint8Array = none;
  /** The escape sequence that ISO-2022-JP's bytes are read by, which none of them repeats. */
  #shift: Uint8Array = none;
  #isStreaming = false;
  #bomSeen = false;

  constructor(label: string = "utf-8", options?: TextDecoderOptions | null) {
    assertOptions(options);
    this.#encoding = encodingOf(`${label}`);
    this.#fatal = Boolean(options?.fatal);
    this.#ignoreBom = Boolean(options?.ignoreBOM);
  }
  get encoding(): string {
    if (!(#encoding in this)) throw invalidThis("TextDecoder");
    return this.#encoding;
  }
  get fatal(): boolean {
    if (!(#encoding in this)) throw invalidThis("TextDecoder");
    return this.#fatal;
  }
  get ignoreBOM(): boolean {
    if (!(#encoding in this)) throw invalidThis("TextDecoder");
    return this.#ignoreBom;
  }

  decode(input?: unknown, options?: { stream?: boolean } | null): string {
    if (!(#encoding in this)) throw invalidThis("TextDecoder");
    if (options === undefined && !this.#isStreaming && this.#encoding === "utf-8") {
      // Most of what is decoded: short, whole, and the same in every encoding.
      const ascii = apply(kindOf, input, []) === "Uint8Array" ? asciiDecode(input as Uint8Array) : undefined;
      if (ascii !== undefined) return ascii;
    }
    assertOptions(options);
    const stream = Boolean(options?.stream);
    let bytes = input === undefined ? none : viewOfInput(input);
    if (!this.#isStreaming) {
      this.#rest = none;
      this.#shift = none;
      this.#bomSeen = false;
    }
    if (this.#rest.length > 0) bytes = concatBytes([this.#rest, bytes]);
    this.#rest = none;
    this.#isStreaming = stream;
    const text =
      this.#encoding === "utf-8" ? this.#decodeUtf8(bytes, stream) : this.#decodeByHost(bytes, stream);
    if (text === undefined) {
      this.#isStreaming = false;
      const message = `The encoded data was not valid for encoding ${this.#encoding}`;
      throw codedError(TypeError, "ERR_ENCODING_INVALID_ENCODED_DATA", message);
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
    // Not in front of another one: two in a row are an error.
    const isShifted = this.#shift.length > 0 && bytes[0] !== escapeByte;
    const input = isShifted ? concatBytes([this.#shift, bytes]) : wholeBuffer(bytes);
    const answer = callSync("text.decode", this.#encoding, input, this.#fatal, stream);
    if (typeof answer !== "string") return undefined;
    const again = answer.charCodeAt(0);
    this.#rest = again > 0 ? bytes.slice(bytes.length - again) : none;
    if (this.#encoding === "iso-2022-jp")
      this.#shift = lastShift(input.subarray(0, input.length - again)) ?? this.#shift;
    return answer.slice(1);
  }

  #withoutBom(text: string): string {
    if (this.#bomSeen || text.length === 0) return text;
    this.#bomSeen = true;
    const mark = !this.#ignoreBom && text.charCodeAt(0) === BOM && this.#encoding.startsWith("utf-");
    return mark ? text.slice(1) : text;
  }
}

function encodingOf(label: string): string {
  if (label === "utf-8" || label === "utf8") return "utf-8";
  const encoding = callSync("text.encodingOf", label.slice(0, 64));
  if (typeof encoding !== "string" || label.length > 64) {
    throw codedError(RangeError, "ERR_ENCODING_NOT_SUPPORTED", `The "${label}" encoding is not supported`);
  }
  return encoding;
}

function viewOfInput(input: unknown): Uint8Array {
  const memory = ArrayBuffer.isView(input) ? input.buffer : input;
  if (isShared(memory)) return copyOfShared(input, memory);
  // Memory that was transferred away has no bytes, and no views.
  if (isArrayBuffer(memory) && memory.detached) return none;
  const view = viewOfBytes(input);
  if (view !== undefined) return view;
  throw invalidArgType("list", "an instance of SharedArrayBuffer, ArrayBuffer or ArrayBufferView", input);
}

function assertOptions(options: unknown): void {
  const type = typeof options;
  if (type === "object" || type === "function" || type === "undefined") return;
  throw invalidArgType("options", "of type object", options);
}

const escapeByte = 0x1b;

function lastShift(bytes: Uint8Array): Uint8Array | undefined {
  const at = bytes.lastIndexOf(escapeByte);
  return at === -1 ? undefined : bytes.slice(at, at + 3);
}

function isShared(memory: unknown): memory is SharedArrayBuffer {
  // The class is looked up at the call: a heap that names it could not be frozen.
  return typeof SharedArrayBuffer !== "undefined" && memory instanceof SharedArrayBuffer;
}

/** What is shared does not cross to the host, and could change while it is read. */
function copyOfShared(input: unknown, memory: SharedArrayBuffer): Uint8Array {
  const { byteOffset, byteLength } = ArrayBuffer.isView(input)
    ? input
    : { byteOffset: 0, byteLength: memory.byteLength };
  return new Uint8Array(new Uint8Array(memory, byteOffset, byteLength));
}

asInterface(TextEncoder, "TextEncoder");
asInterface(TextDecoder, "TextDecoder");
showAs(TextDecoder.prototype, ["encoding", "fatal", "ignoreBOM"]);
