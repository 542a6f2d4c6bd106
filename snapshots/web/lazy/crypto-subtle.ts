import { callAsync, callSync, type Value } from "../../bridge.ts";
import { wholeBuffer } from "../bytes.ts";
import { asInterface, codedTypeError, illegalConstructor, invalidThis, requireArguments } from "./crypto.ts";
import { CryptoKey, type KeyRecord, type KeyType, recordOf } from "./crypto-subtle/crypto-key.ts";
import { type Normalized, normalize, toAlgorithmIdentifier } from "./crypto-subtle/normalize.ts";
import { type Packed, pack, unpack } from "./crypto-subtle/pack.ts";
import {
  argumentContext,
  convertArguments,
  type Method,
  type Signature,
  signatures,
  supportsReaders,
  toLength,
  toUsages,
} from "./crypto-subtle/signatures.ts";
import { bytesOf, isBufferSource, toText } from "./crypto-subtle/webidl.ts";
import { DOMException } from "./dom-exception.ts";

export { CryptoKey };

/** Hashes that the host answers within the call when there is little data: a turn of the event loop costs more. */
const quickDigests: Readonly<Record<string, string>> = {
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};
const maxQuickBytes = 64 * 1024;

const { create, defineProperty } = Object;
const { indexOf, slice } = String.prototype;
const { apply } = Reflect;

export class SubtleCrypto {
  constructor() {
    throw illegalConstructor();
  }
}

// Outside of the class: one that names itself within is renamed by the bundler.
const { supports } = {
  supports(...args: unknown[]): boolean {
    if (this !== (SubtleCrypto as unknown)) throw invalidThis("SubtleCrypto constructor");
    const prefix = "Failed to execute 'supports' on 'SubtleCrypto'";
    requireArguments(prefix, args.length, 2);
    const method = toText(args[0], argumentContext(prefix, 0)) as Method;
    const algorithm = toAlgorithmIdentifier(args[1], argumentContext(prefix, 1));
    const readers = supportsReaders[method];
    if (readers === undefined) return false;
    const third = argumentContext(prefix, 2);
    const extra = args[2] === undefined ? null : args[2];
    const other = readers.length > 1 ? toAlgorithmIdentifier(extra, third) : undefined;
    const length = method === "deriveBits" ? toLength(extra, third) : null;
    let packed: Packed;
    try {
      packed = pack([method, readers[0]!(algorithm), other === undefined ? length : readers[1]!(other)]);
    } catch {
      return false;
    }
    return callSync("crypto.supports", packed.json, packed.parts, packed.data) as boolean;
  },
};

defineProperty(supports, "length", { value: 2 });
defineProperty(SubtleCrypto, "supports", {
  value: supports,
  writable: true,
  enumerable: true,
  configurable: true,
});
for (const name in signatures) defineMethod(name as Method, signatures[name as Method]);
asInterface(SubtleCrypto);

export const subtle = create(SubtleCrypto.prototype) as SubtleCrypto;

function defineMethod(name: Method, signature: Signature): void {
  const { [name]: method } = {
    async [name](...args: unknown[]): Promise<unknown> {
      if (this !== (subtle as unknown)) throw invalidThis("SubtleCrypto");
      const prefix = `Failed to execute '${name}' on 'SubtleCrypto'`;
      requireArguments(prefix, args.length, signature.required);
      const converted = convertArguments(prefix, signature, args);
      // The bytes are copied on their way over the wall, in this call: what a script does to them later is not seen.
      for (let index = 0; index < converted.length; index++) {
        if (isBufferSource(converted[index])) converted[index] = bytesOf(converted[index] as ArrayBuffer);
        else converted[index] = recordOf(converted[index]) ?? converted[index];
      }
      return run(name, converted);
    },
  } as Record<Method, (this: unknown, ...args: unknown[]) => Promise<unknown>>;
  defineProperty(method, "length", { value: signature.required });
  defineProperty(SubtleCrypto.prototype, name, { value: method, configurable: true, writable: true });
}

async function run(method: Method, args: readonly unknown[]): Promise<unknown> {
  if (method === "digest") {
    const [{ name }, data] = args as [Normalized, Uint8Array];
    const quick = quickDigests[name];
    if (quick !== undefined && data.length <= maxQuickBytes) {
      return wholeOf(callSync("crypto.digest", quick, wholeBuffer(data)) as Uint8Array);
    }
  }
  const { json, parts, data } = pack(args);
  const operation =
    method === "generateKey" || method === "encapsulateBits" || method === "encapsulateKey"
      ? "crypto.subtleRandom"
      : "crypto.subtle";
  let answer: Value;
  try {
    answer = await callAsync(operation, method, json, parts, data);
  } catch (error) {
    throw asThrown(error as Error & { code: string });
  }
  switch (method) {
    case "verify":
      return answer;
    case "exportKey":
      return args[0] === "jwk" ? unpack(answer as Uint8Array) : wholeOf(answer as Uint8Array);
    case "encrypt":
    case "decrypt":
    case "sign":
    case "digest":
    case "deriveBits":
    case "wrapKey":
    case "decapsulateBits":
      return wholeOf(answer as Uint8Array);
    default:
      return unpack(answer as Uint8Array);
  }
}

function wholeOf(bytes: Uint8Array): ArrayBuffer {
  return wholeBuffer(bytes).buffer as ArrayBuffer;
}

/** What the host refuses comes as a DOMException's name, or `TypeError` and Node's code. */
function asThrown({ code, message }: { code: string; message: string }): Error {
  const space = apply(indexOf, code, [" "]) as number;
  const name = (space < 0 ? code : apply(slice, code, [0, space])) as string;
  if (name === "TypeError" || name === "RangeError") {
    return codedTypeError(apply(slice, code, [space + 1]) as string, message);
  }
  // Of the host's own, such as data that is too long for one call.
  return new DOMException(message, apply(slice, name, [-5]) === "Error" ? name : "OperationError");
}

/** What node:crypto has to do with these keys. */
export interface CryptoKeyMaterial {
  readonly type: KeyType;
  /** Raw bytes of a secret, PKCS #8 of a private key, SPKI of a public one. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function isCryptoKey(value: unknown): value is CryptoKey {
  return recordOf(value) !== undefined;
}

/** Undefined for what is no key, and for keys that are two in one: no KeyObject holds them. */
export function cryptoKeyMaterial(key: unknown): (CryptoKeyMaterial & KeyRecord) | undefined {
  const record = recordOf(key);
  if (record === undefined || apply(slice, record.algorithm.name, [0, 5]) === "MLKEM") return undefined;
  return { ...record, bytes: record.bytes.slice() };
}

/** @throws {DOMException} When the algorithm or the usages are not for such a key, as Node's KeyObject.toCryptoKey. */
export function cryptoKeyFrom(
  { type, bytes }: CryptoKeyMaterial,
  algorithm: unknown,
  extractable: unknown,
  usages: unknown,
): CryptoKey {
  const value = { prefix: "", subject: "Value" };
  const normalized = normalize(toAlgorithmIdentifier(algorithm, value), "importKey");
  const { json, data } = pack([normalized, !!extractable, toUsages(usages, value)]);
  try {
    const packed = callSync("crypto.toCryptoKey", type, wholeBuffer(bytes), json, data) as Uint8Array;
    return unpack(packed) as CryptoKey;
  } catch (error) {
    throw asThrown(error as Error & { code: string });
  }
}
