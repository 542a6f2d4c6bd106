import { readFileSync } from "node:fs";
import { getCACertificates } from "node:tls";
import { UsageError } from "./cli-error.ts";

/**
 * The certificate authorities of `file`, with those that node trusts anyhow (NODE_EXTRA_CA_CERTS among them).
 * @throws {UsageError} It cannot be read, or holds no certificate.
 */
export function trustedAuthorities(file: string, origin: string): string[] {
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${origin}: cannot read ${file}: ${code === "ENOENT" ? "no such file" : code}`, {
      cause: error,
    });
  }
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) {
    throw new UsageError(`${origin}: there is no certificate in ${file}: it has to be PEM`);
  }
  return [...getCACertificates("default"), pem];
}

/** What TLS says of a server that is not to be trusted, or is none, in words that help. */
export function tlsAdvice(code: string): string | undefined {
  if (unknownAuthority.has(code)) {
    return "its certificate is of no authority that this machine knows (name the authority's file with --ca, or in BRISK_CA)";
  }
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return "its certificate has expired";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return "its certificate is for other names than that";
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
      return "it does not speak TLS (does its URL begin with http:// ?)";
    default:
      return undefined;
  }
}

const unknownAuthority = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);
