import type { LogEvent } from "./log-store.ts";

/** CloudWatch Logs takes events of up to 1 MB. */
const maxEventCharacters = 1024 * 1024;

/** The part of a record that is the same for all events of a stream. */
export function recordPrefix(stream: string): string {
  if (/\s/.test(stream) || stream === "") throw new TypeError(`Log stream "${stream}" holds white space`);
  return ` ${stream} `;
}

/**
 * One event, one line of a file: `<epoch ms> <stream> <text>\n`, with newlines and backslashes of the text
 * escaped, so that a file can be read with `grep` and a torn write costs one event.
 */
export function encodeRecord(timestampMs: number, prefix: string, text: string): string {
  let kept = text.length > maxEventCharacters ? text.slice(0, maxEventCharacters) : text;
  if (/[\\\n\r]/.test(kept)) {
    if (kept.endsWith("\n")) kept = kept.slice(0, -1);
    kept = kept.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  }
  return `${timestampMs}${prefix}${kept}\n`;
}

/** @returns Nothing for a line that is not a record, as a crash in the middle of a write leaves one. */
export function decodeRecord(line: string): LogEvent | undefined {
  const afterTime = line.indexOf(" ");
  const afterStream = line.indexOf(" ", afterTime + 1);
  if (afterTime <= 0 || afterStream < 0) return undefined;
  const timestampMs = Number(line.slice(0, afterTime));
  if (!Number.isFinite(timestampMs)) return undefined;
  const text = line.slice(afterStream + 1);
  return {
    timestampMs,
    stream: line.slice(afterTime + 1, afterStream),
    text: text.includes("\\")
      ? text.replace(/\\([\\nr])/g, (_, mark: string) => (mark === "n" ? "\n" : mark === "r" ? "\r" : "\\"))
      : text,
  };
}
