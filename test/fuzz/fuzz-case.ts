/** What a server has to do with a request. */
export type Expectation =
  /** Refused, by a message that has one of these texts in it: it names what was bad. */
  | { readonly kind: "refused"; readonly naming: readonly string[] }
  /** Answered, in whatever way; a refusal does not have this text, if there is one. */
  | { readonly kind: "answered"; readonly without?: string }
  /** Hardly HTTP: besides an answer, a bare 4xx of the HTTP server, or a closed connection will do. */
  | { readonly kind: "any" };

export interface FuzzRequest {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  /** Without Host and Content-Length, unless they are what is odd. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | undefined;
}

export interface FuzzCase {
  readonly operation: string;
  /** What was done to the request, for the summary. */
  readonly mutation: string;
  /** The member it was done to. */
  readonly member: string | undefined;
  readonly request: FuzzRequest;
  readonly expectation: Expectation;
}

/** @param below The result is an integer from 0 up to this, without it. */
export type Random = (below: number) => number;

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[random(from.length)] as T;
}

/** As Lambda's messages name a member: `SnapStart.ApplyOn` is `snapStart.applyOn`. */
export function spoken(path: readonly string[]): string {
  return path.map((part) => part.slice(0, 1).toLowerCase() + part.slice(1)).join(".");
}

/** The bytes on the wire. */
export function toBytes(request: FuzzRequest, host: string): Buffer {
  const has = (name: string) => request.headers.some(([given]) => given.toLowerCase() === name);
  const lines = [`${request.method} ${request.target} HTTP/1.1`];
  if (!has("host")) lines.push(`Host: ${host}`);
  for (const [name, value] of request.headers) lines.push(`${name}: ${value}`);
  const body = request.body ?? Buffer.alloc(0);
  if (request.body !== undefined && !has("content-length") && !has("transfer-encoding")) {
    lines.push(`Content-Length: ${body.byteLength}`);
  }
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), body]);
}
