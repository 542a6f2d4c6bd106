import { randomUUID } from "node:crypto";
import {
  type Credential,
  MissingAuthenticationTokenException,
  type RequestHead,
  toRequestHead,
} from "../../access/index.ts";
import type { Clock } from "../../model/clock.ts";
import {
  AccessDeniedException,
  LambdaServiceException,
  TooManyRequestsException,
} from "../../model/errors.ts";
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
import { type SignedCall, signedCall, type UrlAccess } from "./signed-call.ts";
import {
  badRequest,
  badSignature,
  forbidden,
  internalError,
  methodNotAllowed,
  notReady,
  throttled,
  tooLarge,
  type UrlAnswer,
  unknownUrl,
  withoutKeys,
} from "./url-answers.ts";
import { deniedToAll, type UrlCall } from "./url-call.ts";
import { ClfTime, type UrlEventTemplate, urlEventTemplate, urlEventText } from "./url-event.ts";
import { UrlExchange } from "./url-exchange.ts";
import type { UrlHost } from "./url-hosts.ts";
import { UrlResponder } from "./url-responder.ts";

/** What came over the wire: a signature covers that, not what is made of it. */
export interface SentRequest {
  /** Path and query. */
  readonly target: string;
  /** Flat: name, value, name, value … */
  readonly rawHeaders: readonly string[];
}

/** A request without its body, as plain data: whatever carried it is forgotten here. May be used again for an equal one. */
export class UrlRequest {
  readonly method: string;
  readonly httpVersion: string;
  /** Which URL is called; undefined when nothing of the request names one. */
  readonly host: UrlHost | undefined;
  /** Undefined for a request target that no URL can be asked for. */
  readonly target: RequestTarget | undefined;
  readonly facts: RequestFacts;
  readonly #sent: SentRequest;
  #template: UrlEventTemplate | undefined;

  constructor(
    method: string,
    httpVersion: string,
    host: UrlHost | undefined,
    target: RequestTarget | undefined,
    facts: RequestFacts,
    sent: SentRequest,
  ) {
    this.method = method;
    this.httpVersion = httpVersion;
    this.host = host;
    this.target = target;
    this.facts = facts;
    this.#sent = sent;
  }

  head(): RequestHead {
    return toRequestHead(this.method, this.#sent.target, this.#sent.rawHeaders);
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
  /** Present for a URL that asks for a signature, which covers the body: it is verified when that is there. */
  readonly signed: SignedCall | undefined;
  readonly isText: boolean;
  readonly trace: Trace;
  readonly epochMs: number;
  readonly responder: UrlResponder;
  /** What {@link UrlFrontOptions.onCall} is told; undefined when there is none. */
  readonly call: Omit<UrlCall, "credential" | "error"> | undefined;
}

export interface UrlFrontOptions {
  readonly directory: UrlDirectory;
  readonly invoker: Invoker;
  readonly clock: Clock;
  /** Absent where there are no keys: URLs that ask for a signature then answer nobody. */
  readonly access?: UrlAccess | undefined;
  /** Bytes a second of a streamed response after its first 6 MB; 0 is no cap. */
  readonly streamBytesPerSecond: number;
  /** Told of each call that was let through, or refused for who sends it; absent where nobody keeps a record of them. */
  readonly onCall?: ((call: UrlCall) => void) | undefined;
  /** Told of errors that are ours. */
  readonly onBug: (error: unknown) => void;
}

const methods = new Set(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]);

/** The front of all function URLs: who may call, what the function is told, what comes back. Knows no HTTP library. */
export class UrlFront {
  readonly #directory: UrlDirectory;
  readonly #invoker: Invoker;
  readonly #clock: Clock;
  readonly #access: UrlAccess | undefined;
  readonly #flow: FlowOptions & { onBug(error: unknown): void };
  readonly #onCall: UrlFrontOptions["onCall"];
  readonly #traces = new TraceIds();
  readonly #times = new ClfTime();

  constructor(options: UrlFrontOptions) {
    this.#directory = options.directory;
    this.#invoker = options.invoker;
    this.#clock = options.clock;
    this.#access = options.access;
    this.#flow = options;
    this.#onCall = options.onCall;
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
    let signed: SignedCall | undefined;
    if (url.authType !== "NONE") {
      if (this.#access === undefined) return refuse(responder, withoutKeys);
      signed = signedCall(request, host, url, target, this.#access);
    } else if (!url.isPublic) {
      this.#onCall?.({
        url,
        method,
        facts,
        requestId: responder.requestId,
        epochMs,
        credential: undefined,
        error: deniedToAll,
      });
      return refuse(responder, forbidden);
    }
    const spec = url.spec;
    if (spec === undefined) return refuse(responder, notReady);
    const template = request.template(host, target);
    const call = this.#onCall && { url, method, facts, requestId: responder.requestId, epochMs };
    return { url, spec, template, signed, isText: facts.isText, trace, epochMs, responder, call };
  }

  /** @param release Called once when the invocation has settled and the body is needed no more. */
  invoke(admitted: AdmittedRequest, body: Buffer | undefined, release?: () => void): void {
    if (admitted.signed === undefined) this.#run(admitted, body, release);
    else void this.#runSigned(admitted, admitted.signed, body, release);
  }

  /** Answers a request whose body cannot be taken. */
  refuse(admitted: AdmittedRequest, reason: "tooLarge" | "noRoom"): void {
    refuse(admitted.responder, reason === "tooLarge" ? tooLarge : busy);
  }

  async #runSigned(
    admitted: AdmittedRequest,
    { request, templateFor }: SignedCall,
    body: Buffer | undefined,
    release?: () => void,
  ): Promise<void> {
    const { responder } = admitted;
    let credential: Credential | undefined;
    let template: UrlEventTemplate;
    try {
      credential = await (await request).verifyBody(body ?? Buffer.alloc(0));
      template = templateFor(credential);
    } catch (error) {
      release?.();
      this.#tellRefusal(admitted, credential, error);
      refuse(responder, this.#accessRefusal(error));
      return;
    }
    try {
      this.#run({ ...admitted, template }, body, release, credential);
    } catch (error) {
      this.#flow.onBug(error);
      responder.sink.abort();
    }
  }

  #run(
    admitted: AdmittedRequest,
    body: Buffer | undefined,
    release?: () => void,
    credential?: Credential,
  ): void {
    const { url, spec, trace, responder, epochMs, call } = admitted;
    const { requestId } = responder;
    if (call !== undefined) this.#onCall?.({ ...call, credential, error: undefined });
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

  #tellRefusal({ call }: AdmittedRequest, credential: Credential | undefined, error: unknown): void {
    if (call === undefined || !(error instanceof LambdaServiceException)) return;
    this.#onCall?.({ ...call, credential, error: { code: error.code, message: error.message } });
  }

  #refusal(error: unknown): UrlAnswer {
    if (error instanceof TooManyRequestsException) return throttled(error.message, error.reason);
    if (!(error instanceof LambdaServiceException)) this.#flow.onBug(error);
    return internalError;
  }

  #accessRefusal(error: unknown): UrlAnswer {
    if (error instanceof MissingAuthenticationTokenException || error instanceof AccessDeniedException) {
      return forbidden;
    }
    if (error instanceof LambdaServiceException) return badSignature(error.code, error.message);
    this.#flow.onBug(error);
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
