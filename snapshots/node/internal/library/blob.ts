import { requireInternal } from "../../../registry.ts";
import { web } from "../web.ts";

const Blob = web.Blob as new (parts?: unknown[], options?: { type: string }) => object;

export { Blob };
export const isBlob = (value: unknown): boolean => value instanceof Blob;

/** Of what is no such URL there is none, whatever it is. */
export function resolveObjectURL(id: unknown): object | undefined {
  const { blobOfUrl } = requireInternal(
    "brisk:web/lazy/object-urls",
  ) as typeof import("../../../web/lazy/object-urls.ts");
  return blobOfUrl(`${id}`);
}

type Jobs = typeof import("../files/jobs.ts");

/** With what is in the file now: unlike Node's it is read at once. */
export function createBlobFromFilePath(path: string | Uint8Array, options: { type: string }): object {
  const { readAll } = requireInternal("brisk:node/internal/files/jobs") as Jobs;
  return new Blob([readAll(path, 0, false)], options);
}
