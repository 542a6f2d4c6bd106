import { Agent, type Dispatcher, request } from "undici";
import { CliError, UsageError } from "./cli-error.ts";
import { tlsAdvice } from "./trusted-authorities.ts";

export const defaultEndpoint = "http://127.0.0.1:9000";

/** The API refused, in Lambda's words. */
export class ApiError extends CliError {
  readonly code: string;
  readonly status: number;
  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
  }
}

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Encoded by the caller; begins with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: Uint8Array;
}

export interface ApiResponse {
  readonly status: number;
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Buffer> & { text(): Promise<string> };
}

/** Adds to a request's headers what signs it. */
export type SignRequest = (request: {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}) => Promise<Record<string, string>>;

export interface ApiClientOptions {
  readonly signal: AbortSignal;
  readonly sign?: SignRequest | undefined;
  /** PEM of the certificate authorities to trust in place of node's own list. */
  readonly authorities?: readonly string[] | undefined;
}

/** The Lambda API over HTTP, as far as the commands need it. Reads no credentials: who makes it knows how to sign. */
export class ApiClient {
  readonly #endpoint: URL;
  readonly #signal: AbortSignal;
  readonly #sign: SignRequest | undefined;
  readonly #agent: Agent | undefined;

  /** @throws {UsageError} The endpoint is no http(s) URL. */
  constructor(endpoint: string, { signal, sign, authorities }: ApiClientOptions) {
    this.#endpoint = parseEndpoint(endpoint);
    this.#signal = signal;
    this.#sign = sign;
    this.#agent = authorities && new Agent({ connect: { ca: [...authorities] } });
  }

  get endpoint(): string {
    return this.#endpoint.origin;
  }

  /** @throws {ApiError} For any status from 400 on. @throws {CliError} When nobody answers. */
  async send(call: ApiRequest): Promise<ApiResponse> {
    const url = new URL(this.#endpoint.pathname.replace(/\/$/, "") + call.path, this.#endpoint);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const { method } = call;
    const plainHeaders = {
      ...(call.json === undefined ? {} : { "content-type": "application/json" }),
      ...call.headers,
    };
    const content = call.json === undefined ? (call.body ?? null) : JSON.stringify(call.json);
    const sent = { method, url, headers: plainHeaders, body: content };
    const signedHeaders = (await this.#sign?.(sent)) ?? plainHeaders;
    let response: Dispatcher.ResponseData;
    try {
      response = await request(url, {
        method,
        headers: signedHeaders,
        body: content,
        signal: this.#signal,
        ...(this.#agent && { dispatcher: this.#agent }),
        // A function may take fifteen minutes to answer, and a log that is followed may be silent for longer.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
    } catch (error) {
      throw this.#unreachable(error);
    }
    const { statusCode, headers, body } = response;
    const header = (name: string) => {
      const value = headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(", ") : value;
    };
    if (statusCode >= 400) {
      throw withAdvice(toApiError(statusCode, header("x-amzn-errortype"), await body.text()));
    }
    return { status: statusCode, header, body };
  }

  /** As `send`, for an answer that is one JSON object. `T` is trusted: the server is ours. */
  async json<T>(call: ApiRequest): Promise<T> {
    const response = await this.send(call);
    const text = await response.body.text();
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new CliError(`${this.endpoint} does not answer like the Lambda API: ${text.slice(0, 80)}`, {
        cause: error,
      });
    }
  }

  #unreachable(error: unknown): unknown {
    if (this.#signal.aborted) return error;
    const code = connectionCode(error);
    if (code === "ECONNREFUSED") {
      return new CliError(
        `cannot reach Brisk at ${this.endpoint}: connection refused (is it running? start it with "brisk serve", or name another one with --endpoint-url)`,
        { cause: error },
      );
    }
    const reason = tlsAdvice(code ?? "") ?? (error instanceof Error ? error.message : String(error));
    return new CliError(`cannot reach Brisk at ${this.endpoint}: ${reason}`, { cause: error });
  }
}

/** Path of a function's resources, with the name encoded. */
export function functionPath(name: string, rest = "", version = "2015-03-31"): string {
  return `/${version}/functions/${encodeURIComponent(name)}${rest}`;
}

function parseEndpoint(endpoint: string): URL {
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch (error) {
    throw new UsageError(`--endpoint-url "${endpoint}" is not a URL; it looks like ${defaultEndpoint}`, {
      cause: error,
    });
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new UsageError(`--endpoint-url "${endpoint}" is not an http or https URL`);
  }
  return url;
}

function toApiError(status: number, type: string | undefined, text: string): ApiError {
  let message: string | undefined;
  let code = type?.split(":")[0] ?? "";
  try {
    const body = JSON.parse(text) as { message?: string; Message?: string; Code?: string };
    message = body.message ?? body.Message;
    if (code === "") code = body.Code ?? "";
  } catch {
    message = text.slice(0, 200);
  }
  return new ApiError(code, status, message || `HTTP ${status} ${code}`.trim());
}

/** Where the remedy lies on this side. */
function withAdvice(error: ApiError): ApiError {
  const advice = remedies[error.code];
  return advice === undefined
    ? error
    : new ApiError(error.code, error.status, `${error.message} (${advice})`);
}

const remedies: Readonly<Record<string, string>> = {
  MissingAuthenticationTokenException:
    "this server wants signed requests: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  UnrecognizedClientException: "AWS_ACCESS_KEY_ID is no key of this server, or AWS_SESSION_TOKEN is set",
  InvalidSignatureException: "check AWS_SECRET_ACCESS_KEY, AWS_REGION, and this machine's clock",
};

function connectionCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Several addresses were tried (localhost is two): all of them failed, and the first says it.
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  return (first as NodeJS.ErrnoException).code ?? connectionCode(error.cause);
}
