import stream from "node:stream";
import { callSync, primordials } from "../../bridge.ts";
import { logLine } from "../console.ts";
import { runtimeError } from "../errors.ts";
import { type Handler, isThenable } from "../handler.ts";
import { takeDrain, waitForDrain } from "../stream-window.ts";

interface WritableLike {
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
  once(event: string, listener: (...args: unknown[]) => void): void;
  destroy(error?: Error): void;
}
interface WritableOptions {
  decodeStrings: boolean;
  highWaterMark: number;
  write(chunk: unknown, encoding: string, callback: (error?: Error) => void): void;
  final(callback: (error?: Error) => void): void;
}
const { Writable } = stream as unknown as { Writable: new (options: WritableOptions) => WritableLike };

const integrationType = "application/vnd.awslambda.http-integration-response";
const separator = new primordials.Uint8Array(8);
const defaultHighWaterMark = 64 * 1024;
/** The host takes at most this much at once; a longer chunk is cut into pieces. */
const pieceBytes = 1024 * 1024;

/** The handler's response stream: a Writable whose bytes leave for the client as soon as they are written. */
export class ResponseStream extends Writable {
  #contentType: string | undefined;
  #hasStarted = false;
  #isOver = false;
  #prelude: string | undefined;

  constructor(highWaterMark: number) {
    super({
      decodeStrings: false,
      highWaterMark,
      write: (chunk, encoding, callback) => {
        if (this.#isOver) {
          callback();
          return;
        }
        this.#start();
        send(toBytes(chunk, encoding), 0, callback);
      },
      final: (callback) => {
        if (!this.#isOver) {
          this.#start();
          callSync("stream.end");
        }
        callback();
      },
    });
  }

  /** Its event has ended: what is still written goes nowhere, since the next event's response is another one's. */
  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    takeDrain();
  }

  /** @throws {Error} After the first write: the content type has left by then. */
  setContentType(contentType: string): void {
    if (this.#hasStarted)
      throw runtimeError("InvalidStreamingOperation", "Cannot set content-type, too late.");
    this.#contentType = primordials.String(contentType);
  }

  /** Status, headers and cookies, which go ahead of the first byte. */
  setPrelude(json: string): void {
    this.setContentType(integrationType);
    this.#prelude = json;
  }

  #start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    callSync("stream.start", this.#contentType ?? "application/octet-stream");
    if (this.#prelude === undefined) return;
    callSync("stream.write", this.#prelude);
    callSync("stream.write", separator);
  }
}

/** Gives a chunk to the host, a piece at a time; the callback comes when the client's window has room again. */
function send(chunk: string | Uint8Array, from: number, callback: (error?: Error) => void): void {
  try {
    const piece =
      typeof chunk === "string" || chunk.byteLength <= pieceBytes
        ? chunk
        : chunk.subarray(from, from + pieceBytes);
    const credit = callSync("stream.write", alone(piece)) as number;
    const next = from + pieceBytes;
    const isLast = typeof piece === "string" || next >= (chunk as Uint8Array).byteLength;
    const proceed = isLast ? callback : () => send(chunk, next, callback);
    if (credit > 0) proceed();
    else waitForDrain(proceed);
  } catch (error) {
    callback(error as Error);
  }
}

/** What crosses takes its whole buffer along: without the rest of it, such as Buffer's pool. */
function alone(piece: string | Uint8Array): string | Uint8Array {
  return typeof piece === "string" || piece.byteLength === piece.buffer.byteLength
    ? piece
    : new primordials.Uint8Array(piece);
}

function toBytes(chunk: unknown, encoding: string): string | Uint8Array {
  if (chunk instanceof primordials.Uint8Array) return chunk;
  const text = typeof chunk === "string" ? chunk : primordials.JSONStringify(chunk);
  if ((encoding === "utf8" || encoding === "utf-8" || encoding === "buffer") && text.length < pieceBytes)
    return text;
  const { Buffer } = globalThis as unknown as {
    Buffer: { from(text: string, encoding: string): Uint8Array };
  };
  return Buffer.from(text, encoding === "buffer" ? "utf8" : encoding);
}

export function from(responseStream: ResponseStream, metadata: unknown): ResponseStream {
  responseStream.setPrelude(primordials.JSONStringify(metadata ?? {}));
  return responseStream;
}

/** Runs a streaming handler by Lambda's rules. @param onResponse Gets the stream before the handler runs. */
export async function runStreaming(
  handler: Handler,
  event: unknown,
  context: object,
  onResponse: (response: ResponseStream) => void,
): Promise<void> {
  const options = (handler as unknown as { [key: symbol]: unknown })[
    Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark")
  ];
  const response = new ResponseStream(typeof options === "number" ? options : defaultHighWaterMark);
  onResponse(response);
  const failed = new primordials.Promise<never>((_resolve, reject) => {
    response.once("error", reject);
  });
  const returned = handler(event, response, context);
  if (!isThenable(returned)) throw new primordials.Error("Streaming does not support non-async handlers.");
  const value = await primordials.Promise.race([returned, failed]);
  if (value !== undefined) logLine("WARN", "Streaming handlers ignore return values.");
  if (!response.writableEnded) throw new primordials.Error("Response stream is not finished.");
  if (!response.writableFinished) {
    await primordials.Promise.race([
      new primordials.Promise<void>((resolve) => response.once("finish", () => resolve())),
      failed,
    ]);
  }
}
