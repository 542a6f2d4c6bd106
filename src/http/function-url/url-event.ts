import { isUtf8 } from "node:buffer";
import type { RequestFacts } from "./request-facts.ts";
import type { RequestTarget } from "./request-target.ts";
import type { UrlHost } from "./url-hosts.ts";

/** What stays the same in the events of requests that are repeated. */
export interface UrlEventTemplate {
  /** Up to the value of the trace header. */
  readonly head: string;
  /** From there to the request id. */
  readonly middle: string;
}

/** What is new in every event. */
export interface UrlEventParts {
  readonly requestId: string;
  /** The event's `x-amzn-trace-id` header, as a JSON string. */
  readonly traceJson: string;
  readonly epochMs: number;
  /** {@link ClfTime.at} of `epochMs`. */
  readonly time: string;
  readonly body: Buffer | undefined;
  readonly isText: boolean;
}

/**
 * The event as JSON text (spec: function-urls.md, section 3), concatenated because most of it is the same from
 * one request of a connection to the next. Only texts that cannot hold a quote or a backslash are put in bare:
 * ids, times, the matched host, a known method.
 */
export function urlEventText(template: UrlEventTemplate, parts: UrlEventParts): string {
  const { body } = parts;
  return `${template.head + parts.traceJson + template.middle + parts.requestId}","routeKey":"$default","stage":"$default","time":"${
    parts.time
  }","timeEpoch":${parts.epochMs}${
    body === undefined || body.length === 0 ? '},"isBase64Encoded":false}' : bodyJson(body, parts.isText)
  }`;
}

/** Who signed a request, as `requestContext.authorizer.iam` tells it. */
export interface UrlCaller {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly userArn: string;
  readonly userId: string;
}

/**
 * @param httpVersion `1.0` or `1.1`
 * @param caller Absent: anybody.
 */
export function urlEventTemplate(
  host: UrlHost,
  method: string,
  httpVersion: string,
  target: RequestTarget,
  facts: RequestFacts,
  caller?: UrlCaller,
): UrlEventTemplate {
  return {
    head: flat(
      `{"version":"2.0","routeKey":"$default","rawPath":${target.pathJson},${target.queryJson}${
        facts.cookiesJson
      }"headers":{${facts.headersJson}"x-amzn-trace-id":`,
    ),
    middle: flat(
      `}${target.parametersJson},"requestContext":{"accountId":"${caller?.accountId ?? "anonymous"}","apiId":"${
        host.urlId
      }",${caller === undefined ? "" : authorizerJson(caller)}"domainName":"${host.domainName}","domainPrefix":"${
        host.urlId
      }","http":{"method":"${method}","path":${target.pathJson},"protocol":"HTTP/${httpVersion}",${
        facts.clientJson
      }},"requestId":"`,
    ),
  };
}

/** Members that only a signed request has, with a comma after them. */
function authorizerJson({ accountId, accessKeyId, userArn, userId }: UrlCaller): string {
  const iam = {
    accessKey: accessKeyId,
    accountId,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn,
    userId,
  };
  return `"authentication":null,"authorizer":${JSON.stringify({ iam })},`;
}

/** V8 joins strings only when they are read: here once, instead of in every event that they are part of. */
function flat(text: string): string {
  Number(text);
  return text;
}

function bodyJson(body: Buffer, isText: boolean): string {
  // A body that calls itself text but is not UTF-8 would be damaged as a string.
  if (isText && isUtf8(body))
    return `},"body":${JSON.stringify(body.toString("utf8"))},"isBase64Encoded":false}`;
  return `},"body":"${body.toString("base64")}","isBase64Encoded":true}`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Times as Common Log Format has them, made once a second. */
export class ClfTime {
  #second = Number.NaN;
  #text = "";

  at(epochMs: number): string {
    const second = Math.floor(epochMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      const date = new Date(second * 1000);
      const iso = date.toISOString();
      this.#text = `${iso.slice(8, 10)}/${months[date.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
    }
    return this.#text;
  }
}
