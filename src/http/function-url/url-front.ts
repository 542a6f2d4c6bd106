import { randomUUID } from "node:crypto";
import type { Clock } from "../../model/clock.ts";
import { LambdaServiceException, TooManyRequestsException } from "../../model/errors.ts";
import type { UrlDirectory, UrlTarget } from "../../model/functions.ts";
import type { Invoker } from "../../model/invocation.ts";
import type { VersionSpec } from "../../model/version.ts";
import { maxPayloadBytes } from "../limits.ts";
import type { FlowOptions } from "../response-flow.ts";
import type { ResponseSink } from "../response-sink.ts";
import { TraceIds } from "../trace-header.ts";
import { corsHeaders, isPreflight, preflightHeaders } from "./cors.ts";
import type { RequestFacts } from "./request-facts.ts";
import type { RequestTarget } from "./request-target.ts";
import {
  badRequest,
  forbidden,
  internalError,
  methodNotAllowed,
  notReady,
  throttled,
  tooLarge,
  type UrlAnswer,
  unknownUrl,
} from "./url-answers.ts";
import { ClfTime, urlEventText } from "./url-event.ts";
import { UrlExchange } from "./url-exchange.ts";
import type { UrlHost } from "./url-hosts.ts";
import { UrlResponder } from "./url-responder.ts";

/** A request without its body, as plain data: whatever carried it is forgotten here. */
export interface UrlRequest {
  readonly method: string;
  readonly httpVersion: string;
  /** Which URL is called; undefined when nothing of the request names one. */
  readonly host: UrlHost | undefined;
  /** Undefined for a request target that no URL can be asked for. */
  readonly target: RequestTarget | undefined;
  readonly facts: RequestFacts;
}

/** A request that may be invoked once its body is there. */
export interface AdmittedRequest {
  readonly responder: UrlResponder;
  /** @param release Called once when the invocation has settled and the body is needed no more. */
  invoke(body: Buffer | undefined, release?: () => void): void;
  refuse(reason: "tooLarge" | "noRoom"): void;
}

export interface UrlFrontOptions {
  readonly directory: UrlDirectory;
  readonly invoker: Invoker;
  readonly clock: Clock;
  /** Bytes a second of a streamed response after its first 6 MB; 0 is no cap. */
  readonly streamBytesPerSecond: number;
  /** Told of errors that are ours. */
  readonly onBug: (error: unknown) => void;
}

const methods = new Set(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]);

/** The front of all function URLs: who may call, what the function is told, what comes back. Knows no HTTP library. */
export class UrlFront {
  readonly #directory: UrlDirectory;
  readonly #invoker: Invoker;
  readonly #clock: Clock;
  readonly #flow: FlowOptions & { onBug(error: unknown): void };
  readonly #traces = new TraceIds();
  readonly #times = new ClfTime();

  constructor(options: UrlFrontOptions) {
    this.#directory = options.directory;
    this.#invoker = options.invoker;
    this.#clock = options.clock;
    this.#flow = options;
  }

  /** Answers at once what needs no invocation. @returns undefined when it has answered. */
  admit(request: UrlRequest, sink: ResponseSink): AdmittedRequest | undefined {
    const { method, facts, host, target } = request;
    const nowMs = this.#clock.now();
    const trace = this.#traces.next(facts.traceHeader, nowMs);
    const responder = new UrlResponder(sink, method, randomUUID(), trace);
    if (target === undefined) return refuse(responder, badRequest);
    const url = host === undefined ? undefined : this.#directory.findUrl(host.urlId);
    if (host === undefined || url === undefined) return refuse(responder, unknownUrl);
    if (!methods.has(method)) return refuse(responder, methodNotAllowed);
    if (url.cors !== undefined) {
      if (isPreflight(method, facts)) {
        responder.send({ status: 200, headers: preflightHeaders(url.cors, facts) }, "");
        return undefined;
      }
      responder.corsHeaders = corsHeaders(url.cors, facts.origin);
    }
    // A signed request cannot be checked yet, so nobody may call such a URL.
    if (url.authType !== "NONE" || !url.isPublic) return refuse(responder, forbidden);
    const spec = url.spec;
    if (spec === undefined) return refuse(responder, notReady);
    return {
      responder,
      invoke: (body, release) => {
        const payload = urlEventText({
          host,
          method,
          httpVersion: request.httpVersion,
          target,
          facts,
          body,
          requestId: responder.requestId,
          trace: trace.received,
          epochMs: nowMs,
          time: this.#times.at(nowMs),
        });
        this.#invoke(url, spec, payload, trace.runtime, responder, release);
      },
      refuse: (reason) => {
        refuse(responder, reason === "tooLarge" ? tooLarge : busy);
      },
    };
  }

  #invoke(
    url: UrlTarget,
    spec: VersionSpec,
    payload: string,
    traceId: string,
    responder: UrlResponder,
    release: (() => void) | undefined,
  ): void {
    if (isTooLarge(payload)) {
      release?.();
      refuse(responder, tooLarge);
      return;
    }
    const exchange = new UrlExchange(responder, url.invokeMode === "RESPONSE_STREAM", this.#flow, release);
    try {
      exchange.attach(
        this.#invoker.invoke(
          {
            spec,
            requestId: responder.requestId,
            invokedFunctionArn: url.invokedFunctionArn,
            payload,
            traceId,
          },
          exchange,
        ),
      );
    } catch (error) {
      release?.();
      refuse(responder, this.#refusal(error));
    }
  }

  #refusal(error: unknown): UrlAnswer {
    if (error instanceof TooManyRequestsException) return throttled(error.message, error.reason);
    if (!(error instanceof LambdaServiceException)) this.#flow.onBug(error);
    return internalError;
  }
}

const busy = throttled("Rate Exceeded.", "ConcurrentInvocationLimitExceeded");

function refuse(responder: UrlResponder, answer: UrlAnswer): undefined {
  responder.answer(answer);
  return undefined;
}

/** A UTF-16 unit takes at most three bytes, so that short events need no count. */
function isTooLarge(payload: string): boolean {
  if (payload.length * 3 <= maxPayloadBytes) return false;
  return Buffer.byteLength(payload, "utf8") > maxPayloadBytes;
}
