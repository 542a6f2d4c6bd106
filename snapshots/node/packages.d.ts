// Packages that are bundled into node modules and have no types of their own, or types that need Node's.
declare module "punycode/punycode.js" {
  const punycode: Record<string, unknown> & {
    toASCII(domain: string): string;
    toUnicode(domain: string): string;
  };
  export = punycode;
}
