import { isUtf8 } from "node:buffer";
import type { RequestFacts } from "./request-facts.ts";
import type { RequestTarget } from "./request-target.ts";
import type { UrlHost } from "./url-hosts.ts";

/** All that a payload 2.0 event is made of. */
export interface UrlEventParts {
  readonly host: UrlHost;
  readonly method: string;
  /** `1.0` or `1.1` */
  readonly httpVersion: string;
  readonly target: RequestTarget;
  readonly facts: RequestFacts;
  readonly body: Buffer | undefined;
  readonly requestId: string;
  /** The event's `x-amzn-trace-id` header. */
  readonly trace: string;
  readonly epochMs: number;
  /** {@link ClfTime.at} of `epochMs`. */
  readonly time: string;
}

/**
 * The event as JSON text (spec: function-urls.md, section 3). Concatenated, because most of it is the same from
 * one request of a connection to the next: headers, path and query come as JSON already. Only texts that cannot
 * hold a quote or a backslash are put in bare: ids, times, the matched host.
 */
export function urlEventText(parts: UrlEventParts): string {
  const { host, target, facts } = parts;
  return `{"version":"2.0","routeKey":"$default","rawPath":${target.pathJson},${target.queryJson}${
    facts.cookiesJson
  }"headers":{${facts.headersJson}"x-amzn-trace-id":${JSON.stringify(parts.trace)}}${
    target.parametersJson
  },"requestContext":{"accountId":"anonymous","apiId":"${host.urlId}","domainName":"${
    host.domainName
  }","domainPrefix":"${host.urlId}","http":{"method":"${parts.method}","path":${
    target.pathJson
  },"protocol":"HTTP/${parts.httpVersion}",${facts.clientJson}},"requestId":"${
    parts.requestId
  }","routeKey":"$default","stage":"$default","time":"${parts.time}","timeEpoch":${parts.epochMs}}${
    parts.body === undefined || parts.body.length === 0
      ? ',"isBase64Encoded":false}'
      : bodyJson(parts.body, facts.isText)
  }`;
}

function bodyJson(body: Buffer, isText: boolean): string {
  // A body that calls itself text but is not UTF-8 would be damaged as a string.
  if (isText && isUtf8(body))
    return `,"body":${JSON.stringify(body.toString("utf8"))},"isBase64Encoded":false}`;
  return `,"body":"${body.toString("base64")}","isBase64Encoded":true}`;
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
