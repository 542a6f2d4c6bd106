import { createHash, createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { OperationError } from "../../model/values.ts";
import type { OperationEnvironment, Resource } from "../operation.ts";

/**
 * A key as the guest keeps it: raw bytes of a secret, PKCS #8 or SPKI in DER of the others. Guests hold the bytes
 * rather than a handle, so that a key survives in a frozen heap, and an environment that moved needs nothing of us.
 */
export interface KeyMaterial {
  readonly type: "secret" | "private" | "public";
  readonly bytes: Uint8Array;
}

export const keyTypes = ["secret", "private", "public"] as const satisfies readonly KeyMaterial["type"][];

/** DER of the largest key that is worth parsing: RSA of 16,384 bits takes 10 KB, ML-DSA-87 with its seed 5 KB. */
const maxDerBytes = 64 * 1024;
/** A longer one, which is a secret, is made each time. */
const maxKeptBytes = 64 * 1024;
const maxModulusBits = 16_384;
/** Parsed keys that one environment keeps. */
const maxKept = 64;

/**
 * What was parsed of one environment's keys, the most recently used of them. Keys are found by their bytes: a guest
 * that has the bytes has the key.
 */
export class KeyCache implements Resource {
  readonly #kept = new Map<string, unknown>();

  static of(environment: Pick<OperationEnvironment, "resources">): KeyCache {
    const { resources } = environment;
    let cache = resources.get("crypto.keys") as KeyCache | undefined;
    if (cache === undefined) {
      cache = new KeyCache();
      resources.set("crypto.keys", cache);
    }
    return cache;
  }

  get size(): number {
    return this.#kept.size;
  }

  /**
   * What `make` made of this material before, or makes of it now.
   * @param use Tells apart what is made of the same bytes, such as the algorithm and the usages of a CryptoKey.
   */
  get<T>(material: KeyMaterial, use: string, make: () => T): T {
    if (material.bytes.byteLength > maxKeptBytes) return make();
    const name = createHash("sha256")
      .update(`${material.type}\n${use.length}\n${use}\n`)
      .update(material.bytes)
      .digest("base64");
    let made = this.#kept.get(name) as T | undefined;
    if (made === undefined) made = make();
    else this.#kept.delete(name);
    // Last in the map's order: the first is the one that was not used for longest.
    this.#kept.set(name, made);
    if (this.#kept.size > maxKept) this.#kept.delete(this.#kept.keys().next().value as string);
    return made;
  }

  close(): void {
    this.#kept.clear();
  }
}

/** @throws {OperationError} ERR_CRYPTO_INVALID_KEY when the bytes are no such key. */
export function keyObjectOf(
  environment: Pick<OperationEnvironment, "resources">,
  material: KeyMaterial,
): KeyObject {
  // A secret is as cheap to make as it is to find.
  if (material.type === "secret") return parseKey(material);
  return KeyCache.of(environment).get(material, "", () => parseKey(material));
}

/** As keyObjectOf, and kept by nobody. */
export function parseKey({ type, bytes }: KeyMaterial): KeyObject {
  if (type === "secret") return createSecretKey(bytes);
  if (bytes.byteLength > maxDerBytes) {
    throw new OperationError(
      "ERR_CRYPTO_INVALID_KEY",
      `Cannot read ${type} key of ${bytes.byteLength} bytes: at most ${maxDerBytes} are allowed`,
    );
  }
  const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let parsed: KeyObject;
  try {
    parsed =
      type === "private"
        ? createPrivateKey({ key, format: "der", type: "pkcs8" })
        : createPublicKey({ key, format: "der", type: "spki" });
  } catch (error) {
    throw new OperationError("ERR_CRYPTO_INVALID_KEY", `Cannot read ${type} key: ${messageOf(error)}`, {
      cause: error,
    });
  }
  checkModulus(parsed);
  return parsed;
}

/** @throws {OperationError} ELIMIT for a modulus that nobody uses, and whose private key would take minutes to use. */
export function checkModulus(key: KeyObject): void {
  const bits = key.type === "secret" ? undefined : key.asymmetricKeyDetails?.modulusLength;
  if (bits === undefined || bits <= maxModulusBits) return;
  throw new OperationError(
    "ELIMIT",
    `Cannot use a key of ${bits} bits: at most ${maxModulusBits} are allowed`,
  );
}

/** The bytes that make this key again. */
export function materialOf(key: KeyObject): KeyMaterial {
  switch (key.type) {
    case "secret":
      return { type: "secret", bytes: plain(key.export()) };
    case "private":
      return { type: "private", bytes: plain(key.export({ format: "der", type: "pkcs8" })) };
    case "public":
      return { type: "public", bytes: plain(key.export({ format: "der", type: "spki" })) };
  }
}

/** In a buffer of its own: a view of Node's pool would carry the pool's other bytes along. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
