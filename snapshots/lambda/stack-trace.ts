import { callSync } from "../bridge.ts";
import { rememberError } from "./rejections.ts";

interface CallSite {
  getFileName(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
  toString(): string;
}

/** Our own scripts: their frames tell a user nothing. */
const ownScript = /^(brisk|node):/;
const bundleFile = "/var/task/.brisk/bundle.js";

/**
 * Formats stacks as Node does, with positions in the user's own files. V8 asks for it when a stack is first read,
 * so that errors nobody looks at cost nothing.
 */
export function prepareStackTrace(error: Error, sites: CallSite[]): string {
  rememberError(error);
  let text: string;
  try {
    text = `${error}`;
  } catch {
    text = "Error";
  }
  for (const site of sites) {
    const line = frameLine(site);
    if (line !== undefined) text += `\n    at ${line}`;
  }
  return text;
}

function frameLine(site: CallSite): string | undefined {
  const file = site.getFileName();
  if (file === null) return site.toString();
  if (ownScript.test(file)) return undefined;
  if (file !== bundleFile) return site.toString();
  const line = site.getLineNumber() ?? 0;
  const column = site.getColumnNumber() ?? 0;
  const position = callSync("source.position", line, column);
  // Not of a user's file: the wrapper that the bundler put around them.
  if (position === undefined) return undefined;
  return site.toString().replace(`${file}:${line}:${column}`, position as string);
}
