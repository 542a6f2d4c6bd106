import { requireInternal } from "../registry.ts";

/** The part of it that our own modules use. */
interface Url {
  fileURLToPath(url: unknown): string;
  pathToFileURL(path: string): { readonly href: string };
  parse(url: string): Record<string, string | null>;
}

export default requireInternal("library:url") as Url;
