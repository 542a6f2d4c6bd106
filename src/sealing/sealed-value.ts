import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from "node:crypto";
import { deriveKey } from "./derive-key.ts";

// A sealed value:  format 1 │ key id 8 │ nonce 12 │ sealed bytes │ tag 16
//
// AES-256-GCM. The additional data are format, key id and the place that the value belongs to, so that it opens
// nowhere else. Nonces are random: with one key they stay apart for 2^32 values (NIST SP 800-38D, 8.3).

const format = 1;
const keyIdBytes = 8;
const headerBytes = 1 + keyIdBytes;
const nonceBytes = 12;
const tagBytes = 16;
const tagLength = { authTagLength: tagBytes } as const;

/** A value that does not open where it is. */
export class SealedValueError extends Error {
  readonly reason: "Malformed" | "OtherFormat" | "OtherKey" | "Altered";
  constructor(reason: SealedValueError["reason"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SealedValueError";
    this.reason = reason;
  }
}

/** Seals what is small enough to be sealed at once: records, keys. Long contents are sealed files. */
export class ValueSeal {
  readonly #key: KeyObject;
  readonly #header: Buffer;

  /**
   * @param secret At least 32 bytes, uniformly random.
   * @param label What is sealed: every label makes another key of the same secret.
   */
  constructor(secret: Uint8Array, label: string) {
    this.#key = createSecretKey(deriveKey(secret, `${label}: key`, 32));
    this.#header = Buffer.concat([Buffer.of(format), deriveKey(secret, `${label}: key id`, keyIdBytes)]);
  }

  /** @param place What the value belongs to, part by part. It opens with the same parts only. */
  seal(plain: string | Uint8Array, place: readonly string[]): Buffer {
    const nonce = randomFillSync(Buffer.allocUnsafe(nonceBytes));
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce).setAAD(this.#bindings(place));
    const sealed = typeof plain === "string" ? cipher.update(plain, "utf8") : cipher.update(plain);
    return Buffer.concat([this.#header, nonce, sealed, cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws {SealedValueError} It was sealed with another key or for another place, or is not as it was. */
  open(sealed: Uint8Array, place: readonly string[]): Buffer {
    const bytes =
      sealed instanceof Buffer ? sealed : Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const end = bytes.byteLength - tagBytes;
    if (end < headerBytes + nonceBytes) {
      throw new SealedValueError("Malformed", `it has ${bytes.byteLength} bytes, which no sealed value has`);
    }
    if (bytes[0] !== format) {
      throw new SealedValueError("OtherFormat", `its format is ${bytes[0]}, not ${format}`);
    }
    if (bytes.compare(this.#header, 0, headerBytes, 0, headerBytes) !== 0) {
      throw new SealedValueError("OtherKey", "it was sealed with another key");
    }
    const nonce = bytes.subarray(headerBytes, headerBytes + nonceBytes);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce, tagLength)
      .setAAD(this.#bindings(place))
      .setAuthTag(bytes.subarray(end));
    const plain = decipher.update(bytes.subarray(headerBytes + nonceBytes, end));
    try {
      // GCM has given all of it by now: this looks at the tag.
      decipher.final();
    } catch (cause) {
      throw new SealedValueError("Altered", "it was changed, or belongs to another place", { cause });
    }
    return plain;
  }

  /** JSON keeps the parts apart, whatever they hold. */
  #bindings(place: readonly string[]): Buffer {
    return Buffer.concat([this.#header, Buffer.from(JSON.stringify(place))]);
  }
}
