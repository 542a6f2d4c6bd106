/** Absolute paths as text: `/`-separated, whatever machine this runs on. */

/** The folder of an absolute path. */
export function dirname(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0)) || "/";
}

/** `base` + `relative` without `.`, `..` and empty segments; never above the root. */
export function joinPath(base: string, relative: string): string {
  const segments: string[] = [];
  for (const segment of `${base}/${relative}`.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return `/${segments.join("/")}`;
}

/** The extension with its dot, as written; empty without one. */
export function extname(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot) : "";
}

/** `file:///var/task/a%20b.js` is `/var/task/a b.js`; paths stay as they are. @throws {URIError} */
export function fromFileUrl(name: string): string {
  return name.startsWith("file://") ? decodeURIComponent(name.slice("file://".length)) : name;
}

/** The folders in which a package is looked for from a folder on, nearest first. */
export function nodeModulesPaths(folder: string): string[] {
  const paths: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (!at.endsWith("/node_modules")) paths.push(at === "/" ? "/node_modules" : `${at}/node_modules`);
    if (at === "/") return paths;
  }
}
