import {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} from "web-streams-polyfill";
import { viewOfBytes } from "../bytes.ts";
import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { invalidThis } from "./argument-errors.ts";
import { TextDecoder, type TextDecoderOptions, TextEncoder } from "./encoding.ts";
import { completeAsNode } from "./streams/as-node.ts";
import { completeForNodeStreams } from "./streams/node-symbols.ts";

export {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
};

/** Whether a stream was ever read or cancelled, which its public face does not tell. */
export function isDisturbed(stream: ReadableStream): boolean {
  return (stream as unknown as { _disturbed: boolean })._disturbed;
}

export class TextEncoderStream {
  readonly #transform: TransformStream<string, Uint8Array>;

  constructor() {
    const encoder = new TextEncoder();
    // A chunk may end between the two halves of a surrogate pair.
    let high = "";
    this.#transform = new TransformStream<string, Uint8Array>({
      transform(chunk, controller) {
        let text = high + String(chunk);
        high = "";
        const last = text.charCodeAt(text.length - 1);
        if ((last & 0xfc00) === 0xd800) {
          high = text.slice(-1);
          text = text.slice(0, -1);
        }
        if (text !== "") controller.enqueue(encoder.encode(text));
      },
      flush(controller) {
        if (high !== "") controller.enqueue(new Uint8Array([0xef, 0xbf, 0xbd]));
      },
    });
  }
  get encoding(): string {
    return "utf-8";
  }
  get readable(): ReadableStream<Uint8Array> {
    return this.#transform.readable;
  }
  get writable(): WritableStream<string> {
    return this.#transform.writable;
  }
}

export class TextDecoderStream {
  readonly #decoder: TextDecoder;
  readonly #transform: TransformStream<unknown, string>;

  constructor(label?: string, options?: TextDecoderOptions) {
    const decoder = new TextDecoder(label, options);
    this.#decoder = decoder;
    this.#transform = new TransformStream<unknown, string>({
      transform(chunk, controller) {
        if (viewOfBytes(chunk) === undefined)
          throw new TypeError("A chunk must be an ArrayBuffer or a view of one");
        const text = decoder.decode(chunk, { stream: true });
        if (text !== "") controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text !== "") controller.enqueue(text);
      },
    });
  }
  get encoding(): string {
    return this.#decoder.encoding;
  }
  get fatal(): boolean {
    return this.#decoder.fatal;
  }
  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM;
  }
  get readable(): ReadableStream<string> {
    return this.#transform.readable;
  }
  get writable(): WritableStream<unknown> {
    return this.#transform.writable;
  }
}

asInterface(TextEncoderStream, "TextEncoderStream");
asInterface(TextDecoderStream, "TextDecoderStream");
showAs(TextEncoderStream.prototype, ["encoding", "readable", "writable"]);
showAs(TextDecoderStream.prototype, ["encoding", "fatal", "ignoreBOM", "readable", "writable"]);
for (const Class of [TextEncoderStream, TextDecoderStream]) refuseToShowOthers(Class);
completeAsNode();
completeForNodeStreams();

/** Whoever calls what shows a stream with something else is told, as by Node. */
function refuseToShowOthers(Class: { readonly name: string; readonly prototype: object }): void {
  const custom = Symbol.for("nodejs.util.inspect.custom");
  const shown = Object.getOwnPropertyDescriptor(Class.prototype, custom)!;
  const show = shown.value as (...args: unknown[]) => unknown;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    if (!(this instanceof (Class as new () => object))) throw invalidThis(Class.name);
    return Reflect.apply(show, this, args);
  };
  Object.defineProperty(Class.prototype, custom, { ...shown, value });
}
