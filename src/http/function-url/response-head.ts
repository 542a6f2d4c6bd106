/** Status and headers as a function wants them, checked. */
export interface ResponseHead {
  readonly status: number;
  /** Flat: name, value, name, value … */
  readonly headers: string[];
}

/** Bounds what one response can make a client and us hold; Lambda's own bound is smaller. */
const maxHeadBytes = 64 * 1024;

const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// What HTTP allows in a value: no control characters (so no line breaks), nothing beyond one byte.
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Lambda keeps these for itself and passes the function's on under another name. */
const remapped = new Set([
  "connection",
  "content-length",
  "date",
  "host",
  "proxy-authenticate",
  "server",
  "www-authenticate",
]);
/** They would break the framing, or pose as ours. */
const dropped = new Set([
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-amzn-requestid",
  "x-amzn-trace-id",
]);

/**
 * @param shape An object with `statusCode`, `headers` and `cookies`, as a function returned or streamed it.
 * @returns undefined when anything in it cannot be sent as it stands.
 */
export function toResponseHead(
  shape: Record<string, unknown>,
  defaultContentType: string,
): ResponseHead | undefined {
  const status = toStatus(shape["statusCode"]);
  if (status === undefined) return undefined;
  const headers: string[] = [];
  const given = shape["headers"];
  let hasContentType = status === 204 || status === 304;
  let bytes = 0;
  if (given !== undefined && given !== null) {
    if (typeof given !== "object" || Array.isArray(given)) return undefined;
    for (const [name, value] of Object.entries(given)) {
      if (value === undefined || value === null) continue;
      const text = toText(value);
      if (text === undefined || !headerName.test(name) || !headerValue.test(text)) return undefined;
      bytes += name.length + text.length;
      const lower = name.toLowerCase();
      if (dropped.has(lower)) continue;
      if (lower === "content-type") hasContentType = true;
      headers.push(remapped.has(lower) ? `x-amzn-Remapped-${name}` : name, text);
    }
  }
  const cookies = shape["cookies"];
  if (cookies !== undefined && cookies !== null) {
    if (!Array.isArray(cookies)) return undefined;
    for (const cookie of cookies) {
      if (typeof cookie !== "string" || !headerValue.test(cookie)) return undefined;
      bytes += cookie.length;
      headers.push("Set-Cookie", cookie);
    }
  }
  if (bytes > maxHeadBytes) return undefined;
  if (!hasContentType) headers.push("Content-Type", defaultContentType);
  return { status, headers };
}

/** A stream's content type as the guest set it, or the default when it cannot be sent. */
export function safeContentType(contentType: string): string {
  return contentType !== "" && contentType.length < 1024 && headerValue.test(contentType)
    ? contentType
    : "application/octet-stream";
}

/** Interim statuses would leave the client waiting for another response. */
function toStatus(value: unknown): number | undefined {
  const status = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  if (typeof status !== "number" || !Number.isInteger(status)) return undefined;
  return status >= 200 && status <= 599 ? status : undefined;
}

function toText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (!Array.isArray(value)) return undefined;
  return value.every(
    (item) => typeof item === "string" || typeof item === "number" || typeof item === "boolean",
  )
    ? value.join(",")
    : undefined;
}
