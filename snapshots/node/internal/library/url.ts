import { fileURLToPath, isURL, URL } from "../url-functions.ts";

export {
  domainToASCII,
  domainToUnicode,
  fileURLToPath,
  fileURLToPathBuffer,
  isURL,
  pathToFileURL,
  URL,
  URLSearchParams,
  urlToHttpOptions,
} from "../url-functions.ts";

export const toPathIfFileURL = (value: unknown): unknown => (isURL(value) ? fileURLToPath(value) : value);
/** As URL.parse: null for what is none. */
export const URLParse = (text: string): unknown =>
  (URL as unknown as { parse(text: string): unknown }).parse(text);

const withSlashes = ["http", "https", "ftp", "gopher", "file", "ws", "wss"];

/** Of the legacy parser, by scheme with and without its colon: text in which every character is allowed, */
export const unsafeProtocol: ReadonlySet<string> = new Set(["javascript", "javascript:"]);
/** what never has a host, */
export const hostlessProtocol: ReadonlySet<string> = new Set(["javascript", "javascript:"]);
/** and what always has slashes behind the scheme. */
export const slashedProtocol: ReadonlySet<string> = new Set(
  withSlashes.flatMap((scheme) => [scheme, `${scheme}:`]),
);
