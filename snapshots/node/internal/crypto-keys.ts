import buffer, { type Buffer } from "node:buffer";
import { wholeBuffer } from "../../web/bytes.ts";
import {
  ask,
  askNode,
  type KeyMaterial,
  known,
  readAnswer,
  startNode,
  webKeyOf,
  webKeys,
  writeDown,
} from "./crypto-wire.ts";
import { invalidArgType, nodeError } from "./errors.ts";

/** Only who has this makes a KeyObject: in Node a handle of its own does that. */
const made = Symbol("made");

/** Keys are bytes of the guest's own, so that they survive in a frozen heap; the host parses them when it needs to. */
export class KeyObject {
  readonly #material: KeyMaterial;
  #details: readonly [string, Record<string, unknown>] | undefined;

  constructor(type: unknown, handle: unknown) {
    if (type !== "secret" && type !== "public" && type !== "private") {
      throw nodeError(
        TypeError,
        "ERR_INVALID_ARG_VALUE",
        `The argument 'type' is invalid. Received ${typeof type === "string" ? `'${type}'` : String(type)}`,
      );
    }
    const { from, bytes } = (handle ?? {}) as { from?: symbol; bytes?: Uint8Array };
    if (typeof handle !== "object" || from !== made) throw invalidArgType("handle", "of type object", handle);
    this.#material = { type, bytes: bytes! };
  }

  get type(): KeyMaterial["type"] {
    return materialOf(this).type;
  }

  equals(other: unknown): boolean {
    const [one, two] = [this.#material, readKey(other)];
    if (two === undefined) throw invalidArgType("otherKeyObject", "an instance of KeyObject", other);
    return (
      one.type === two.type && (ask("crypto.keysEqual", one.type, one.bytes, two.type, two.bytes) as boolean)
    );
  }

  toCryptoKey(algorithm: unknown, extractable: unknown, usages: unknown): unknown {
    const { type, bytes } = materialOf(this);
    return webKeys().cryptoKeyFrom({ type, bytes: new Uint8Array(bytes) }, algorithm, extractable, usages);
  }

  static from(key: unknown): KeyObject {
    const material = typeof key === "object" && key !== null ? webKeyOf(key) : undefined;
    if (material === undefined) throw invalidArgType("key", "an instance of CryptoKey", key);
    return keyObject(material);
  }

  static read(value: unknown): KeyMaterial | undefined {
    return typeof value === "object" && value !== null && #material in value ? value.#material : undefined;
  }

  static details(key: KeyObject): readonly [string, Record<string, unknown>] {
    const { type, bytes } = materialOf(key);
    key.#details ??= readAnswer(ask("crypto.keyDetails", type, bytes)) as [string, Record<string, unknown>];
    return key.#details;
  }
}
Object.defineProperty(KeyObject.prototype, Symbol.toStringTag, { value: "KeyObject", configurable: true });

const readKey = KeyObject.read;
const detailsOf = KeyObject.details;
// Ours alone.
delete (KeyObject as { read?: unknown }).read;
delete (KeyObject as { details?: unknown }).details;
known.keyOf.push(readKey);

function materialOf(key: unknown): KeyMaterial {
  const material = readKey(key);
  if (material === undefined) {
    throw nodeError(TypeError, "ERR_INVALID_THIS", 'Value of "this" must be of type KeyObject');
  }
  return material;
}

class SecretKeyObject extends KeyObject {
  constructor(handle: unknown) {
    super("secret", handle);
  }
  get symmetricKeySize(): number {
    return materialOf(this).bytes.length;
  }
  export(options?: { format?: unknown }): unknown {
    if (options === undefined) return ownBuffer(materialOf(this).bytes);
    return exported(this, options);
  }
}

class AsymmetricKeyObject extends KeyObject {
  get asymmetricKeyType(): string {
    return detailsOf(this)[0];
  }
  get asymmetricKeyDetails(): Record<string, unknown> {
    return { ...detailsOf(this)[1] };
  }
  export(options?: unknown): unknown {
    return exported(this, options);
  }
}
class PublicKeyObject extends AsymmetricKeyObject {
  constructor(handle: unknown) {
    super("public", handle);
  }
}
class PrivateKeyObject extends AsymmetricKeyObject {
  constructor(handle: unknown) {
    super("private", handle);
  }
}

function exported(key: KeyObject, options: unknown): unknown {
  const { type, bytes } = materialOf(key);
  return readAnswer(ask("crypto.exportKey", type, bytes, ...writeDown([options])));
}

export function keyObject({ type, bytes }: KeyMaterial): KeyObject {
  const handle = { from: made, bytes: wholeBuffer(bytes) };
  if (type === "secret") return new SecretKeyObject(handle);
  return type === "public" ? new PublicKeyObject(handle) : new PrivateKeyObject(handle);
}

function ownBuffer(bytes: Uint8Array): Buffer {
  const copy = buffer.Buffer.alloc(bytes.length);
  copy.set(bytes);
  return copy;
}

export const createSecretKey = (key: unknown, encoding?: unknown) =>
  askNode("createSecretKey", key, encoding);
export const createPublicKey = (key: unknown) => askNode("createPublicKey", key);
export const createPrivateKey = (key: unknown) => askNode("createPrivateKey", key);

export const generateKeyPairSync = (type: unknown, options?: unknown) =>
  askNode("generateKeyPairSync", ...given(type, options));
export const generateKeySync = (type: unknown, options?: unknown) =>
  askNode("generateKeySync", type, options);

const given = (type: unknown, options: unknown) => (options === undefined ? [type] : [type, options]);

export function generateKeyPair(type: unknown, options: unknown, callback?: unknown): void {
  startNode("generateKeyPair", callback === undefined ? [type, options] : [type, options, callback]);
}
// What a promise answers with has both.
Object.defineProperty(generateKeyPair, Symbol.for("nodejs.util.promisify.custom"), {
  value: (type: unknown, options?: unknown) =>
    new Promise((resolve, reject) => {
      generateKeyPair(type, options, (error: unknown, publicKey: unknown, privateKey: unknown) => {
        if (error) reject(error);
        else resolve({ publicKey, privateKey });
      });
    }),
});

export function generateKey(type: unknown, options: unknown, callback?: unknown): void {
  startNode("generateKey", [type, options, callback]);
}

export const parsePKCS12 = (bundle: unknown, options?: unknown) =>
  askNode("parsePKCS12", ...(options === undefined ? [bundle] : [bundle, options]));
