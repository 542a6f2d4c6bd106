import { createHash, createHmac, type Hmac, type Hash as NodeHash } from "node:crypto";

/** SHA-256, or HMAC-SHA256 with a secret, in the shape that @smithy/signature-v4 asks for. */
export class Sha256 {
  #hash: NodeHash | Hmac;
  readonly #secret: Uint8Array | string | undefined;

  constructor(secret?: Uint8Array | ArrayBuffer | ArrayBufferView | string) {
    this.#secret = secret === undefined || typeof secret === "string" ? secret : bytesOf(secret);
    this.#hash = this.#start();
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#start();
  }

  #start(): NodeHash | Hmac {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", this.#secret);
  }
}

function bytesOf(source: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}
