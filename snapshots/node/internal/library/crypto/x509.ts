import { requireInternal } from "../../../../registry.ts";

/** Of the certificate's bytes. */
export function InternalX509Certificate(raw: Uint8Array): object {
  const { X509Certificate } = requireInternal("node:crypto") as {
    X509Certificate: new (raw: Uint8Array) => object;
  };
  return new X509Certificate(raw);
}
