import { concatBytes } from "../../bytes.ts";
import { utf8Decode } from "../../utf8.ts";
import { fillRandom } from "../random.ts";

export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A message may be this long; the isolate's memory ends before most. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** The peer broke the protocol, or sent more than we take. `code` is what it is told. */
export class FrameError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export type Incoming =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "binary"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "ping"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "pong" }
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

/** A frame as a client has to send it: whole, and masked with a key that the peer could not foresee. */
export function encodeFrame(opcode: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const lengthBytes = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const start = 6 + lengthBytes;
  const frame = new Uint8Array(start + length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(2, length);
  else if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  const mask = frame.subarray(start - 4, start);
  fillRandom(mask);
  for (let index = 0; index < length; index++) frame[start + index] = payload[index]! ^ mask[index & 3]!;
  return frame;
}

/** Puts messages together from what the connection brings, however it is cut. */
export class FrameReader {
  #parts: Uint8Array[] = [];
  #length = 0;
  #message: Uint8Array[] = [];
  #messageBytes = 0;
  #messageOpcode: number = Opcode.continuation;

  /** @returns The messages that are complete now. @throws {FrameError} */
  *add(bytes: Uint8Array): Generator<Incoming> {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    for (;;) {
      const message = this.#next();
      if (message === undefined) return;
      if (message !== null) yield message;
    }
  }

  /** undefined: more bytes are needed; null: a part of a message. */
  #next(): Incoming | null | undefined {
    if (this.#length < 2) return undefined;
    const head = this.#joined();
    const first = head[0]!;
    const second = head[1]!;
    const opcode = first & 0x0f;
    const isFinal = (first & 0x80) !== 0;
    if ((first & 0x70) !== 0) throw new FrameError(1002, "A frame uses an extension that was not agreed on");
    if ((second & 0x80) !== 0) throw new FrameError(1002, "A frame of the server is masked");
    const shortLength = second & 0x7f;
    const start = shortLength < 126 ? 2 : shortLength === 126 ? 4 : 10;
    if (opcode >= Opcode.close && (!isFinal || shortLength > 125)) {
      throw new FrameError(1002, "A control frame is too long, or in pieces");
    }
    if (this.#length < start) return undefined;
    const view = new DataView(head.buffer, head.byteOffset);
    const length = start === 2 ? shortLength : start === 4 ? view.getUint16(2) : Number(view.getBigUint64(2));
    if (this.#messageBytes + length > MAX_MESSAGE_BYTES) {
      throw new FrameError(1009, `A message is longer than ${MAX_MESSAGE_BYTES} bytes`);
    }
    if (this.#length < start + length) return undefined;
    const payload = head.slice(start, start + length);
    this.#parts = [head.subarray(start + length)];
    this.#length -= start + length;
    return this.#frame(opcode, isFinal, payload);
  }

  #joined(): Uint8Array {
    // Not while a long frame grows: joining for each piece would cost its length squared.
    const [first] = this.#parts;
    if (this.#parts.length === 1) return first!;
    const needed = this.#neededBytes();
    if (this.#length < needed) return first!;
    const joined = concatBytes(this.#parts);
    this.#parts = [joined];
    return joined;
  }

  /** Of the frame that the first part begins, as far as that part tells. */
  #neededBytes(): number {
    const first = this.#parts[0]!;
    if (first.length < 10) return 0;
    const shortLength = first[1]! & 0x7f;
    const view = new DataView(first.buffer, first.byteOffset);
    if (shortLength === 126) return 4 + view.getUint16(2);
    return shortLength === 127 ? 10 + Number(view.getBigUint64(2)) : 2 + shortLength;
  }

  #frame(opcode: number, isFinal: boolean, payload: Uint8Array<ArrayBuffer>): Incoming | null {
    switch (opcode) {
      case Opcode.ping:
        return { kind: "ping", bytes: payload };
      case Opcode.pong:
        return { kind: "pong" };
      case Opcode.close:
        return closeOf(payload);
      case Opcode.text:
      case Opcode.binary:
        if (this.#messageOpcode !== Opcode.continuation) {
          throw new FrameError(1002, "A message begins within another one");
        }
        this.#messageOpcode = opcode;
        break;
      case Opcode.continuation:
        if (this.#messageOpcode === Opcode.continuation) {
          throw new FrameError(1002, "A message goes on that has not begun");
        }
        break;
      default:
        throw new FrameError(1002, `A frame has the unknown opcode ${opcode}`);
    }
    this.#message.push(payload);
    this.#messageBytes += payload.length;
    if (!isFinal) return null;
    const bytes = this.#message.length === 1 ? payload : concatBytes(this.#message);
    const isText = this.#messageOpcode === Opcode.text;
    this.#message = [];
    this.#messageBytes = 0;
    this.#messageOpcode = Opcode.continuation;
    return isText ? { kind: "text", text: textOf(bytes) } : { kind: "binary", bytes };
  }
}

function textOf(bytes: Uint8Array): string {
  const text = utf8Decode(bytes, true);
  if (text === undefined) throw new FrameError(1007, "A text is not UTF-8");
  return text;
}

function closeOf(payload: Uint8Array): Incoming {
  if (payload.length === 0) return { kind: "close", code: 1005, reason: "" };
  const code = payload.length === 1 ? 0 : (payload[0]! << 8) | payload[1]!;
  const isRegistered = code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
  if (!isRegistered && !(code >= 3000 && code <= 4999)) {
    throw new FrameError(1002, `The server closes with the code ${code}, which means nothing`);
  }
  return { kind: "close", code, reason: textOf(payload.subarray(2)) };
}
