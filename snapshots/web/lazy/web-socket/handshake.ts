import { callSync } from "../../../bridge.ts";
import { concatBytes, wholeBuffer } from "../../bytes.ts";
import { latin1Decode } from "../../latin1.ts";
import { loadLazy } from "../../lazy.ts";
import { utf8Encode } from "../../utf8.ts";
import { fillRandom } from "../random.ts";
import type { URL } from "../url.ts";

const MAX_HEAD_BYTES = 32 * 1024;
/** What every server appends to the key, so that no other kind of server answers by chance. */
const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export interface Handshake {
  readonly request: Uint8Array<ArrayBuffer>;
  /** What the server has to answer the key with. */
  readonly accept: string;
}

/** @param headers Besides those of the protocol. @throws {TypeError} One of them would break the request. */
export function handshakeFor(
  url: URL,
  protocols: readonly string[],
  headers: readonly (readonly [string, string])[],
): Handshake {
  const key = base64(randomBytes(16));
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `host: ${url.host}`,
    "connection: Upgrade",
    "upgrade: websocket",
    `sec-websocket-key: ${key}`,
    "sec-websocket-version: 13",
  ];
  if (protocols.length > 0) lines.push(`sec-websocket-protocol: ${protocols.join(", ")}`);
  for (const [name, value] of headers) {
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new TypeError(`The header "${name}" is malformed`);
    }
    lines.push(`${name}: ${value}`);
  }
  const digest = callSync("crypto.digest", "sha1", utf8Encode(key + KEY_SUFFIX)) as Uint8Array;
  return { request: utf8Encode(`${lines.join("\r\n")}\r\n\r\n`), accept: base64(digest) };
}

/** Reads a server's answer from what the connection brings. */
export class ResponseReader {
  #bytes: Uint8Array = new Uint8Array(0);

  /** @returns The head and what came behind it, or undefined while it is not complete. @throws {Error} It is too long. */
  add(bytes: Uint8Array): { head: ResponseHead; rest: Uint8Array } | undefined {
    this.#bytes = concatBytes([this.#bytes, bytes]);
    const text = latin1Decode(this.#bytes.subarray(0, MAX_HEAD_BYTES));
    const end = text.indexOf("\r\n\r\n");
    if (end === -1) {
      if (this.#bytes.length >= MAX_HEAD_BYTES) throw new Error("The response's head is too long");
      return undefined;
    }
    return { head: parseHead(text.slice(0, end)), rest: this.#bytes.slice(end + 4) };
  }
}

interface ResponseHead {
  readonly status: number;
  /** By their names in lower case; several of one name are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
}

function parseHead(text: string): ResponseHead {
  const [first = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3})( |$)/.exec(first)?.[1];
  if (status === undefined) throw new Error("The server does not answer in HTTP/1.1");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status), headers };
}

/** @returns The protocol that the server chose. @throws {Error} The answer opens no WebSocket. */
export function checkResponse(
  { status, headers }: ResponseHead,
  accept: string,
  protocols: readonly string[],
): string {
  if (status !== 101) throw new Error(`Received network error or non-101 status code (${status}).`);
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new Error('Server did not set Upgrade header to "websocket".');
  }
  const connection =
    headers
      .get("connection")
      ?.toLowerCase()
      .split(/\s*,\s*/) ?? [];
  if (!connection.includes("upgrade")) throw new Error('Server did not set Connection header to "upgrade".');
  if (headers.get("sec-websocket-accept") !== accept) {
    throw new Error("Incorrect hash received in Sec-WebSocket-Accept header.");
  }
  if (headers.has("sec-websocket-extensions")) {
    throw new Error("Sec-WebSocket-Extensions was received, and none was asked for.");
  }
  const protocol = headers.get("sec-websocket-protocol");
  if (protocol !== undefined && !protocols.includes(protocol)) {
    throw new Error("Protocol was not set in the opening handshake.");
  }
  return protocol ?? "";
}

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  fillRandom(bytes);
  return wholeBuffer(bytes);
}

function base64(bytes: Uint8Array): string {
  return loadLazy("base64").btoa(latin1Decode(bytes));
}
