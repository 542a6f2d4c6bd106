import { utf8Encode } from "../../utf8.ts";
import { atob } from "../base64.ts";
import { parseMimeType, serializeMimeType } from "./mime-type.ts";
import type { Request } from "./request.ts";
import { networkResponse, type Response } from "./response.ts";

/** Answers a fetch of a data: URL, as the Fetch Standard processes them. */
export function dataUrl({ url, method }: Request): Response {
  const text = url.replace(/#.*$/s, "");
  const comma = text.indexOf(",");
  if (comma === -1) throw new TypeError("fetch failed", { cause: new Error("invalid data: URL") });
  let type = text.slice("data:".length, comma).trim();
  let body = percentDecode(text.slice(comma + 1));
  const marker = /; *base64$/i;
  if (marker.test(type)) {
    type = type.replace(marker, "");
    body = decodeBase64(body);
  }
  if (type.startsWith(";")) type = `text/plain${type}`;
  const mimeType = parseMimeType(type);
  const contentType = mimeType === undefined ? "text/plain;charset=US-ASCII" : serializeMimeType(mimeType);
  return networkResponse(
    { status: 200, statusText: "OK", url, redirected: false, headers: [["content-type", contentType]] },
    { kind: "bytes", bytes: latin1Bytes(method === "HEAD" ? "" : body) },
  );
}

function decodeBase64(text: string): string {
  try {
    return atob(text);
  } catch (cause) {
    throw new TypeError("fetch failed", { cause });
  }
}

/** One character for each byte. What is no escape is ASCII in a serialised URL, but for what is encoded here. */
function percentDecode(text: string): string {
  const ascii = text.replace(/[^\0-\x7f]+/g, (part) => String.fromCharCode(...utf8Encode(part)));
  return ascii.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function latin1Bytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}
