import { createHash } from "node:crypto";
import { text } from "node:stream/consumers";
import type { StoredContent } from "../src/model/version.ts";

/** Bytes, as if they came from a store. */
export function contentOf(bytes: Uint8Array | string): StoredContent {
  const buffer = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  return {
    hash: createHash("sha256").update(buffer).digest("hex"),
    async *read() {
      yield buffer;
    },
  };
}

export function textOf(content: StoredContent): Promise<string> {
  return text(content.read());
}
