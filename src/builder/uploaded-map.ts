import { encodedMappings, FlattenMap } from "@jridgewell/trace-mapping";
import { dirname, joinPath, type PackageFiles } from "./package-files.ts";

/** A map of more is left aside: it would be parsed, and kept with the bundle, for the sake of stacks alone. */
const maxMapBytes = 32 * 1024 * 1024;

/**
 * The source map that a build tool left with a file, in it or beside it: stacks then name what people wrote. Sources are
 * absolute paths, or URLs as `webpack://app/x.ts`; texts of sources are left out. Undefined where there is none that can be
 * read, and for packages, whose authors debug them.
 */
export function uploadedMap(path: string, text: string, files: PackageFiles): string | undefined {
  if (path.includes("/node_modules/")) return undefined;
  const url = /(?:^|\n)\/\/[#@] ?sourceMappingURL=(\S+)\s*$/.exec(text.slice(-maxMapBytes))?.[1];
  if (url === undefined) return undefined;
  try {
    if (url.startsWith("data:")) return normalized(fromDataUrl(url), path);
    // Sources are named relative to the map.
    const file = joinPath(dirname(path), decodeURIComponent(url));
    const isFile = !/^[a-z][a-z0-9+.-]*:/i.test(url) && files.isFile(file);
    return isFile ? normalized(textOf(files.read(file)), file) : undefined;
  } catch {
    // Somebody else's mistake, and no reason not to run the code.
    return undefined;
  }
}

function fromDataUrl(url: string): string {
  const [, base64, data = ""] = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(url) ?? [];
  return base64 === undefined ? decodeURIComponent(data) : Buffer.from(data, "base64").toString("utf8");
}

function textOf(bytes: Buffer): string {
  if (bytes.length > maxMapBytes) throw new Error(`it has ${bytes.length} bytes`);
  return bytes.toString("utf8");
}

/** @param from The path that sources are relative to. @throws It is no source map. */
function normalized(json: string, from: string): string {
  const map = new FlattenMap(json.replace(/^\)\]\}'[^\n]*\n/, ""), `file://${encodeURI(from)}`);
  const sources = map.resolvedSources.map((source) =>
    source.startsWith("file://") ? decodeURIComponent(source.slice("file://".length)) : source,
  );
  return JSON.stringify({ version: 3, sources, names: [], mappings: encodedMappings(map) });
}
