import { KeyObject, webcrypto } from "node:crypto";
import { OperationError } from "../../model/values.ts";
import type { OperationEnvironment } from "../operation.ts";
import { KeyCache, type KeyMaterial, keyTypes, materialOf, parseKey } from "./crypto-keys.ts";
import type { Packing } from "./web-crypto-values.ts";

type CryptoKey = webcrypto.CryptoKey;

/** A CryptoKey as it crosses: what the guest keeps of it. */
interface KeyRecord extends KeyMaterial {
  readonly algorithm: { readonly name: string };
  readonly extractable: boolean;
  readonly usages: readonly string[];
}

/** Two keys in one: no KeyObject holds them, so their bytes are a seed and a raw public key. */
const hybrids: ReadonlySet<string> = new Set(["MLKEM768-P256", "MLKEM768-X25519", "MLKEM1024-P384"]);

type Subtle = Record<string, (...args: unknown[]) => Promise<never>>;
const subtle = webcrypto.subtle as unknown as Subtle;

/** The key that the guest sent, made anew unless this environment used it lately. A promise for hybrids. */
export function cryptoKeyOf(
  environment: Pick<OperationEnvironment, "resources">,
  sent: unknown,
): CryptoKey | Promise<CryptoKey> {
  const record = checked(sent);
  const { algorithm, extractable, usages } = record;
  const use = JSON.stringify([algorithm, extractable, usages]);
  return KeyCache.of(environment).get(record, use, () => {
    if (hybrids.has(algorithm.name)) {
      const format = record.type === "private" ? "raw-seed" : "raw-public";
      const importing = subtle["importKey"]!(format, record.bytes, algorithm, extractable, usages);
      // Whoever uses it sees that it failed; nobody does when another argument is refused first.
      importing.catch(() => {});
      return importing;
    }
    return parseKey(record).toCryptoKey(algorithm as never, extractable, usages as never);
  });
}

function checked(sent: unknown): KeyRecord {
  const { type, bytes, algorithm, extractable, usages } = (sent ?? {}) as Partial<KeyRecord>;
  const isKey =
    type !== undefined &&
    keyTypes.includes(type) &&
    bytes instanceof Uint8Array &&
    typeof algorithm?.name === "string" &&
    typeof extractable === "boolean" &&
    Array.isArray(usages);
  if (!isKey) throw new OperationError("ERR_INVALID_ARG_VALUE", "Cannot call WebCrypto: a key is none");
  return { type, bytes, algorithm, extractable, usages };
}

/** What the guest gets of a key: everything, since the key is its own. It lets nobody see what is not extractable. */
export async function packKey(key: CryptoKey, packing: Packing): Promise<{ "#key": object }> {
  const bytes = hybrids.has(key.algorithm.name)
    ? new Uint8Array(await subtle["exportKey"]!(key.type === "private" ? "raw-seed" : "raw-public", key))
    : materialOf(KeyObject.from(key)).bytes;
  return packRecord(key, bytes, packing);
}

export function packRecord(key: CryptoKey, bytes: Uint8Array, packing: Packing): { "#key": object } {
  const { publicExponent, ...algorithm } = key.algorithm as { publicExponent?: Uint8Array };
  return {
    "#key": {
      type: key.type,
      extractable: key.extractable,
      algorithm:
        publicExponent === undefined ? algorithm : { ...algorithm, publicExponent: [...publicExponent] },
      usages: key.usages,
      bytes: packing.bytes(bytes),
    },
  };
}

/** Whether the key's bytes can be had of it although it is not extractable. */
export function isHybrid(algorithm: unknown): boolean {
  return hybrids.has((algorithm as { name?: string } | undefined)?.name ?? "");
}
