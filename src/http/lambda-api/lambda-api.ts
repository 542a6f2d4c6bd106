import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { type Context, Hono } from "hono";
import type { FunctionService } from "../../control/index.ts";
import { type Clock, systemClock } from "../../model/clock.ts";
import { AccessDeniedException, LambdaServiceException } from "../../model/errors.ts";
import { maxBodyBytesInFlight } from "../../model/payload-limits.ts";
import { BytesInFlight } from "../bytes-in-flight.ts";
import { noteCall } from "../call-note.ts";
import { isBug, toErrorResponse } from "../error-response.ts";
import { signedOf } from "../signed.ts";
import { CodeLinks } from "./code-links.ts";
import type { Operation, OperationContext } from "./operation.ts";
import { accessesOf, earlyAccessOf } from "./operation-access.ts";
import { operations } from "./operations/index.ts";
import { Presenter } from "./presenter.ts";
import { type JsonBody, readJsonBody } from "./request-body.ts";
import { refusalOf, unsupportedOperations } from "./unsupported-operations.ts";
import { toValidationError } from "./validation-error.ts";

export interface LambdaApiOptions {
  readonly functions: FunctionService;
  /** Where a function URL answers, with the slash at its end. Asked at each request: ports are known late. */
  readonly urlFor: (urlId: string) => string;
  /** Secret of this installation, which signs links to code. */
  readonly linkKey: Uint8Array;
  readonly clock?: Clock;
  /** Told of our own errors; the client only learns that there was one. */
  readonly onBug?: (error: unknown) => void;
}

/**
 * The control operations of the Lambda API. It does not look at who asks: the guard, and whatever serves
 * invocations, go before it.
 */
export function createLambdaApi(options: LambdaApiOptions): Hono {
  const { functions, urlFor, linkKey, clock = systemClock, onBug = console.error } = options;
  const codeLinks = new CodeLinks(linkKey, clock);
  const present = new Presenter(functions.scope, urlFor, (version) => functions.snapshot(version));
  const inFlight = new BytesInFlight(maxBodyBytesInFlight);
  // Older SDKs end `/functions` with a slash.
  const app = new Hono({ strict: false });

  for (const operation of operations) {
    const [path = "", fixed = ""] = operation.path.split("?");
    app.on(operation.method, route(path), (c, next) => {
      if (!hasQuery(c, fixed)) return next();
      const context: OperationContext = { functions, present, codeLinks, origin: new URL(c.req.url).origin };
      return answer(c, operation, { context, inFlight, onBug });
    });
  }
  for (const operation of unsupportedOperations) {
    const [path = "", fixed = ""] = operation.path.split("?");
    app.on(operation.method, route(path), (c, next) =>
      hasQuery(c, fixed) ? toErrorResponse(refusalOf(operation), randomUUID()) : next(),
    );
  }
  app.get("/_brisk/code/:hash{[0-9a-f]{64}}", async (c) => {
    const hash = c.req.param("hash");
    if (!codeLinks.verify(hash, c.req.query("expires") ?? "", c.req.query("signature") ?? "")) {
      return toErrorResponse(
        new AccessDeniedException("The link is not valid, or has expired"),
        randomUUID(),
      );
    }
    return codeResponse(await functions.code(hash));
  });
  // A route, and not Hono's notFound, which an app that mounts this one would not see.
  app.all("*", (c) =>
    toErrorResponse(
      new LambdaServiceException(
        "UnknownOperationException",
        404,
        "client",
        `No operation of the Lambda API is at ${c.req.method} ${c.req.path.slice(0, 256)}`,
      ),
      randomUUID(),
    ),
  );
  app.onError((error) => {
    onBug(error);
    return toErrorResponse(error, randomUUID());
  });
  return app;
}

/** Read within a few milliseconds, and its refusal names what it is about. */
const largeBodyBytes = 256 * 1024;

/** One request, from its members to the reply or the refusal. */
async function answer(c: Context, operation: Operation, parts: AnswerParts): Promise<Response> {
  const requestId = randomUUID();
  try {
    using body = await readBody(c, operation, parts.inFlight);
    const parsed = operation.input.safeParse(membersOf(c, operation, body), { reportInput: true });
    if (!parsed.success) throw toValidationError(parsed.error.issues);
    noteCall(c, { input: parsed.data });
    const signed = signedOf(c);
    if (signed !== undefined) {
      const input = parsed.data as Readonly<Record<string, unknown>>;
      const { eventSourceMappings } = parts.context.functions;
      const mapped = (uuid: string) => eventSourceMappings.functionOf(uuid);
      for (const access of accessesOf(operation, input, signed.scope, mapped)) signed.authorize(access);
    }
    const output = await operation.run(parts.context, parsed.data);
    noteCall(c, { output });
    const headers = { "x-amzn-RequestId": requestId };
    if (output === undefined) return new Response(null, { status: operation.status, headers });
    return Response.json(output, { status: operation.status, headers });
  } catch (error) {
    if (isBug(error)) parts.onBug(error);
    return toErrorResponse(error, requestId);
  }
}

interface AnswerParts {
  readonly context: OperationContext;
  readonly inFlight: BytesInFlight;
  readonly onBug: (error: unknown) => void;
}

async function readBody(c: Context, operation: Operation, inFlight: BytesInFlight): Promise<JsonBody | null> {
  if (operation.bodyMembers.length === 0) return null;
  const { name, bodyBytes } = operation;
  const signed = signedOf(c);
  const signedBody = signed?.body;
  if (signed !== undefined && signed.body.byteLength > largeBodyBytes) {
    // Taking it apart stalls everybody: whoever may not do this anyway is told before.
    signed.authorizeEarly(earlyAccessOf(operation, membersOf(c, operation, null), signed.scope));
  }
  return readJsonBody(c.req.raw, { limitBytes: bodyBytes, operation: name, inFlight, signedBody });
}

/** The members from where the model has them; what is not there stays away. */
function membersOf(c: Context, operation: Operation, body: JsonBody | null): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const name of operation.queryMembers) {
    input[name] = operation.queryLists.includes(name) ? c.req.queries(name) : c.req.query(name);
  }
  for (const name of operation.uriMembers) input[name] = c.req.param(name);
  for (const name of operation.bodyMembers) {
    if (body !== null && Object.hasOwn(body.members, name)) input[name] = body.members[name];
  }
  return input;
}

/** One that is damaged breaks off before its end, and the client sees that bytes are missing. */
function codeResponse(zip: Awaited<ReturnType<FunctionService["code"]>>): Response {
  if (zip === undefined) return new Response(null, { status: 404 });
  return new Response(Readable.toWeb(Readable.from(zip.content.read())) as ReadableStream, {
    headers: {
      "Content-Type": "application/zip",
      "Content-Length": String(zip.bytes),
      "Content-Disposition": "attachment",
      "X-Content-Type-Options": "nosniff",
    },
  });
}

/** Two operations may share a path, and one of them then has a query that tells it apart. */
function hasQuery(c: Context, fixed: string): boolean {
  return [...new URLSearchParams(fixed)].every(([name, value]) => c.req.query(name) === value);
}

/** The model's `{Member}` is `:Member` in Hono. */
function route(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
