import { callSync } from "../../bridge.ts";
import { loadLazy } from "../lazy.ts";

/** Blobs that have a URL, by the URL's last part. Each keeps its bytes until it is revoked, in the guest's own memory. */
const blobs = new Map<string, object>();
const prefix = "blob:nodedata:";

/** @throws {TypeError} ERR_INVALID_ARG_TYPE: it is no Blob. */
export function createObjectURL(object: unknown): string {
  const { Blob } = loadLazy("blob");
  if (!(object instanceof Blob)) {
    throw Object.assign(new TypeError('The "obj" argument must be an instance of Blob.'), {
      code: "ERR_INVALID_ARG_TYPE",
    });
  }
  const id = callSync("crypto.randomUuid") as string;
  blobs.set(id, object);
  return prefix + id;
}

export function revokeObjectURL(url: string): void {
  if (url.startsWith(prefix)) blobs.delete(url.slice(prefix.length));
}

/** The Blob that has this URL, its fragment aside. */
export function blobOfUrl(url: string): object | undefined {
  const [address = ""] = url.split("#", 1);
  return address.startsWith(prefix) ? blobs.get(address.slice(prefix.length)) : undefined;
}
