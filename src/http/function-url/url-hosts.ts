/** A Host name that names a function URL. */
export interface UrlHost {
  readonly urlId: string;
  /** Lower case, without port and trailing dot: the event's `domainName`. */
  readonly domainName: string;
}

const urlIdLength = 32;
const urlIdPattern = /^[0-9a-z]{32}$/;
/** Longer than any DNS name with a port. */
const maxHostLength = 262;

/** Knows by which Host names function URLs are called. Compares as DNS does: without case, port or trailing dot. */
export class UrlHosts {
  readonly #suffixes: ReadonlySet<string>;
  readonly #region: string;

  /** @param domains Each D serves `<url-id>.lambda-url.<region>.D` and `<url-id>.D`. */
  constructor(options: { region: string; domains: readonly string[] }) {
    this.#region = options.region;
    const suffixes = new Set([`lambda-url.${options.region}.localhost`]);
    for (const given of options.domains) {
      const domain = given.toLowerCase().replace(/^\.+|\.+$/g, "");
      suffixes.add(domain);
      suffixes.add(`lambda-url.${options.region}.${domain}`);
    }
    this.#suffixes = suffixes;
  }

  /** @param host A Host header's value, or the authority of an absolute request target. */
  match(host: string): UrlHost | undefined {
    if (host.length <= urlIdLength || host.length > maxHostLength) return undefined;
    if (host.charCodeAt(urlIdLength) !== dot) return undefined;
    let domainName = host.toLowerCase();
    const colon = domainName.indexOf(":", urlIdLength);
    if (colon !== -1) domainName = domainName.slice(0, colon);
    if (domainName.endsWith(".")) domainName = domainName.slice(0, -1);
    if (!this.#suffixes.has(domainName.slice(urlIdLength + 1))) return undefined;
    const urlId = domainName.slice(0, urlIdLength);
    return urlIdPattern.test(urlId) ? { urlId, domainName } : undefined;
  }

  /** The host of a URL that is named otherwise, by path or by an embedding program. */
  canonical(urlId: string): UrlHost {
    return { urlId, domainName: `${urlId}.lambda-url.${this.#region}.localhost` };
  }
}

const dot = 46;
