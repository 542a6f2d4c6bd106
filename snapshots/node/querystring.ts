import { requireInternal } from "../registry.ts";

interface QueryString {
  parse(text: string): Record<string, string | string[]>;
  stringify(values: object): string;
  escape(text: string): string;
  unescape(text: string): string;
}

export default requireInternal("library:querystring") as QueryString;
