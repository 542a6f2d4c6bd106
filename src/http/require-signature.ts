import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import type { Context, MiddlewareHandler } from "hono";
import {
  type Authorizer,
  type RequestHead,
  type RequestOrigin,
  type SignatureVerifier,
  toRequestHead,
} from "../access/index.ts";
import {
  InvalidRequestContentException,
  RequestEntityTooLargeException,
  TooManyRequestsException,
} from "../model/errors.ts";
import { maxBodyBytesInFlight, maxPayloadBytes } from "../model/payload-limits.ts";
import { BytesInFlight } from "./bytes-in-flight.ts";
import { isBug, toErrorResponse } from "./error-response.ts";
import { incomingOf } from "./incoming-of.ts";
import { payloadTooLarge } from "./invoke-request.ts";
import { operations } from "./lambda-api/index.ts";
import { peerAddress } from "./peer-address.ts";
import { collectBody, collectWebBody, type RequestBody } from "./request-body.ts";
import { setSigned } from "./signed.ts";

export interface RequireSignatureOptions {
  readonly verifier: SignatureVerifier;
  readonly authorizer: Authorizer;
  /** Believe X-Forwarded-For and -Proto of the connecting peer. */
  readonly trustForwarded: boolean;
  /** How long a function may take to send a request, ms; the listener sees to it for those that come over a connection. */
  readonly requestTimeoutMs: number;
  /** Told of errors that are ours. */
  readonly onBug: (error: unknown) => void;
}

/**
 * Lets nothing through that is not signed by one of the keys. The body is read here, to the last byte, before any
 * route sees the request: no route can forget to check it. What whoever signed it may do, each route asks by `signedOf(c).authorize`.
 */
export function requireSignature(options: RequireSignatureOptions): MiddlewareHandler {
  const { verifier, authorizer, trustForwarded, requestTimeoutMs, onBug } = options;
  const inFlight = new BytesInFlight(maxBodyBytesInFlight);
  // Hostile ones keep each other from sending, and nobody else.
  const inFlightOfFunctions = new BytesInFlight(maxBodyBytesInFlight / 2);
  return async (c, next) => {
    if (hasSignatureOfItsOwn(c)) return next();
    let body: RequestBody | undefined;
    try {
      const head = await verifier.verifyHead(headOf(c));
      const incoming = incomingOf(c);
      body = await (incoming === undefined
        ? readFunctionsBody(c, inFlightOfFunctions, requestTimeoutMs)
        : readBody(c, incoming, inFlight));
      const bytes = wholeBody(c, body);
      const { accessKeyId, principal } = await head.verifyBody(bytes);
      const origin = originOf(c, trustForwarded);
      setSigned(c, {
        accessKeyId,
        principal,
        body: bytes,
        scope: authorizer.scope,
        authorize: (access) => authorizer.authorize(principal, origin, access),
        authorizeEarly: (access) => authorizer.authorizeEarly(principal, origin, access),
      });
      await next();
    } catch (error) {
      if (isBug(error)) onBug(error);
      return toErrorResponse(error, randomUUID());
    } finally {
      if (body?.kind === "whole") body.release();
    }
  };
}

/** Links to code are signed by us, and whoever has one may follow it. */
function hasSignatureOfItsOwn(c: Context): boolean {
  const { method } = c.req;
  return (method === "GET" || method === "HEAD") && /^\/_brisk\/code\/[0-9a-f]{64}$/.test(c.req.path);
}

function headOf(c: Context): RequestHead {
  const incoming = incomingOf(c);
  if (incoming !== undefined) {
    return toRequestHead(incoming.method ?? "GET", incoming.url ?? "/", incoming.rawHeaders);
  }
  const { method, url, headers } = c.req.raw;
  const { host, origin } = new URL(url);
  // Its URL says where it went. A Host header says what a function wants: one that is called with signatures, as by its
  // URL, would have us take them for its callers' requests of the API.
  const rawHeaders = [...headers].filter(([name]) => name !== "host").flat();
  return toRequestHead(method, url.slice(origin.length), [...rawHeaders, "host", host]);
}

function readBody(c: Context, incoming: IncomingMessage, inFlight: BytesInFlight): Promise<RequestBody> {
  return new Promise((done) => collectBody(incoming, limitBytes(c), inFlight, done));
}

function readFunctionsBody(c: Context, inFlight: BytesInFlight, timeoutMs: number): Promise<RequestBody> {
  const signal = AbortSignal.timeout(timeoutMs);
  const body = c.req.raw.body?.pipeThrough(new TransformStream(), { signal }) ?? null;
  return collectWebBody(body, limitBytes(c), inFlight);
}

function limitBytes(c: Context): number {
  return isInvocation(c) ? maxPayloadBytes : largestBodyBytes;
}

function wholeBody(c: Context, body: RequestBody): Buffer {
  switch (body.kind) {
    case "whole":
      return body.bytes;
    case "tooLarge":
      if (isInvocation(c)) throw payloadTooLarge(body.receivedBytes);
      throw new RequestEntityTooLargeException(`Request must be smaller than ${largestBodyBytes} bytes`);
    case "noRoom":
      throw new TooManyRequestsException("CallerRateLimitExceeded");
    case "gone":
      throw new InvalidRequestContentException("The connection closed before the whole request had arrived");
  }
}

/** Operations have limits of their own, and say so themselves; nothing larger than the largest is held for them. */
const largestBodyBytes = Math.max(...operations.map(({ bodyBytes }) => bodyBytes));

function isInvocation(c: Context): boolean {
  return /^\/[\d-]+\/functions\/[^/]+\/(?:response-streaming-)?invocations$/.test(c.req.path);
}

function originOf(c: Context, trustForwarded: boolean): RequestOrigin {
  const incoming = incomingOf(c);
  // A function's request never left this process.
  if (incoming === undefined) return { sourceIp: undefined, isSecure: true };
  const forwarded = trustForwarded ? incoming.headers["x-forwarded-proto"] : undefined;
  return {
    sourceIp: peerAddress(incoming, trustForwarded),
    isSecure: forwarded === undefined ? incoming.socket instanceof TLSSocket : forwarded === "https",
  };
}
