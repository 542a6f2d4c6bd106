import { Certificate, X509Certificate } from "node:crypto";
import { OperationError } from "../../model/values.ts";
import { defineOperation, oneOf } from "../operation.ts";
import { askNode, readWritten, writeAnswer, written } from "./node-crypto-values.ts";

const members = [
  "ca",
  "checkEmail",
  "checkHost",
  "checkIP",
  "checkIssued",
  "checkPrivateKey",
  "fingerprint",
  "fingerprint256",
  "fingerprint512",
  "infoAccess",
  "issuer",
  "issuerCertificate",
  "keyUsage",
  "publicKey",
  "serialNumber",
  "signatureAlgorithm",
  "signatureAlgorithmOid",
  "subject",
  "subjectAltName",
  "toLegacyObject",
  "toString",
  "validFrom",
  "validFromDate",
  "validTo",
  "validToDate",
  "verify",
] as const;

/** Far more than any certificate has, and few enough to be parsed each time that a member is read. */
const maxCertificateBytes = 1024 * 1024;

/** The DER of what the guest gave to its constructor. */
export const readCertificate = defineOperation({
  name: "crypto.readCertificate",
  kind: "sync",
  args: [...written],
  replay: "pure",
  run: (environment, json, ...parts) => {
    for (const part of parts) checkLength(part);
    const [input] = readWritten(environment, json, parts);
    return writeAnswer(askNode(() => new X509Certificate(input as Buffer).raw));
  },
});

/** The first argument is the certificate, the others are the method's. */
export const useCertificate = defineOperation({
  name: "crypto.useCertificate",
  kind: "sync",
  args: [oneOf(...members), ...written],
  replay: "pure",
  run: (environment, member, json, ...parts) => {
    for (const part of parts) checkLength(part);
    const [certificate, ...args] = readWritten(environment, json, parts);
    if (!(certificate instanceof X509Certificate)) {
      throw new OperationError("ERR_INVALID_ARG_VALUE", "Cannot read a certificate: there is none");
    }
    return writeAnswer(
      askNode(() => {
        const value: unknown = certificate[member];
        return typeof value === "function" ? (Reflect.apply(value, certificate, args) as unknown) : value;
      }),
    );
  },
});

/** Netscape's signed public key and challenge. */
export const useSpkac = defineOperation({
  name: "crypto.useSpkac",
  kind: "sync",
  args: [oneOf("verifySpkac", "exportPublicKey", "exportChallenge"), ...written],
  replay: "pure",
  run: (environment, method, json, ...parts) => {
    const args = readWritten(environment, json, parts) as Parameters<typeof Certificate.verifySpkac>;
    return writeAnswer(askNode(() => Certificate[method](...args)));
  },
});

function checkLength(part: Uint8Array | undefined): void {
  if (part === undefined || part.byteLength <= maxCertificateBytes) return;
  throw new OperationError(
    "ELIMIT",
    `Cannot read a certificate of ${part.byteLength} bytes: at most ${maxCertificateBytes} are allowed`,
  );
}
