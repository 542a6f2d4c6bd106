import type { AlgorithmOperation } from "./algorithms.ts";
import { toJsonWebKey } from "./jwk.ts";
import { type Normalized, normalize, toAlgorithmIdentifier } from "./normalize.ts";
import { type Context, toBufferSource, toChoice, toInteger, toKey, toList } from "./webidl.ts";

type Kind = "algorithm" | "key" | "data" | "boolean" | "usages" | "format" | "keyData" | "length";

/** Reads an algorithm's parameters once all arguments were converted. */
type Reader = (algorithm: object | string) => Normalized;

export interface Signature {
  /** What each argument is converted to, in their order. */
  readonly args: readonly Kind[];
  /** Arguments that a call must have; the others may be absent. */
  readonly required: number;
  /** For each argument that is an algorithm, in their order. */
  readonly readers: readonly Reader[];
}

const as =
  (operation: AlgorithmOperation): Reader =>
  (algorithm) =>
    normalize(algorithm, operation);

const asEither =
  (operation: AlgorithmOperation, otherwise: AlgorithmOperation): Reader =>
  (algorithm) => {
    try {
      return normalize(algorithm, operation);
    } catch {
      return normalize(algorithm, otherwise);
    }
  };

/** A derived key is imported, and has a length: the latter's parameters are all that either takes. */
const asDerivedKey: Reader = (algorithm) => {
  normalize(algorithm, "importKey");
  return normalize(algorithm, "get key length");
};

function signature(args: readonly Kind[], ...readers: readonly Reader[]): Signature {
  return { args, required: args.includes("length") ? args.length - 1 : args.length, readers };
}

export const signatures = {
  encrypt: signature(["algorithm", "key", "data"], as("encrypt")),
  decrypt: signature(["algorithm", "key", "data"], as("decrypt")),
  sign: signature(["algorithm", "key", "data"], as("sign")),
  verify: signature(["algorithm", "key", "data", "data"], as("verify")),
  digest: signature(["algorithm", "data"], as("digest")),
  generateKey: signature(["algorithm", "boolean", "usages"], as("generateKey")),
  deriveKey: signature(
    ["algorithm", "key", "algorithm", "boolean", "usages"],
    as("deriveBits"),
    asDerivedKey,
  ),
  deriveBits: signature(["algorithm", "key", "length"], as("deriveBits")),
  importKey: signature(["format", "keyData", "algorithm", "boolean", "usages"], as("importKey")),
  exportKey: signature(["format", "key"]),
  wrapKey: signature(["format", "key", "key", "algorithm"], asEither("wrapKey", "encrypt")),
  unwrapKey: signature(
    ["format", "data", "key", "algorithm", "algorithm", "boolean", "usages"],
    asEither("unwrapKey", "decrypt"),
    as("importKey"),
  ),
  getPublicKey: signature(["key", "usages"]),
  encapsulateBits: signature(["algorithm", "key"], as("encapsulate")),
  encapsulateKey: signature(
    ["algorithm", "key", "algorithm", "boolean", "usages"],
    as("encapsulate"),
    as("importKey"),
  ),
  decapsulateBits: signature(["algorithm", "key", "data"], as("decapsulate")),
  decapsulateKey: signature(
    ["algorithm", "key", "data", "algorithm", "boolean", "usages"],
    as("decapsulate"),
    as("importKey"),
  ),
} as const satisfies Record<string, Signature>;

export type Method = keyof typeof signatures;

/** Parameters that SubtleCrypto.supports reads: those of the call, and for the keys the way in or out. */
export const supportsReaders: Readonly<Record<string, readonly Reader[]>> = (() => {
  const readers = Object.create(null) as Record<string, readonly Reader[]>;
  for (const name in signatures) readers[name] = signatures[name as Method].readers;
  readers["exportKey"] = [as("exportKey")];
  readers["getPublicKey"] = [as("exportKey")];
  readers["wrapKey"] = [asEither("wrapKey", "encrypt"), as("exportKey")];
  return readers;
})();

const choices = (names: string) => {
  const set = Object.create(null) as Record<string, true>;
  for (const name of names.split(" ")) set[name] = true;
  return set;
};
const formats = choices("raw raw-public raw-seed raw-secret raw-private pkcs8 spki jwk");
const usages = choices(
  "encrypt decrypt sign verify deriveKey deriveBits wrapKey unwrapKey encapsulateBits decapsulateBits encapsulateKey decapsulateKey",
);
const ordinals = ["1st", "2nd", "3rd", "4th", "5th", "6th", "7th"];

export function argumentContext(prefix: string, index: number): Context {
  return { prefix, subject: `${ordinals[index]} argument` };
}

export function toUsages(value: unknown, context: Context): string[] {
  return toList(value, (item, at) => toChoice(item, usages, "KeyUsage", at), context);
}

export function toLength(value: unknown, context: Context): number | null {
  return value === null || value === undefined ? null : toInteger(value, 0xffff_ffff, context);
}

/** Converts all arguments first, then reads what the algorithms say: the order that scripts can observe. */
export function convertArguments(prefix: string, signature: Signature, given: readonly unknown[]): unknown[] {
  const { args, readers } = signature;
  const converted: unknown[] = [];
  for (let index = 0; index < args.length; index++) {
    converted[index] = convert(args[index]!, given[index], argumentContext(prefix, index), converted[0]);
  }
  let algorithms = 0;
  for (let index = 0; index < args.length; index++) {
    if (args[index] !== "algorithm") continue;
    converted[index] = readers[algorithms]!(converted[index] as object | string);
    algorithms++;
  }
  return converted;
}

function convert(kind: Kind, value: unknown, context: Context, format: unknown): unknown {
  switch (kind) {
    case "algorithm":
      return toAlgorithmIdentifier(value, context);
    case "key":
      return toKey(value, context);
    case "data":
      return toBufferSource(value, context);
    case "boolean":
      return !!value;
    case "usages":
      return toUsages(value, context);
    case "format":
      return toChoice(value, formats, "KeyFormat", context);
    case "keyData":
      return format === "jwk" ? toJsonWebKey(value, context) : toBufferSource(value, context);
    case "length":
      return toLength(value, context);
  }
}
