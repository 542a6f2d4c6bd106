import buffer, { type Buffer } from "node:buffer";
import { callSync } from "../../bridge.ts";
import { asBuffer } from "./as-buffer.ts";
import { invalidArgType, nodeError } from "./errors.ts";
import { hashName } from "./hashes.ts";

/** Chunks are kept until the digest is asked for: one crossing to the host, however many updates. */
const maxPendingBytes = 256 * 1024 * 1024;

abstract class Digest {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #isFinalized = false;

  protected abstract compute(data: Uint8Array): Uint8Array;
  protected abstract finalizedAgain(): Buffer;

  update(data: unknown, encoding?: string): this {
    if (this.#isFinalized) throw finalized();
    // A copy: the caller may go on to change its buffer.
    const chunk = toBytes(data, "data", encoding).slice();
    this.#bytes += chunk.length;
    if (this.#bytes > maxPendingBytes) {
      throw nodeError(RangeError, "ERR_OUT_OF_RANGE", `Cannot hash more than ${maxPendingBytes} bytes`);
    }
    this.#chunks.push(chunk);
    return this;
  }

  digest(encoding?: string): Buffer | string {
    let result: Buffer;
    if (this.#isFinalized) result = this.finalizedAgain();
    else {
      this.#isFinalized = true;
      const [only] = this.#chunks;
      const data = this.#chunks.length === 1 && only ? only : buffer.Buffer.concat(this.#chunks, this.#bytes);
      this.#chunks = [];
      result = asBuffer(this.compute(data));
    }
    return encoding && encoding !== "buffer" ? result.toString(encoding) : result;
  }

  /** The stream side of Node's class, as far as it can be had without being a stream. */
  write(data: unknown, encoding?: string): boolean {
    this.update(data, encoding);
    return true;
  }
  end(data?: unknown, encoding?: string): this {
    if (data !== undefined && data !== null) this.update(data, encoding);
    return this;
  }
  read(): Buffer | string {
    return this.digest();
  }

  protected copyTo(other: Digest): void {
    if (this.#isFinalized) throw finalized();
    other.#chunks = [...this.#chunks];
    other.#bytes = this.#bytes;
  }
}

export class Hash extends Digest {
  readonly #algorithm: string;

  constructor(algorithm: string) {
    super();
    if (typeof algorithm !== "string") throw invalidArgType("algorithm", "of type string", algorithm);
    this.#algorithm = hashName(algorithm);
  }
  copy(): Hash {
    const other = new Hash(this.#algorithm);
    this.copyTo(other);
    return other;
  }
  protected compute(data: Uint8Array): Uint8Array {
    return callSync("crypto.hash", this.#algorithm, data) as Uint8Array;
  }
  protected finalizedAgain(): never {
    throw finalized();
  }
}

export class Hmac extends Digest {
  readonly #algorithm: string;
  readonly #key: Uint8Array;

  constructor(algorithm: string, key: unknown) {
    super();
    if (typeof algorithm !== "string") throw invalidArgType("hmac", "of type string", algorithm);
    this.#key = toBytes(key instanceof SecretKey ? key.export() : key, "key").slice();
    this.#algorithm = hashName(algorithm, () =>
      nodeError(Error, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${algorithm}`),
    );
  }
  protected compute(data: Uint8Array): Uint8Array {
    return callSync("crypto.hmac", this.#algorithm, this.#key, data) as Uint8Array;
  }
  /** Node answers a second digest of an Hmac with nothing. */
  protected finalizedAgain(): Buffer {
    return buffer.Buffer.alloc(0);
  }
}

/** A KeyObject of type secret. */
export class SecretKey {
  readonly type = "secret";
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.slice();
  }
  get symmetricKeySize(): number {
    return this.#bytes.length;
  }
  export(): Buffer {
    return buffer.Buffer.from(this.#bytes);
  }
}
Object.defineProperty(SecretKey.prototype, Symbol.toStringTag, { value: "KeyObject" });

export function toBytes(data: unknown, name: string, encoding?: string): Uint8Array {
  if (typeof data === "string") return buffer.Buffer.from(data, encoding === "buffer" ? "utf8" : encoding);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer && name !== "data") return new Uint8Array(data);
  throw invalidArgType(name, "of type string or an instance of Buffer, TypedArray, or DataView", data);
}

function finalized(): Error {
  return nodeError(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
}
