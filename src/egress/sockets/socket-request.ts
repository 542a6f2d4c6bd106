import { createPrivateKey } from "node:crypto";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { z } from "zod";
import { OperationError, type Value } from "../../model/values.ts";

/** A private key's modulus, at most: what it signs with is our time. Larger ones sign for tens of milliseconds. */
const maxKeyBits = 4096;

const pem = z.string().max(1024 * 1024);
const version = z.enum(["TLSv1.2", "TLSv1.3"]);
const list = z
  .string()
  .max(4096)
  .regex(/^[\w:+!@=.,\- ]*$/);

/**
 * What a guest may say of TLS: nothing else reaches node:tls. Whom to trust is said here and decided by the guest, which
 * is told what came of it before it sends anything; so there is no `rejectUnauthorized` and no `checkServerIdentity`.
 */
const tls = z.strictObject({
  servername: z.string().max(255).optional(),
  /** Authorities in place of Node's own, as PEM. */
  ca: z.array(pem).max(512).optional(),
  cert: z.array(pem).max(8).optional(),
  /** As PEM, not encrypted: how long decryption takes is written in the key, and it would take our time. */
  key: z.array(pem).max(8).optional(),
  crl: z.array(pem).max(64).optional(),
  alpn: z.array(z.string().min(1).max(255)).max(16).optional(),
  minVersion: version.optional(),
  maxVersion: version.optional(),
  ciphers: list.optional(),
  ecdhCurve: list.optional(),
  sigalgs: list.optional(),
  allowPartialTrustChain: z.boolean().optional(),
});
export type TlsRequest = z.infer<typeof tls>;

const connect = z.strictObject({
  host: z.string().min(1).max(255),
  /** The name that led to `host`, an address: believed if this environment was told so. */
  name: z.string().min(1).max(255).optional(),
  port: z.number().int().min(1).max(65_535),
  family: z.literal([0, 4, 6]).optional(),
  autoSelectFamily: z.boolean().optional(),
  noDelay: z.boolean().optional(),
  keepAliveMs: z.number().int().min(0).max(86_400_000).optional(),
  tls: tls.optional(),
});
export type ConnectRequest = z.infer<typeof connect>;

/** @throws {OperationError} EINVAL */
export function parseConnect(json: Value, maxLength: number): ConnectRequest {
  const request = parse(connect, json, maxLength, "Cannot connect");
  // Spellings of addresses that the system may read otherwise than the policy.
  if (isIP(request.host) === 0 && !/^(?=.*[a-z_-])[\w.-]+$/i.test(request.host)) {
    throw new OperationError("ENOTFOUND", `getaddrinfo ENOTFOUND ${request.host}`);
  }
  return request;
}

/** @throws {OperationError} EINVAL */
export function parseTls(json: Value, maxLength: number): TlsRequest {
  return parse(tls, json, maxLength, "Cannot start TLS");
}

/**
 * How many connections more a handshake counts as, at a millisecond or two each: authorities and certificates are read
 * anew for each one, and a key signs.
 */
export function tlsCost({ key = [], ca = [], cert = [], crl = [] }: TlsRequest = {}): number {
  const characters = [...ca, ...cert, ...crl].reduce((sum, text) => sum + text.length, 0);
  return 4 * key.length + Math.ceil(characters / (16 * 1024));
}

/** What node:tls gets of it. @throws {OperationError} A key that costs too much, or is none. */
export function tlsOptions(request: TlsRequest): ConnectionOptions {
  for (const key of request.key ?? []) expectBoundedKey(key);
  const { servername, ca, cert, key, crl, alpn, minVersion, maxVersion, ciphers, ecdhCurve, sigalgs } =
    request;
  const { allowPartialTrustChain } = request;
  return {
    // The guest decides, with what it is told.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    // An address is no name to ask for.
    ...(servername !== undefined && isIP(servername) === 0 && { servername }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(crl !== undefined && { crl }),
    ...(alpn !== undefined && alpn.length > 0 && { ALPNProtocols: alpn }),
    ...(minVersion !== undefined && { minVersion }),
    ...(maxVersion !== undefined && { maxVersion }),
    ...(ciphers !== undefined && { ciphers }),
    ...(ecdhCurve !== undefined && { ecdhCurve }),
    ...(sigalgs !== undefined && { sigalgs }),
    ...(allowPartialTrustChain !== undefined && { allowPartialTrustChain }),
  };
}

function expectBoundedKey(key: string): void {
  if (key.includes("ENCRYPTED")) throw invalidKey("it is encrypted");
  let bits: number;
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(key);
    if (!/^(rsa|rsa-pss|ec|ed25519|ed448)$/.test(asymmetricKeyType ?? "")) throw new Error(asymmetricKeyType);
    bits = asymmetricKeyDetails?.modulusLength ?? 0;
  } catch (cause) {
    throw invalidKey("it is no private key of RSA, EC or EdDSA in PEM", cause);
  }
  if (bits > maxKeyBits) throw invalidKey(`it has ${bits} bits, at most ${maxKeyBits} are allowed`);
}

function invalidKey(why: string, cause?: unknown): OperationError {
  return new OperationError("ERR_TLS_INVALID_CONTEXT", `Cannot use the private key: ${why}`, { cause });
}

function parse<T>(shape: z.ZodType<T>, json: Value, maxLength: number, action: string): T {
  if (typeof json !== "string" || json.length > maxLength) {
    throw new OperationError(
      "EINVAL",
      `${action}: the options are no JSON text of at most ${maxLength} characters`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new OperationError("EINVAL", `${action}: the options are no JSON text`, { cause });
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new OperationError(
    "EINVAL",
    `${action}: ${issue?.path.join(".") || "the options"}: ${issue?.message}`,
  );
}
