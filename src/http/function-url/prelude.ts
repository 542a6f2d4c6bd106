import { type ResponseHead, toResponseHead } from "./response-head.ts";

/** A stream of this content type begins with a prelude: JSON, eight NUL bytes, then the body. */
export const preludeContentType = "application/vnd.awslambda.http-integration-response";

/** The delimiter must end within these first bytes. */
const maxPreludeBytes = 16 * 1024;
const delimiter = Buffer.alloc(8);

export type PreludeStep =
  | { kind: "more" }
  | { kind: "bad" }
  | { kind: "head"; head: ResponseHead; rest: Buffer };

/** Finds status and headers at the start of a stream, however it is cut into chunks. */
export class PreludeReader {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): PreludeStep {
    const searched = Math.max(0, this.#bytes.length - delimiter.length + 1);
    const bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const end = bytes.indexOf(delimiter, searched);
    if (end === -1 || end + delimiter.length > maxPreludeBytes) {
      if (end !== -1 || bytes.length > maxPreludeBytes) return { kind: "bad" };
      this.#bytes = bytes;
      return { kind: "more" };
    }
    const head = parsePrelude(bytes.toString("utf8", 0, end));
    if (head === undefined) return { kind: "bad" };
    return { kind: "head", head, rest: bytes.subarray(end + delimiter.length) };
  }
}

function parsePrelude(text: string): ResponseHead | undefined {
  let shape: unknown;
  try {
    shape = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof shape !== "object" || shape === null || Array.isArray(shape)) return undefined;
  return toResponseHead({ statusCode: 200, ...shape }, "application/octet-stream");
}
