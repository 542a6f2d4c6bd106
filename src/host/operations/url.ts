import nodeUrl from "node:url";
import { defineOperation, oneOf, optional, string } from "../operation.ts";

/** A data: URL may be long. */
const MAX_URL_CHARS = 16 * 1024 * 1024;

/** Answers with the serialised URL, whose components the guest finds by itself; nothing for one that does not parse. */
export const parseUrl = defineOperation({
  name: "url.parse",
  kind: "sync",
  args: [string(MAX_URL_CHARS), optional(string(MAX_URL_CHARS))],
  replay: "pure",
  run: (_environment, input, base) => URL.parse(input, base)?.href,
});

/** Assigns one component, and answers with the URL as it is then; nothing for a new href that does not parse. */
export const setUrlComponent = defineOperation({
  name: "url.set",
  kind: "sync",
  args: [
    string(3 * MAX_URL_CHARS),
    oneOf(
      "href",
      "protocol",
      "username",
      "password",
      "host",
      "hostname",
      "port",
      "pathname",
      "search",
      "hash",
    ),
    string(3 * MAX_URL_CHARS),
  ],
  replay: "pure",
  run: (_environment, href, component, value) => {
    if (component === "href") return URL.parse(value)?.href;
    const url = URL.parse(href);
    if (url === null) return undefined;
    url[component] = value;
    return url.href;
  },
});

const MAX_HOST_CHARS = 64 * 1024;

/** The host as a URL has it; "" for what is no host. */
export const domainToASCII = defineOperation({
  name: "url.domainToASCII",
  kind: "sync",
  args: [string(MAX_HOST_CHARS)],
  replay: "pure",
  run: (_environment, domain) => nodeUrl.domainToASCII(domain),
});

/** The host as people read it; "" for what is no host. */
export const domainToUnicode = defineOperation({
  name: "url.domainToUnicode",
  kind: "sync",
  args: [string(MAX_HOST_CHARS)],
  replay: "pure",
  run: (_environment, domain) => nodeUrl.domainToUnicode(domain),
});
