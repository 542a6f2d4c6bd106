import type { Layout } from "./layout.ts";

/** Longer ones are rare, and a crossing costs little beside them. */
const MAX_CHARS = 2048;

const SLASH = 0x2f;
const DOT = 0x2e;
const HYPHEN = 0x2d;
const COLON = 0x3a;
const PERCENT = 0x25;
const QUESTION = 0x3f;
const HASH = 0x23;

// What stands for itself in each part: bits of a table over ASCII.
const IN_HOST = 1;
const IN_PATH = 2;
const IN_QUERY = 4;
const IN_HASH = 8;

const kinds = new Uint8Array(128);
for (let code = 0x21; code < 0x7f; code++) {
  const character = String.fromCharCode(code);
  kinds[code] =
    (/[a-z0-9.-]/.test(character) ? IN_HOST : 0) |
    ('"#<>?^`{}\\'.includes(character) ? 0 : IN_PATH) |
    ("\"#<>'".includes(character) ? 0 : IN_QUERY) |
    ('"<>`'.includes(character) ? 0 : IN_HASH);
}

export interface Scanned {
  readonly href: string;
  readonly layout: Layout;
}

/**
 * What comes of parsing `url`, where that takes no parser: an absolute http or https URL in its serialised form, as most
 * are, or a path from the root of such a base. undefined for everything else, broken or not.
 */
export function scanUrl(url: string, base: string | undefined): Scanned | undefined {
  let text = url;
  if (base !== undefined) {
    if (url.charCodeAt(0) !== SLASH || url.charCodeAt(1) === SLASH) return undefined;
    const layout = scan(base);
    if (layout === undefined) return undefined;
    text = base.slice(0, layout.pathStart) + url;
  }
  const layout = scan(text);
  if (layout === undefined) return undefined;
  return { href: layout.queryEnd > text.length ? `${text}/` : text, layout };
}

/** Of a URL that ends with its host, the layout is that with the slash that belongs behind it. */
function scan(url: string): Layout | undefined {
  const { length } = url;
  if (length > MAX_CHARS) return undefined;
  const scheme = url.startsWith("https://") ? 6 : url.startsWith("http://") ? 5 : 0;
  if (scheme === 0) return undefined;
  const hostStart = scheme + 2;
  const hostEnd = endOfHost(url, hostStart);
  let at = hostEnd;
  if (at === -1) return undefined;
  const hasPort = url.charCodeAt(at) === COLON;
  if (hasPort) {
    at = endOfPort(url, at + 1, scheme === 6 ? 443 : 80);
    if (at === -1) return undefined;
  }
  const pathStart = at;
  if (at < length && url.charCodeAt(at) !== SLASH) return undefined;
  const pathEnd = at === length ? length + 1 : endOfPath(url, at);
  if (pathEnd === -1) return undefined;
  at = pathEnd;
  if (url.charCodeAt(at) === QUESTION) {
    for (at++; at < length && (kinds[url.charCodeAt(at)]! & IN_QUERY) !== 0; ) at++;
  }
  const queryEnd = at;
  if (url.charCodeAt(at) === HASH) {
    for (at++; at < length && (kinds[url.charCodeAt(at)]! & IN_HASH) !== 0; ) at++;
  }
  if (at < length) return undefined;
  return {
    scheme,
    userStart: hostStart,
    userEnd: hostStart,
    passwordStart: hostStart,
    passwordEnd: hostStart,
    hostStart,
    hostEnd,
    portStart: hasPort ? hostEnd + 1 : pathStart,
    portEnd: pathStart,
    pathStart,
    pathEnd,
    queryEnd,
  };
}

/** A name of letters, digits and single hyphens that can be neither an IPv4 address nor Punycode; or -1. */
function endOfHost(url: string, start: number): number {
  let at = start;
  let before = DOT;
  let labelStart = start;
  for (; at < url.length; at++) {
    const code = url.charCodeAt(at);
    if (code === COLON || code === SLASH) break;
    if (!(code < 128) || (kinds[code]! & IN_HOST) === 0) return -1;
    if (code === HYPHEN && (before === DOT || before === HYPHEN)) return -1;
    if (code === DOT) {
      if (before === DOT || before === HYPHEN) return -1;
      labelStart = at + 1;
    }
    before = code;
  }
  const first = url.charCodeAt(labelStart);
  const isName = first >= 0x61 && first <= 0x7a;
  return isName && before !== DOT && before !== HYPHEN && at - start < 254 ? at : -1;
}

/** -1: no port, or one that would be left out or written otherwise. */
function endOfPort(url: string, start: number, usual: number): number {
  let port = 0;
  let at = start;
  for (; at < url.length; at++) {
    const digit = url.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) break;
    if (at === start && digit === 0) return -1;
    port = port * 10 + digit;
    if (port > 65535) return -1;
  }
  return at === start || port === usual ? -1 : at;
}

/** -1: it has something to encode, or segments that may be dots. */
function endOfPath(url: string, start: number): number {
  let at = start;
  for (; at < url.length; at++) {
    const code = url.charCodeAt(at);
    if (!(code < 128)) return -1;
    if ((kinds[code]! & IN_PATH) === 0) break;
    if (code === DOT && url.charCodeAt(at - 1) === SLASH) return -1;
    if (code === PERCENT && url.charCodeAt(at + 1) === 0x32 && (url.charCodeAt(at + 2) | 0x20) === 0x65)
      return -1;
  }
  return at;
}
