import { concatBytes } from "../../bytes.ts";
import { utf8Decode, utf8Encode } from "../../utf8.ts";

/** One part of a multipart/form-data body; one with a filename is a file. */
export interface FormPart {
  readonly name: string;
  readonly filename?: string | undefined;
  readonly type?: string;
  readonly content: Uint8Array;
}

const CR = 13;
const LF = 10;
const DASH = 45;

/** Undefined when `bytes` is not a well-formed form: nothing is guessed. */
export function parseMultipart(bytes: Uint8Array, boundary: string): FormPart[] | undefined {
  const delimiter = utf8Encode(`--${boundary}`);
  const parts: FormPart[] = [];
  let position = startsWith(bytes, delimiter, 0) ? 0 : find(bytes, utf8Encode(`\r\n--${boundary}`), 0) + 2;
  if (position === 1) return undefined;
  const separator = utf8Encode(`\r\n--${boundary}`);
  for (;;) {
    position += delimiter.length;
    if (bytes[position] === DASH && bytes[position + 1] === DASH) return parts;
    while (bytes[position] === 0x20 || bytes[position] === 0x09) position++;
    if (bytes[position] !== CR || bytes[position + 1] !== LF) return undefined;
    position += 2;
    const head = readHead(bytes, position);
    if (head === undefined) return undefined;
    const end = find(bytes, separator, head.end - 2);
    if (end === -1) return undefined;
    // A part without content: its separator's line break is the one that ends the head.
    const content = bytes.slice(head.end, Math.max(end, head.end));
    parts.push({ name: head.name, filename: head.filename, type: head.type, content });
    position = end + 2;
  }
}

interface PartHead {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string;
  readonly end: number;
}

function readHead(bytes: Uint8Array, start: number): PartHead | undefined {
  let position = start;
  let name: string | undefined;
  let filename: string | undefined;
  let type: string | undefined;
  while (bytes[position] !== CR || bytes[position + 1] !== LF) {
    const end = endOfLine(bytes, position);
    if (end === -1) return undefined;
    const line = utf8Decode(bytes.subarray(position, end), false) ?? "";
    const colon = line.indexOf(":");
    if (colon < 1) return undefined;
    const value = line.slice(colon + 1).trim();
    switch (line.slice(0, colon).toLowerCase()) {
      case "content-disposition": {
        if (!/^form-data\s*(;|$)/i.test(value)) return undefined;
        name = parameter(value, "name");
        filename = parameter(value, "filename");
        break;
      }
      case "content-type":
        type = value;
        break;
      default:
    }
    position = end + 2;
  }
  if (name === undefined) return undefined;
  return {
    name,
    filename,
    type: type ?? "text/plain",
    end: position + 2,
  };
}

function parameter(value: string, key: string): string | undefined {
  const found = new RegExp(`;\\s*${key}=(?:"([^"]*)"|([^;\\s"]*))`, "i").exec(value);
  const text = found?.[1] ?? found?.[2];
  return text?.replace(/%0A/gi, "\n").replace(/%0D/gi, "\r").replace(/%22/g, '"');
}

function endOfLine(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(CR, from); at !== -1; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] === LF) return at;
  }
  return -1;
}

function startsWith(bytes: Uint8Array, wanted: Uint8Array, at: number): boolean {
  if (at + wanted.length > bytes.length) return false;
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

function find(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(wanted[0]!, from); at !== -1; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (startsWith(bytes, wanted, at)) return at;
  }
  return -1;
}

export function serializeMultipart(parts: readonly FormPart[], boundary: string): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  for (const { name, filename, type, content } of parts) {
    const file = filename === undefined ? "" : `; filename="${escapeName(filename)}"`;
    const contentType =
      filename === undefined
        ? ""
        : `Content-Type: ${type === undefined || type === "" ? "application/octet-stream" : type}\r\n`;
    const line = `Content-Disposition: form-data; name="${escapeName(name.replace(/\r\n?|\n/g, "\r\n"))}"${file}\r\n`;
    pieces.push(utf8Encode(`--${boundary}\r\n${line}${contentType}\r\n`), content, utf8Encode("\r\n"));
  }
  pieces.push(utf8Encode(`--${boundary}--\r\n`));
  return concatBytes(pieces);
}

function escapeName(name: string): string {
  return name.replace(/\n/g, "%0A").replace(/\r/g, "%0D").replace(/"/g, "%22");
}
