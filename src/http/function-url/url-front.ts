import { randomUUID } from "node:crypto";
import type { Clock } from "../../model/clock.ts";
import { LambdaServiceException, TooManyRequestsException } from "../../model/errors.ts";
import type { UrlDirectory, UrlTarget } from "../../model/functions.ts";
import type { Invoker } from "../../model/invocation.ts";
import { maxPayloadBytes } from "../../model/payload-limits.ts";
import type { VersionSpec } from "../../model/version.ts";
import type { FlowOptions } from "../response-flow.ts";
import type { ResponseSink } from "../response-sink.ts";
import { type Trace, TraceIds } from "../trace-header.ts";
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
import { ClfTime, type UrlEventTemplate, urlEventTemplate, urlEventText } from "./url-event.ts";
import { UrlExchange } from "./url-exchange.ts";
import type { UrlHost } from "./url-hosts.ts";
import { UrlResponder } from "./url-responder.ts";

/** A request without its body, as plain data: whatever carried it is forgotten here. May be used again for an equal one. */
export class UrlRequest {
  readonly method: string;
  readonly httpVersion: string;
  /** Which URL is called; undefined when nothing of the request names one. */
  readonly host: UrlHost | undefined;
  /** Undefined for a request target that no URL can be asked for. */
  readonly target: RequestTarget | undefined;
  readonly facts: RequestFacts;
  #template: UrlEventTemplate | undefined;

  constructor(
    method: string,
    httpVersion: string,
    host: UrlHost | undefined,
    target: RequestTarget | undefined,
    facts: RequestFacts,
  ) {
    this.method = method;
    this.httpVersion = httpVersion;
    this.host = host;
    this.target = target;
    this.facts = facts;
  }

  template(host: UrlHost, target: RequestTarget): UrlEventTemplate {
    this.#template ??= urlEventTemplate(host, this.method, this.httpVersion, target, this.facts);
    return this.#template;
  }
}

/** A request that may be invoked once its body is there. */
export interface AdmittedRequest {
  readonly url: UrlTarget;
  readonly spec: VersionSpec;
  readonly template: UrlEventTemplate;
  readonly isText: boolean;
  readonly trace: Trace;
  readonly epochMs: number;
  readonly responder: UrlResponder;
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
    const epochMs = this.#clock.now();
    const trace = this.#traces.next(facts.traceHeader, epochMs);
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
    const template = request.template(host, target);
    return { url, spec, template, isText: facts.isText, trace, epochMs, responder };
  }

  /** @param release Called once when the invocation has settled and the body is needed no more. */
  invoke(admitted: AdmittedRequest, body: Buffer | undefined, release?: () => void): void {
    const { url, spec, trace, responder, epochMs } = admitted;
    const { requestId } = responder;
    const payload = urlEventText(admitted.template, {
      requestId,
      traceJson: trace.receivedJson,
      epochMs,
      time: this.#times.at(epochMs),
      body,
      isText: admitted.isText,
    });
    if (isTooLarge(payload)) {
      release?.();
      refuse(responder, tooLarge);
      return;
    }
    const exchange = new UrlExchange(responder, url.invokeMode === "RESPONSE_STREAM", this.#flow, release);
    const { invokedFunctionArn } = url;
    try {
      exchange.attach(
        this.#invoker.invoke(
          { spec, requestId, invokedFunctionArn, payload, traceId: trace.runtime },
          exchange,
        ),
      );
    } catch (error) {
      release?.();
      refuse(responder, this.#refusal(error));
    }
  }

  /** Answers a request whose body cannot be taken. */
  refuse(admitted: AdmittedRequest, reason: "tooLarge" | "noRoom"): void {
    refuse(admitted.responder, reason === "tooLarge" ? tooLarge : busy);
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
