export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, its members in their order; undefined without a body. */
  readonly json: Record<string, unknown>;
}

/** Requests as they are on the wire, to see answers as they are there. */
export async function send(
  origin: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<WireAnswer> {
  const response = await fetch(origin + path, {
    method,
    headers,
    ...(body !== undefined && {
      body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
    }),
  });
  const text = await response.text();
  let json = {};
  try {
    json = JSON.parse(text);
  } catch {
    // Not every answer is JSON, and the text says so.
  }
  return { status: response.status, headers: response.headers, text, json };
}
