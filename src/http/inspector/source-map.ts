import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { taskRoot } from "../../model/function-folders.ts";

interface SourceMap {
  readonly sources?: readonly (string | null)[];
  readonly sourcesContent?: readonly (string | null)[];
  readonly sections?: readonly { readonly map: SourceMap }[];
}

/**
 * A bundle's source map as debuggers take it: a data URL, since they get to it wherever they run, with the function's files
 * where they lie on this machine, and with their texts.
 * @param root The folder that was deployed as /var/task.
 * @param read The text of a file of this machine; undefined where there is none.
 */
export function debuggersSourceMap(
  json: string,
  root: string | undefined,
  read: (file: string) => string | undefined,
): string {
  const texts = new Map<string, string | null>();
  const localized = (map: SourceMap): SourceMap => {
    if (map.sections !== undefined) {
      return {
        ...map,
        sections: map.sections.map((section) => ({ ...section, map: localized(section.map) })),
      };
    }
    const files = (map.sources ?? []).map((source) => localFile(source, root));
    return {
      ...map,
      sources: files.map((file, index) =>
        file === undefined ? (map.sources?.[index] ?? null) : pathToFileURL(file).href,
      ),
      sourcesContent: files.map((file, index) => {
        if (file === undefined) return map.sourcesContent?.[index] ?? null;
        if (!texts.has(file)) texts.set(file, read(file) ?? null);
        return texts.get(file) ?? null;
      }),
    };
  };
  const text = JSON.stringify(localized(JSON.parse(json) as SourceMap));
  return `data:application/json;charset=utf-8;base64,${Buffer.from(text).toString("base64")}`;
}

function localFile(source: string | null, root: string | undefined): string | undefined {
  if (root === undefined || source?.startsWith(`${taskRoot}/`) !== true) return undefined;
  const file = join(root, source.slice(taskRoot.length + 1));
  // The map is made of the function's package, whose names may be anything.
  return file.startsWith(join(root, "/")) ? file : undefined;
}
