import buffer from "node:buffer";
import { requireInternal } from "../../../registry.ts";
import { invalidArgType, nodeError } from "../errors.ts";

/** What the supervisor is told of a TLS connection (mirrored in src/egress/sockets/socket-request.ts). */
export interface TlsRequest {
  servername?: string;
  ca?: string[];
  cert?: string[];
  key?: string[];
  crl?: string[];
  alpn?: string[];
  minVersion?: string;
  maxVersion?: string;
  ciphers?: string;
  ecdhCurve?: string;
  sigalgs?: string;
  allowPartialTrustChain?: boolean;
}

type Options = Record<string, unknown>;

/** The options of tls.createSecureContext as the supervisor takes them. @throws {TypeError} */
export function tlsRequestOf(options: Options): TlsRequest {
  if (options["pfx"] !== undefined && options["pfx"] !== null) {
    throw nodeError(
      Error,
      "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
      "The option pfx is not available in an isolate; give key and cert as PEM",
    );
  }
  const [minVersion, maxVersion] = versionsOf(options);
  const request: TlsRequest = { minVersion, maxVersion };
  for (const name of ["ca", "cert", "crl"] as const) {
    const texts = list(options[name]).map((one) => textOf(name, one));
    if (texts.length > 0) request[name] = texts;
  }
  const keys = list(options["key"]).map((key) => keyOf(key, options["passphrase"]));
  if (keys.length > 0) request.key = keys;
  for (const name of ["ciphers", "ecdhCurve", "sigalgs"] as const) {
    const value = options[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== "string") throw invalidArgType(`options.${name}`, "of type string", value);
    request[name] = value;
  }
  if (options["allowPartialTrustChain"] === true) request.allowPartialTrustChain = true;
  return request;
}

const versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/** The supervisor speaks 1.2 and 1.3 alone. */
function versionsOf(options: Options): [min: string, max: string] {
  const protocol = options["secureProtocol"];
  const given = [options["minVersion"] ?? "TLSv1.2", options["maxVersion"] ?? "TLSv1.3"].map(String);
  for (const version of given) {
    if (versions.includes(version)) continue;
    throw nodeError(
      TypeError,
      "ERR_TLS_INVALID_PROTOCOL_VERSION",
      `${JSON.stringify(version)} is not a valid ${version === given[0] ? "minimum" : "maximum"} TLS protocol version`,
    );
  }
  if (typeof protocol === "string") {
    const one = /^TLSv1_([23])_/.exec(protocol)?.[1];
    if (one !== undefined) return [`TLSv1.${one}`, `TLSv1.${one}`];
  }
  const [min, max] = given.map((version) => (version < "TLSv1.2" ? "TLSv1.2" : version));
  return [min!, max!];
}

const list = (value: unknown): unknown[] =>
  value === undefined || value === null || value === false ? [] : Array.isArray(value) ? value : [value];

function textOf(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (ArrayBuffer.isView(value)) {
    return buffer.Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1");
  }
  throw invalidArgType(
    `options.${name}`,
    "of type string or an instance of Buffer, TypedArray, or DataView",
    value,
  );
}

/** Decrypted here, in the function's own time: the supervisor takes plain keys only. */
function keyOf(value: unknown, passphrase: unknown): string {
  const isPair = typeof value === "object" && value !== null && "pem" in value;
  const pem = textOf("key", isPair ? value.pem : value);
  if (!pem.includes("ENCRYPTED")) return pem;
  const secret = isPair && "passphrase" in value ? value.passphrase : passphrase;
  const { createPrivateKey } = requireInternal("node:crypto") as {
    createPrivateKey(options: object): { export(format: object): string };
  };
  const key = createPrivateKey({ key: pem, ...(secret !== undefined && { passphrase: secret }) });
  return key.export({ type: "pkcs8", format: "pem" });
}
