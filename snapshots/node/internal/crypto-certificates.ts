import buffer, { type Buffer } from "node:buffer";
import { requireInternal } from "../../registry.ts";
import { wholeBuffer } from "../../web/bytes.ts";
import { asBuffer } from "./as-buffer.ts";
import { ask, known, readAnswer, writeDown } from "./crypto-wire.ts";
import { nodeError } from "./errors.ts";

const made = Symbol("made");
const inspectCustom = Symbol.for("nodejs.util.inspect.custom");

/** What Node shows of one. */
const shown = [
  "subject",
  "subjectAltName",
  "issuer",
  "infoAccess",
  "validFrom",
  "validTo",
  "validFromDate",
  "validToDate",
  "fingerprint",
  "fingerprint256",
  "fingerprint512",
  "keyUsage",
  "serialNumber",
  "signatureAlgorithm",
  "signatureAlgorithmOid",
] as const;

/** An X.509 certificate: its DER is all that the guest holds, and the host reads it. */
export class X509Certificate {
  readonly #der: Uint8Array;
  readonly #read = new Map<string, unknown>();

  constructor(input: unknown) {
    if (typeof input === "object" && input !== null && made in input) {
      this.#der = input[made] as Uint8Array;
      return;
    }
    const bytes = typeof input === "string" ? buffer.Buffer.from(input) : input;
    this.#der = wholeBuffer(readAnswer(ask("crypto.readCertificate", ...writeDown([bytes]))) as Buffer);
  }

  static derOf(value: unknown): Uint8Array | undefined {
    return typeof value === "object" && value !== null && #der in value ? value.#der : undefined;
  }

  static read(of: X509Certificate, member: string): unknown {
    if (derOf(of) === undefined) {
      throw nodeError(TypeError, "ERR_INVALID_THIS", 'Value of "this" must be of type X509Certificate');
    }
    if (!of.#read.has(member)) of.#read.set(member, use(of, member));
    return of.#read.get(member);
  }

  get raw(): Buffer {
    if (!this.#read.has("raw")) this.#read.set("raw", asBuffer(this.#der.slice()));
    return this.#read.get("raw") as Buffer;
  }
  toString(): string {
    return read(this, "toString") as string;
  }
  /** No JSON encoding of certificates is common; PEM is. */
  toJSON(): string {
    return read(this, "toString") as string;
  }
  toLegacyObject(): unknown {
    return use(this, "toLegacyObject");
  }
  checkHost(name: unknown, options?: unknown): unknown {
    return use(this, "checkHost", name, options);
  }
  checkEmail(email: unknown, options?: unknown): unknown {
    return use(this, "checkEmail", email, options);
  }
  checkIP(ip: unknown, options?: unknown): unknown {
    return use(this, "checkIP", ip, options);
  }
  checkIssued(other: unknown): unknown {
    return use(this, "checkIssued", other);
  }
  checkPrivateKey(key: unknown): unknown {
    return use(this, "checkPrivateKey", key);
  }
  verify(key: unknown): unknown {
    return use(this, "verify", key);
  }

  [inspectCustom](depth: number, options: { depth?: number | null }): unknown {
    if (depth < 0) return this;
    const members = Object.fromEntries(shown.map((name) => [name, read(this, name)]));
    // Who reads certificates seldom prints them.
    const { inspect } = requireInternal("node:util") as { inspect(value: unknown, options: object): string };
    const left = options.depth === null || options.depth === undefined ? null : options.depth - 1;
    return `X509Certificate ${inspect(members, { ...options, depth: left })}`;
  }
}

const { derOf, read } = X509Certificate;
// Ours alone.
delete (X509Certificate as { derOf?: unknown }).derOf;
delete (X509Certificate as { read?: unknown }).read;
known.certificateOf = derOf;

for (const name of [...shown, "ca", "publicKey", "issuerCertificate"]) {
  Object.defineProperty(X509Certificate.prototype, name, {
    get(this: X509Certificate) {
      return read(this, name);
    },
    enumerable: false,
    configurable: true,
  });
}

function use(certificate: X509Certificate, member: string, ...args: unknown[]): unknown {
  return readAnswer(ask("crypto.useCertificate", member, ...writeDown([certificate, ...args])));
}

export function certificate(der: Uint8Array): X509Certificate {
  return new X509Certificate({ [made]: der });
}

/** Signed public keys and challenges, as browsers once made them. */
export function Certificate(this: object | undefined): unknown {
  if (!(this instanceof Certificate)) return Object.create(Certificate.prototype as object) as never;
}
for (const name of ["verifySpkac", "exportPublicKey", "exportChallenge"]) {
  const method = (...args: unknown[]) => readAnswer(ask("crypto.useSpkac", name, ...writeDown(args)));
  Object.defineProperty(method, "name", { value: name });
  for (const target of [Certificate, Certificate.prototype as object]) {
    Object.defineProperty(target, name, {
      value: method,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}
