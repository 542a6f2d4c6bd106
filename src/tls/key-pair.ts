import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";

export interface KeyPairFiles {
  /** PEM: the certificate, then the chain to its root. */
  readonly certFile: string;
  /** PEM. */
  readonly keyFile: string;
  /** Its first line opens the key. */
  readonly passphraseFile?: string | undefined;
}

/** A certificate and the key that belongs to it, as node:tls takes them. */
export interface KeyPair {
  /** The whole chain. */
  readonly cert: string;
  readonly key: string;
  readonly passphrase: string | undefined;
  /** Of the certificate itself. */
  readonly facts: CertificateFacts;
}

export interface CertificateFacts {
  /** `CN=brisk.example` */
  readonly subject: string;
  /** Host names and addresses that it is good for. */
  readonly names: readonly string[];
  /** Unix epoch, ms. */
  readonly validFromMs: number;
  readonly validToMs: number;
  /** SHA-256, as browsers show it. */
  readonly fingerprint: string;
}

/** A certificate or key that no server can use. The message names the file. */
export class KeyPairError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "KeyPairError";
  }
}

/** @throws {KeyPairError} A file cannot be read, holds something else, or the key is another certificate's. */
export async function readKeyPair(files: KeyPairFiles): Promise<KeyPair> {
  const { certFile, keyFile, passphraseFile } = files;
  const [cert, key, secret] = await Promise.all([
    readText(certFile, "certificate"),
    readText(keyFile, "private key"),
    passphraseFile === undefined ? undefined : readText(passphraseFile, "passphrase"),
  ]);
  const chain = parseChain(cert, certFile);
  const [own] = chain;
  const passphrase = secret?.split(/\r?\n/, 1)[0];
  const privateKey = parseKey(key, passphrase, files);
  if (own === undefined || !own.checkPrivateKey(privateKey)) {
    const index = chain.findIndex((other) => other.checkPrivateKey(privateKey));
    const advice =
      index > 0
        ? `it is that of the certificate at place ${index + 1}, and the server's own has to come first`
        : "renew both together, or name the key that the certificate was requested with";
    throw new KeyPairError(
      `the private key in ${keyFile} does not belong to the certificate in ${certFile} (${subjectOf(own)}): ${advice}`,
    );
  }
  const pair = { cert, key, passphrase, facts: factsOf(own) };
  try {
    createSecureContext({ cert, key, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    throw new KeyPairError(`${certFile} and ${keyFile} cannot be used for TLS: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  return pair;
}

const dayMs = 86_400_000;

/** What is wrong with a certificate's time: undefined when it holds for thirty days and more. */
export function expiryWarning(
  { validFromMs, validToMs }: CertificateFacts,
  nowMs: number,
): string | undefined {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  if (validToMs <= nowMs) return `expired on ${day(validToMs)}: clients refuse it`;
  if (validFromMs > nowMs) return `is not valid before ${day(validFromMs)}: clients refuse it`;
  const days = Math.floor((validToMs - nowMs) / dayMs);
  if (days >= 30) return undefined;
  return `expires on ${day(validToMs)}, in ${days} ${days === 1 ? "day" : "days"}`;
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file" : code === "EACCES" ? "no permission" : code;
    throw new KeyPairError(`cannot read the ${what} ${file}: ${reason}`, { cause: error });
  }
}

function parseChain(pem: string, file: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) {
    const other = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1];
    const found = other === undefined ? "it is not PEM" : `it holds a ${other}`;
    throw new KeyPairError(`there is no certificate in ${file}: ${found}`);
  }
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new KeyPairError(`certificate ${index + 1} in ${file} cannot be read: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  });
}

function parseKey(pem: string, passphrase: string | undefined, files: KeyPairFiles): KeyObject {
  const { keyFile, passphraseFile } = files;
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    throw new KeyPairError(`there is no private key in ${keyFile}: it is not PEM, or holds something else`);
  }
  const isSealed = pem.includes("BEGIN ENCRYPTED PRIVATE KEY") || /^Proc-Type: 4,ENCRYPTED/m.test(pem);
  if (isSealed && passphrase === undefined) {
    throw new KeyPairError(`the private key in ${keyFile} has a passphrase: name its file too`);
  }
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    // What OpenSSL says of a wrong passphrase helps nobody.
    const reason = isSealed ? `the passphrase in ${passphraseFile} does not open it` : reasonOf(error);
    throw new KeyPairError(`the private key in ${keyFile} cannot be read: ${reason}`, { cause: error });
  }
}

function factsOf(certificate: X509Certificate): CertificateFacts {
  return {
    subject: subjectOf(certificate),
    names: (certificate.subjectAltName ?? "")
      .split(", ")
      .map((name) => name.replace(/^(?:DNS|IP Address):/, ""))
      .filter((name) => name !== ""),
    validFromMs: Date.parse(certificate.validFrom),
    validToMs: Date.parse(certificate.validTo),
    fingerprint: certificate.fingerprint256,
  };
}

function subjectOf(certificate: X509Certificate | undefined): string {
  return certificate?.subject?.split("\n").at(-1) ?? "no subject";
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
