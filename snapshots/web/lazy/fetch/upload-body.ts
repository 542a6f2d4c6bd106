import { callAsync } from "../../../bridge.ts";
import type { ByteSource } from "./body.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * Sends a request's body, each piece when the one before was accepted.
 * @throws What the source threw. That the connection failed is told by the fetch itself, so here it only ends the upload.
 */
export async function uploadBody(handle: number, source: ByteSource, hasEnded: () => boolean): Promise<void> {
  for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) {
    for (let offset = 0; offset < chunk.length; offset += CHUNK_BYTES) {
      if (hasEnded()) return source.cancel(undefined);
      const piece = chunk.slice(offset, offset + CHUNK_BYTES);
      const accepted = await callAsync("fetch.write", handle, piece).then(
        () => true,
        () => false,
      );
      if (!accepted) return source.cancel(new TypeError("fetch failed")).catch(() => {});
    }
  }
  await callAsync("fetch.endBody", handle).catch(() => {});
}
