import type { Blob } from "../blob.ts";
import { blobOfUrl } from "../object-urls.ts";
import type { Request } from "./request.ts";
import { networkResponse, type Response } from "./response.ts";

/** Answers a fetch of a blob: URL, as the Fetch Standard does: whole, or the one range that was asked for. */
export async function blobUrl(request: Request): Promise<Response> {
  const { url, method, headers } = request;
  const blob = blobOfUrl(url) as Blob | undefined;
  if (method !== "GET" || blob === undefined) throw failure("invalid method");
  const { size, type } = blob;
  const wanted = headers.get("range");
  if (wanted === null) {
    const head = { status: 200, statusText: "OK", url, redirected: false, headers: headersOf(size, type) };
    return networkResponse(head, { kind: "bytes", bytes: (await blob.bytes()) as Uint8Array<ArrayBuffer> });
  }
  const range = rangeOf(wanted, size);
  if (range === undefined) throw failure("failed to fetch the data URL");
  const { from, to } = range;
  const part = blob.slice(from, to + 1, type);
  const head = {
    status: 206,
    statusText: "Partial Content",
    url,
    redirected: false,
    headers: [...headersOf(part.size, type), ["content-range", `bytes ${from}-${to}/${size}`] as const],
  };
  return networkResponse(head, { kind: "bytes", bytes: (await part.bytes()) as Uint8Array<ArrayBuffer> });
}

function headersOf(size: number, type: string): (readonly [string, string])[] {
  return [
    ["content-length", `${size}`],
    ["content-type", type],
  ];
}

/** A single range, both ends of which belong to it; undefined for one that the blob does not have. */
function rangeOf(value: string, size: number): { from: number; to: number } | undefined {
  const found = /^bytes[\t ]*=[\t ]*(\d*)[\t ]*-[\t ]*(\d*)$/.exec(value);
  if (found === null) return undefined;
  const [, first = "", last = ""] = found;
  if (first === "") return last === "" ? undefined : { from: Math.max(size - Number(last), 0), to: size - 1 };
  const from = Number(first);
  const to = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return from < size && from <= to ? { from, to } : undefined;
}

function failure(reason: string): TypeError {
  return new TypeError("fetch failed", { cause: new Error(reason) });
}
