import { callAsync } from "../../../bridge.ts";
import { wholeBuffer } from "../../bytes.ts";
import { nextFetchHandle } from "../../fetch-handle.ts";
import { type AbortSignal, onAbort } from "../abort.ts";
import type { URL } from "../url.ts";
import { blobUrl } from "./blob-url.ts";
import { type BodyContent, bodyContent, bytesOfContent, sourceOf, takeBody } from "./body.ts";
import { dataUrl } from "./data-url.ts";
import { NetworkBody } from "./network-body.ts";
import { Request, type RequestInit, requestSignal } from "./request.ts";
import { networkResponse, type Response, type ResponseHead } from "./response.ts";
import { uploadBody } from "./upload-body.ts";

/** Longer bodies are handed over in pieces, so that nothing in between holds them whole. */
const MAX_WHOLE_BODY_BYTES = 1024 * 1024;

export async function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  if (arguments.length === 0) throw new TypeError("fetch needs a URL or a Request");
  const request = new Request(input, init);
  const signal = requestSignal(request);
  signal?.throwIfAborted();
  const scheme = request.url.slice(0, request.url.indexOf(":"));
  if (scheme === "data") return dataUrl(request);
  if (scheme === "blob") return blobUrl(request);
  if (scheme !== "http" && scheme !== "https") {
    const cause = new Error(scheme === "about" ? "about scheme is not supported" : "unknown scheme");
    throw new TypeError("fetch failed", { cause });
  }
  return overNetwork(request, signal);
}

async function overNetwork(request: Request, signal: AbortSignal | undefined): Promise<Response> {
  const content = bodyContent(request) === null ? null : takeBody(request);
  const whole = content === null ? null : wholeBody(content);
  const handle = nextFetchHandle();
  const body = new NetworkBody(handle);
  const head = JSON.stringify({
    method: request.method,
    url: request.url,
    headers: headersOf(request),
    redirect: request.redirect,
    hasBody: content !== null,
  });
  const { promise: failure, reject } = Promise.withResolvers<never>();
  failure.catch(() => {});
  const fail = (error: unknown) => {
    body.fail(error);
    reject(error);
  };
  const stopFollowing = signal === undefined ? undefined : onAbort(signal, () => fail(signal.reason));
  body.onEnd = stopFollowing;
  try {
    const opened = callAsync("fetch.open", handle, head, whole);
    if (content !== null && whole === null) {
      const upload = sourceOf(content);
      uploadBody(handle, upload, () => body.hasEnded).catch(fail);
    }
    const answer = JSON.parse(
      (await Promise.race([opened.catch(asFetchFailure), failure])) as string,
    ) as ResponseHead;
    const hasNoBody = request.method === "HEAD";
    if (hasNoBody) body.discard();
    return networkResponse(answer, hasNoBody ? null : { kind: "source", source: body });
  } catch (error) {
    body.discard();
    throw error;
  }
}

/** undici's wording: what went wrong is the cause. */
function asFetchFailure(cause: unknown): never {
  throw new TypeError("fetch failed", { cause });
}

function wholeBody(content: BodyContent): Uint8Array | null {
  if (content.kind !== "text" && content.kind !== "bytes") return null;
  const bytes = bytesOfContent(content);
  return bytes.length <= MAX_WHOLE_BODY_BYTES ? wholeBuffer(bytes) : null;
}

function headersOf(request: Request): [string, string][] {
  return [...request.headers];
}
