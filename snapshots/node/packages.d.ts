// Packages that are bundled into node modules and have no types of their own, or types that need Node's.
declare module "punycode/punycode.js" {
  const punycode: Record<string, unknown> & {
    toASCII(domain: string): string;
    toUnicode(domain: string): string;
  };
  export = punycode;
}
declare module "url/url.js" {
  interface Url {
    protocol: string | null;
    slashes: boolean | null;
    auth: string | null;
    host: string | null;
    port: string | null;
    hostname: string | null;
    hash: string | null;
    search: string | null;
    query: unknown;
    pathname: string | null;
    path: string | null;
    href: string;
    parse(url: string, parseQueryString?: boolean, slashesDenoteHost?: boolean): Url;
    format(): string;
  }
  export const Url: { new (): Url; prototype: Url };
  export function parse(url: string, parseQueryString?: boolean, slashesDenoteHost?: boolean): Url;
  export function resolve(from: string, to: string): string;
  export function resolveObject(from: string, to: string): Url;
  export function format(url: unknown): string;
}
