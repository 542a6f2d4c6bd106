import { randomUUID } from "node:crypto";
import { IncomingMessage, ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import type { Access } from "../access/index.ts";
import { collectInvocation } from "../invoke/index.ts";
import { type Clock, systemClock } from "../model/clock.ts";
import { InvalidRequestContentException, TooManyRequestsException } from "../model/errors.ts";
import { type ArnScope, functionArn, parseFunctionReference } from "../model/function-arn.ts";
import type { FunctionDirectory, InvokeTarget } from "../model/functions.ts";
import type { InvokeRequest, Invoker } from "../model/invocation.ts";
import { maxBodyBytesInFlight, maxPayloadBytes } from "../model/payload-limits.ts";
import { checkTenant } from "../model/tenant.ts";
import { BytesInFlight } from "./bytes-in-flight.ts";
import { isBug, toErrorResponse } from "./error-response.ts";
import { EventStreamResponse } from "./event-stream-response.ts";
import {
  type InvokeOptions,
  parseInvokeHeaders,
  parsePayload,
  parseQualifier,
  payloadTooLarge,
} from "./invoke-request.ts";
import { NodeResponseSink } from "./node-response-sink.ts";
import { collectBody, collectWebBody, type RequestBody } from "./request-body.ts";
import type { ResponseSink } from "./response-sink.ts";
import { signedOf } from "./signed.ts";
import { type Trace, TraceIds } from "./trace-header.ts";
import { WebResponseSink } from "./web-response-sink.ts";

export interface InvocationRoutesOptions {
  readonly directory: FunctionDirectory;
  readonly invoker: Invoker;
  readonly clock?: Clock;
  /** See {@link Config}; 0 by default. */
  readonly streamBytesPerSecond?: number;
  /** Told of errors that are ours. */
  readonly onBug?: (error: unknown) => void;
}

/** A request that was read, resolved and found acceptable. */
interface ReadInvocation {
  readonly target: InvokeTarget;
  readonly options: InvokeOptions;
  readonly request: InvokeRequest;
  readonly trace: Trace;
  release(): void;
}

/** Invoke and InvokeWithResponseStream, to be mounted at `/`. */
export function invocationRoutes(options: InvocationRoutesOptions): Hono {
  const { invoker, clock = systemClock, streamBytesPerSecond = 0, onBug = () => {} } = options;
  const reader = new InvocationReader(options.directory, clock);
  const app = new Hono();

  const answer = async (handle: (requestId: string) => Promise<Response>): Promise<Response> => {
    const requestId = randomUUID();
    try {
      return await handle(requestId);
    } catch (error) {
      if (isBug(error)) onBug(error);
      return toErrorResponse(error, requestId);
    }
  };

  app.post("/2015-03-31/functions/:name/invocations", (c) =>
    answer(async (requestId) => {
      const read = await reader.read(c, "Invoke", requestId);
      try {
        if (read.options.isDryRun) return dryRun(read, requestId);
        const result = await collectInvocation(invoker, read.request, {
          logTail: read.options.logTail,
        });
        const headers = ["Content-Type", "application/json", ...standardHeaders(read, requestId)];
        if (result.failed) headers.push("X-Amz-Function-Error", "Unhandled");
        if (read.options.logTail)
          headers.push("X-Amz-Log-Result", (result.logTail ?? Buffer.alloc(0)).toString("base64"));
        headers.push("Content-Length", String(result.payload.length));
        return respond(c, (sink) => sink.send(200, headers, result.payload));
      } finally {
        read.release();
      }
    }),
  );

  app.post("/2021-11-15/functions/:name/response-streaming-invocations", (c) =>
    answer(async (requestId) => {
      const read = await reader.read(c, "InvokeWithResponseStream", requestId);
      try {
        if (read.options.isDryRun) return dryRun(read, requestId);
        const headers = [
          "Content-Type",
          "application/vnd.amazon.eventstream",
          ...standardHeaders(read, requestId),
        ];
        return respond(c, (sink) => {
          const response = new EventStreamResponse(sink, requestId, headers, { clock, streamBytesPerSecond });
          response.attach(invoker.invoke(read.request, response, { logTail: read.options.logTail }));
        });
      } finally {
        read.release();
      }
    }),
  );
  return app;
}

/** From a Hono request to an invocation. Reads node's own objects where there are some: building web ones costs more than all the rest. */
class InvocationReader {
  readonly #directory: FunctionDirectory;
  readonly #clock: Clock;
  readonly #traces = new TraceIds();
  readonly #bodies = new BytesInFlight(maxBodyBytesInFlight);

  constructor(directory: FunctionDirectory, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /** @throws {LambdaServiceException} For every request that Lambda refuses. */
  async read(c: Context, operation: "Invoke" | "InvokeWithResponseStream", requestId: string) {
    const header = headerReader(c);
    const options = parseInvokeHeaders(header, operation);
    const name = c.req.param("name") ?? "";
    const qualifier = parseQualifier(c.req.query("Qualifier"));
    const signed = signedOf(c);
    // Before anything is looked up: whoever may not invoke it does not learn whether it exists.
    if (signed !== undefined) signed.authorize(invocationAccess(signed.scope, name, qualifier));
    const target = this.#directory.resolveInvoke(name, qualifier);
    checkTenant(target.spec, options.tenantId);
    const trace = this.#traces.next(header("x-amzn-trace-id"), this.#clock.now());
    const body = await this.#body(c);
    try {
      const request: InvokeRequest = {
        spec: target.spec,
        requestId,
        invokedFunctionArn: target.invokedFunctionArn,
        payload: parsePayload(body.bytes),
        traceId: trace.runtime,
        ...(options.clientContext === undefined ? undefined : { clientContext: options.clientContext }),
        ...(options.tenantId === undefined ? undefined : { tenantId: options.tenantId }),
      };
      return { target, options, request, trace, release: body.release } satisfies ReadInvocation;
    } catch (error) {
      body.release();
      throw error;
    }
  }

  async #body(c: Context): Promise<Extract<RequestBody, { kind: "whole" }>> {
    const signed = signedOf(c);
    // Whoever verified it holds it until we have answered.
    if (signed !== undefined) return { kind: "whole", bytes: signed.body, release: () => {} };
    const node = nodeCarrier(c);
    const body = await (node === undefined
      ? collectWebBody(c.req.raw.body, maxPayloadBytes, this.#bodies)
      : new Promise<RequestBody>((done) => collectBody(node.incoming, maxPayloadBytes, this.#bodies, done)));
    switch (body.kind) {
      case "whole":
        return body;
      case "tooLarge":
        throw payloadTooLarge(body.receivedBytes);
      case "noRoom":
        throw new TooManyRequestsException("ConcurrentInvocationLimitExceeded");
      case "gone":
        throw new InvalidRequestContentException(
          "The connection closed before the whole request had arrived",
        );
    }
  }
}

function invocationAccess(scope: ArnScope, nameOrArn: string, given: string | undefined): Access {
  const { name, qualifier } = parseFunctionReference(scope, nameOrArn, given);
  return {
    action: "lambda:InvokeFunction",
    resource: functionArn(scope, name, qualifier),
    context: { "lambda:invokedviafunctionurl": "false" },
  };
}

function dryRun(read: ReadInvocation, requestId: string): Response {
  return new Response(null, {
    status: 204,
    headers: { "x-amzn-RequestId": requestId, "X-Amzn-Trace-Id": read.trace.answered },
  });
}

function standardHeaders(read: ReadInvocation, requestId: string): string[] {
  return [
    "x-amzn-RequestId",
    requestId,
    "X-Amzn-Trace-Id",
    read.trace.answered,
    "X-Amz-Executed-Version",
    read.target.spec.version,
  ];
}

/** Answers through node's response where there is one, else through a web-standard one. */
function respond(c: Context, write: (sink: ResponseSink) => void): Response | Promise<Response> {
  const node = nodeCarrier(c);
  if (node !== undefined) {
    write(new NodeResponseSink(node.outgoing));
    return RESPONSE_ALREADY_SENT;
  }
  const sink = new WebResponseSink(c.req.raw.signal);
  write(sink);
  return sink.response;
}

function nodeCarrier(c: Context): { incoming: IncomingMessage; outgoing: ServerResponse } | undefined {
  const { incoming, outgoing } = (c.env ?? {}) as { incoming?: unknown; outgoing?: unknown };
  return incoming instanceof IncomingMessage && outgoing instanceof ServerResponse
    ? { incoming, outgoing }
    : undefined;
}

function headerReader(c: Context): (name: string) => string | undefined {
  const node = nodeCarrier(c);
  if (node === undefined) return (name) => c.req.header(name);
  return (name) => {
    const value = node.incoming.headers[name];
    return Array.isArray(value) ? value.join(",") : value;
  };
}
