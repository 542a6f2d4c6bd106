import { requireInternal } from "../../../registry.ts";
import { web } from "../web.ts";

const Blob = web.Blob as new () => object;

export { Blob };
export const isBlob = (value: unknown): boolean => value instanceof Blob;

/** Of what is no such URL there is none, whatever it is. */
export function resolveObjectURL(id: unknown): object | undefined {
  const { blobOfUrl } = requireInternal(
    "brisk:web/lazy/object-urls",
  ) as typeof import("../../../web/lazy/object-urls.ts");
  return blobOfUrl(`${id}`);
}
