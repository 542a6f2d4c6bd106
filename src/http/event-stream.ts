import { crc32 } from "node:zlib";

/** Total length, headers length and their checksum, before the headers. */
const preludeBytes = 12;
const checksumBytes = 4;
/** The wire's type code of a string header. */
const stringHeader = 7;

/**
 * Encodes the messages of one event type in AWS's event-stream framing (spec: invoke.md, section 4): lengths and
 * checksums are big-endian, each checksum covers all bytes before it.
 */
export class EventStreamEncoder {
  readonly #headers: Buffer;

  constructor(eventType: string, contentType: string) {
    this.#headers = Buffer.concat([
      header(":message-type", "event"),
      header(":event-type", eventType),
      header(":content-type", contentType),
    ]);
  }

  encode(payload: Uint8Array): Buffer {
    const headers = this.#headers;
    const total = preludeBytes + headers.length + payload.byteLength + checksumBytes;
    const message = Buffer.allocUnsafe(total);
    message.writeUInt32BE(total, 0);
    message.writeUInt32BE(headers.length, 4);
    message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
    message.set(headers, preludeBytes);
    message.set(payload, preludeBytes + headers.length);
    message.writeUInt32BE(crc32(message.subarray(0, total - checksumBytes)), total - checksumBytes);
    return message;
  }
}

function header(name: string, value: string): Buffer {
  const bytes = Buffer.alloc(4 + name.length + value.length);
  let at = bytes.writeUInt8(name.length, 0);
  at += bytes.write(name, at, "latin1");
  at = bytes.writeUInt8(stringHeader, at);
  at = bytes.writeUInt16BE(value.length, at);
  bytes.write(value, at, "latin1");
  return bytes;
}
