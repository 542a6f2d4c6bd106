import { concatBytes, copyOfBytes, viewOfBytes } from "../../bytes.ts";
import { asInterface } from "../../interface.ts";
import { loadLazy } from "../../lazy.ts";
import { toWellFormed, utf8Decode, utf8Encode } from "../../utf8.ts";
import type { Blob } from "../blob.ts";
import { crypto } from "../crypto.ts";
import type { FormData } from "../form-data.ts";
import type { ReadableStream } from "../streams.ts";
import { URLSearchParams } from "../url-search-params.ts";
import type { Headers } from "./headers.ts";
import { extractMimeType, serializeMimeType } from "./mime-type.ts";

/** Bytes that arrive one after another, such as a response from the network. */
export interface ByteSource {
  /** The next chunk, or null at the end. One call at a time. */
  read(): Promise<Uint8Array | null>;
  cancel(reason: unknown): Promise<void>;
  /** Set by a stream that wants to hear at once that the source failed. */
  onFailure: ((error: unknown) => void) | undefined;
}

/** What a body holds. It becomes a stream only when somebody asks for one, and text only becomes bytes for who wants bytes. */
export type BodyContent =
  | { kind: "text"; text: string }
  | { kind: "bytes"; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "source"; source: ByteSource }
  | { kind: "stream"; stream: ReadableStream<Uint8Array> };

let contentOf: (body: Body) => BodyContent | null;
let takeContent: (body: Body) => BodyContent | null;
let copyContent: (body: Body) => BodyContent | null;

/** What Request and Response have in common. */
export abstract class Body {
  static {
    contentOf = (body) => body.#content;
    takeContent = (body) => body.#take();
    copyContent = (body) => body.#copy();
  }

  #content: BodyContent | null;
  #isUsed = false;

  constructor(content: BodyContent | null) {
    this.#content = content;
  }

  abstract get headers(): Headers;

  get body(): ReadableStream<Uint8Array> | null {
    if (this.#content === null) return null;
    if (this.#content.kind !== "stream") {
      const stream = streamOf(this.#content);
      this.#content = { kind: "stream", stream };
      // Its content was taken before anybody asked for the stream.
      if (this.#isUsed) void stream.cancel().catch(() => {});
    }
    return this.#content.stream;
  }

  get bodyUsed(): boolean {
    if (this.#isUsed) return true;
    return this.#content?.kind === "stream" && loadLazy("streams").isDisturbed(this.#content.stream);
  }

  get #isLocked(): boolean {
    return this.#content?.kind === "stream" && this.#content.stream.locked;
  }

  #assertUsable(): void {
    if (this.bodyUsed || this.#isLocked) {
      throw new TypeError("Body is unusable: Body has already been read");
    }
  }

  #take(): BodyContent | null {
    this.#assertUsable();
    const content = this.#content;
    if (content !== null) this.#isUsed = true;
    return content;
  }

  #copy(): BodyContent | null {
    if (this.bodyUsed || this.#isLocked)
      throw new TypeError("Response.clone: Body has already been consumed.");
    const content = this.#content;
    if (content === null || content.kind === "text" || content.kind === "bytes") return content;
    const [mine, other] = (this.body as ReadableStream<Uint8Array>).tee();
    this.#content = { kind: "stream", stream: mine as ReadableStream<Uint8Array> };
    return { kind: "stream", stream: other as ReadableStream<Uint8Array> };
  }

  async text(): Promise<string> {
    const content = this.#take();
    if (content === null) return "";
    return withoutBom(content.kind === "text" ? content.text : utf8Decode(await readAll(content), false)!);
  }
  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const content = this.#take();
    if (content === null) return new Uint8Array(0);
    const bytes = await readAll(content);
    // What was given stays ours, as a clone may hold the same.
    return content.kind === "bytes" ? bytes.slice() : bytes;
  }
  /** As it arrives, decoded. @throws {TypeError} When it was used before. */
  textStream(): ReadableStream<string> {
    this.#assertUsable();
    const { ReadableStream, TextDecoderStream } = loadLazy("streams");
    const bytes = this.body ?? new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
    return bytes.pipeThrough(new TextDecoderStream() as never);
  }
  async blob(): Promise<Blob> {
    const type = this.#mimeType();
    const bytes = await this.bytes();
    const { Blob } = loadLazy("blob");
    return new Blob([bytes], { type: type === undefined ? "" : serializeMimeType(type) });
  }
  async formData(): Promise<FormData> {
    const type = this.#mimeType();
    const content = this.#take();
    const bytes = content === null ? new Uint8Array(0) : await readAll(content);
    const { FormData, parseMultipart } = loadLazy("form-data");
    if (type?.essence === "multipart/form-data") {
      const boundary = type.parameters.get("boundary");
      const form = boundary === undefined ? undefined : parseMultipart(bytes, boundary);
      if (form === undefined) throw new TypeError("Failed to parse body as FormData.");
      return form;
    }
    if (type?.essence === "application/x-www-form-urlencoded") {
      const form = new FormData();
      // A byte order mark is part of a name.
      for (const [name, value] of new URLSearchParams(utf8Decode(bytes, false)!)) {
        form.append(name, value);
      }
      return form;
    }
    throw new TypeError(
      'Content-Type was not one of "multipart/form-data" or "application/x-www-form-urlencoded".',
    );
  }

  #mimeType() {
    return extractMimeType(this.headers.get("content-type") ?? "");
  }
}

asInterface(Body, "Body");

