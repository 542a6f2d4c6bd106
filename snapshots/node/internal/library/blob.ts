import { web } from "../web.ts";

const Blob = web.Blob as new () => object;

export { Blob };
export const isBlob = (value: unknown): boolean => value instanceof Blob;
export const resolveObjectURL = (id: string): unknown =>
  (web.URL as unknown as { resolveObjectURL?(id: string): unknown }).resolveObjectURL?.(id);
