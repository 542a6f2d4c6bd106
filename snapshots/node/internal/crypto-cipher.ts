import type { Buffer } from "node:buffer";
import { wholeBuffer } from "../../web/bytes.ts";
import { asBuffer } from "./as-buffer.ts";
import { nextHandle } from "./crypto-feed.ts";
import { ask, readAnswer, writeDown } from "./crypto-wire.ts";
import { invalidArgType, nodeError } from "./errors.ts";
import { inheritTransform, type LazyTransform } from "./lazy-transform.ts";

const state = Symbol("state");
type Done = (error?: unknown) => void;

/** The host holds the cipher from the start: what it was fed cannot be kept and replayed, since each chunk is answered. */
interface Cipher extends LazyTransform {
  [state]: { readonly handle: number };
}

function open(cipher: Cipher, maker: "createCipheriv" | "createDecipheriv", args: unknown[]): void {
  const handle = nextHandle();
  ask("crypto.open", handle, maker, ...writeDown(args));
  cipher[state] = { handle };
  cipher._options = args[3] as object | undefined;
}

export function Cipheriv(
  this: Cipher | undefined,
  cipher: unknown,
  key: unknown,
  iv: unknown,
  options?: unknown,
): unknown {
  if (!(this instanceof Cipheriv))
    return new (Cipheriv as never as CipherClass)(cipher, key, iv, options) as never;
  open(this as Cipher, "createCipheriv", [cipher, key, iv, options]);
}

export function Decipheriv(
  this: Cipher | undefined,
  cipher: unknown,
  key: unknown,
  iv: unknown,
  options?: unknown,
): unknown {
  if (!(this instanceof Decipheriv)) {
    return new (Decipheriv as never as CipherClass)(cipher, key, iv, options) as never;
  }
  open(this as Cipher, "createDecipheriv", [cipher, key, iv, options]);
}

export type CipherClass = new (cipher: unknown, key: unknown, iv: unknown, options?: unknown) => object;

function update(
  cipher: Cipher,
  data: unknown,
  inputEncoding: unknown,
  outputEncoding: unknown,
): Buffer | string {
  let input: string | Uint8Array;
  if (typeof data === "string") {
    checkHex(data, inputEncoding);
    input = data;
  } else if (ArrayBuffer.isView(data)) {
    input = wholeBuffer(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  } else
    throw invalidArgType("data", "of type string or an instance of Buffer, TypedArray, or DataView", data);
  return output(ask("crypto.update", cipher[state].handle, input, text(inputEncoding), text(outputEncoding)));
}

function final(cipher: Cipher, encoding?: unknown): Buffer | string {
  return output(ask("crypto.finish", cipher[state].handle, text(encoding)));
}

function use(cipher: Cipher, method: string, ...args: unknown[]): unknown {
  return readAnswer(ask("crypto.use", cipher[state].handle, method, ...writeDown(args)));
}

function output(answer: unknown): Buffer | string {
  return typeof answer === "string" ? answer : asBuffer(answer);
}

function text(encoding: unknown): string | undefined {
  return encoding ? `${encoding as string}`.slice(0, 64) : undefined;
}

function checkHex(data: string, encoding: unknown): void {
  if (typeof encoding !== "string" || encoding.toLowerCase() !== "hex" || data.length % 2 === 0) return;
  throw nodeError(
    TypeError,
    "ERR_INVALID_ARG_VALUE",
    `The argument 'encoding' is invalid for data of length ${data.length}. Received '${encoding}'`,
  );
}

const methods = {
  _transform(this: Cipher, chunk: unknown, encoding: unknown, done: Done): void {
    this.push(update(this, chunk, encoding, undefined));
    done();
  },
  _flush(this: Cipher, done: Done): void {
    try {
      this.push(final(this));
    } catch (error) {
      done(error);
      return;
    }
    done();
  },
  update(this: Cipher, data: unknown, inputEncoding?: unknown, outputEncoding?: unknown): Buffer | string {
    return update(this, data, inputEncoding, outputEncoding);
  },
  final(this: Cipher, encoding?: unknown): Buffer | string {
    return final(this, encoding);
  },
  setAutoPadding(this: Cipher, isOn?: unknown): Cipher {
    use(this, "setAutoPadding", Boolean(isOn));
    return this;
  },
  setAAD(this: Cipher, data: unknown, options?: unknown): Cipher {
    use(this, "setAAD", data, options);
    return this;
  },
};

inheritTransform(Cipheriv, {
  ...methods,
  getAuthTag(this: Cipher): unknown {
    return use(this, "getAuthTag");
  },
});
inheritTransform(Decipheriv, {
  ...methods,
  setAuthTag(this: Cipher, tag: unknown, encoding?: unknown): Cipher {
    use(this, "setAuthTag", tag, encoding);
    return this;
  },
});
