import { crc32 } from "node:zlib";
import { CliError } from "./cli-error.ts";

/** One message of AWS's event-stream framing. */
export interface EventMessage {
  /** The `:event-type` header, or `:exception-type`. */
  readonly type: string;
  readonly isException: boolean;
  readonly payload: Buffer;
}

const preludeBytes = 12;
const maxMessageBytes = 24 * 1024 * 1024;
const stringHeader = 7;

/**
 * Decodes `application/vnd.amazon.eventstream`: length, header length, CRC, headers, payload, CRC.
 * @throws {CliError} For bytes that are not that, and for a stream that ends inside a message.
 */
export async function* readEventStream(bytes: AsyncIterable<Buffer>): AsyncGenerator<EventMessage> {
  let buffered: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    while (buffered.length >= preludeBytes) {
      const total = buffered.readUInt32BE(0);
      if (total < preludeBytes + 4 || total > maxMessageBytes) throw broken(`a message of ${total} bytes`);
      if (buffered.length < total) break;
      yield decodeMessage(buffered.subarray(0, total));
      buffered = buffered.subarray(total);
    }
  }
  if (buffered.length > 0) throw broken("an end inside a message");
}

function decodeMessage(message: Buffer): EventMessage {
  const headersEnd = preludeBytes + message.readUInt32BE(4);
  const payloadEnd = message.length - 4;
  if (headersEnd > payloadEnd) throw broken("headers beyond their message");
  if (crc32(message.subarray(0, payloadEnd)) !== message.readUInt32BE(payloadEnd))
    throw broken("a wrong checksum");
  const headers = decodeHeaders(message.subarray(preludeBytes, headersEnd));
  const isException = headers.get(":message-type") === "exception";
  return {
    type: headers.get(isException ? ":exception-type" : ":event-type") ?? "",
    isException,
    payload: message.subarray(headersEnd, payloadEnd),
  };
}

/** Lambda's headers are all strings; another type ends the reading, its length being unknown here. */
function decodeHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const name = bytes.toString("utf8", at + 1, nameEnd);
    if (nameEnd + 3 > bytes.length || bytes.readUInt8(nameEnd) !== stringHeader) break;
    const valueStart = nameEnd + 3;
    const valueEnd = valueStart + bytes.readUInt16BE(nameEnd + 1);
    headers.set(name, bytes.toString("utf8", valueStart, valueEnd));
    at = valueEnd;
  }
  return headers;
}

function broken(what: string): CliError {
  return new CliError(`the response stream is broken: it holds ${what}`);
}