/** Gives a class the members of a body as its own, as the mixin of the Fetch Standard does: packages wrap them there. */
export function mixBodyInto(made: { readonly prototype: Body }): void {
  for (const name of Object.getOwnPropertyNames(Body.prototype)) {
    if (Object.hasOwn(made.prototype, name)) continue;
    Object.defineProperty(made.prototype, name, Object.getOwnPropertyDescriptor(Body.prototype, name)!);
  }
}

/** Looks at what a body holds without taking it. */
export function bodyContent(body: Body): BodyContent | null {
  return contentOf(body);
}

/** Takes what a body holds; it counts as used from then on. @throws {TypeError} When it was used before. */
export function takeBody(body: Body): BodyContent | null {
  return takeContent(body);
}

/** For clone(): both may be read from then on. @throws {TypeError} When it was used before. */
export function copyBody(body: Body): BodyContent | null {
  return copyContent(body);
}

/** Turns what a Request or a Response was made with into its content, and the content type that follows from it. */
export function extractBody(init: unknown): { content: BodyContent; type: string | undefined } {
  if (typeof init === "object" && init !== null) {
    const content = contentOfObject(init);
    if (content !== undefined) return content;
  }
  return {
    content: { kind: "text", text: toWellFormed(`${init as string}`) },
    type: "text/plain;charset=UTF-8",
  };
}

function contentOfObject(init: object): { content: BodyContent; type: string | undefined } | undefined {
  if (init instanceof URLSearchParams) {
    const text = init.toString();
    return { content: { kind: "text", text }, type: "application/x-www-form-urlencoded;charset=UTF-8" };
  }
  const bytes = copyOfBytes(init);
  if (bytes !== undefined) return { content: { kind: "bytes", bytes }, type: undefined };
  // The tag only says which module is worth loading; what counts is what that module says.
  switch ((init as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]) {
    case "Blob":
    case "File": {
      const { Blob, blobBytes } = loadLazy("blob");
      if (!(init instanceof Blob)) break;
      const type = init.type === "" ? undefined : init.type;
      return { content: { kind: "bytes", bytes: blobBytes(init) }, type };
    }
    case "FormData": {
      const { FormData, serializeMultipart } = loadLazy("form-data");
      if (!(init instanceof FormData)) break;
      const boundary = `----formdata-brisk-${crypto.randomUUID().replaceAll("-", "")}`;
      const content = { kind: "bytes", bytes: serializeMultipart(init, boundary) } as const;
      return { content, type: `multipart/form-data; boundary=${boundary}` };
    }
    default:
  }
  return contentOfStream(init);
}

function contentOfStream(init: object): { content: BodyContent; type: undefined } | undefined {
  const isIterable = typeof (init as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === "function";
  if (!isIterable) return undefined;
  const { ReadableStream, isDisturbed } = loadLazy("streams");
  if (!(init instanceof ReadableStream)) {
    const stream = ReadableStream.from(init as AsyncIterable<Uint8Array>);
    return { content: { kind: "stream", stream }, type: undefined };
  }
  if (init.locked || isDisturbed(init)) {
    throw new TypeError("Response body object should not be disturbed or locked");
  }
  return { content: { kind: "stream", stream: init }, type: undefined };
}

/** A reader of any content, chunk by chunk. @throws {TypeError} For a chunk of a stream that is no Uint8Array. */
export function sourceOf(content: BodyContent): ByteSource {
  switch (content.kind) {
    case "source":
      return content.source;
    case "stream": {
      const reader = content.stream.getReader();
      return {
        onFailure: undefined,
        async read() {
          const { done, value } = await reader.read();
          if (done) return null;
          const bytes = viewOfBytes(value);
          if (bytes === undefined || !(value instanceof Uint8Array)) {
            const error = new TypeError("Received non-Uint8Array chunk");
            await reader.cancel(error).catch(() => {});
            throw error;
          }
          return bytes;
        },
        cancel: (reason) => reader.cancel(reason),
      };
    }
    default: {
      let rest: Uint8Array | null = bytesOfContent(content);
      return {
        onFailure: undefined,
        async read() {
          const chunk = rest;
          rest = null;
          return chunk === null || chunk.length === 0 ? null : chunk;
        },
        async cancel() {
          rest = null;
        },
      };
    }
  }
}

async function readAll(content: BodyContent): Promise<Uint8Array<ArrayBuffer>> {
  if (content.kind === "text" || content.kind === "bytes") return bytesOfContent(content);
  const source = sourceOf(content);
  const chunks: Uint8Array[] = [];
  for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) chunks.push(chunk);
  return concatBytes(chunks);
}

/** The bytes themselves, which the content may share with a clone. */
export function bytesOfContent(
  content: { kind: "text"; text: string } | { kind: "bytes"; bytes: Uint8Array<ArrayBuffer> },
) {
  return content.kind === "text" ? utf8Encode(content.text) : content.bytes;
}

function streamOf(content: Exclude<BodyContent, { kind: "stream" }>): ReadableStream<Uint8Array> {
  const { ReadableStream } = loadLazy("streams");
  const source = sourceOf(content);
  return new ReadableStream<Uint8Array>(
    {
      type: "bytes",
      start(controller) {
        source.onFailure = (error) => controller.error(error);
      },
      async pull(controller) {
        const chunk = await source.read();
        if (chunk === null) {
          controller.close();
          controller.byobRequest?.respond(0);
        } else {
          // A copy: enqueueing takes the buffer away, which may be shared with a clone.
          controller.enqueue(content.kind === "source" ? chunk : chunk.slice());
        }
      },
      cancel: (reason) => source.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function withoutBom(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
