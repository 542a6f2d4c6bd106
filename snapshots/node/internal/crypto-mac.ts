import { asBuffer } from "./as-buffer.ts";
import { finish, nextHandle } from "./crypto-feed.ts";
import { ask, writeDown } from "./crypto-wire.ts";
import { invalidArgType, nodeError } from "./errors.ts";
import { inheritTransform, type LazyTransform } from "./lazy-transform.ts";

const state = Symbol("state");
type Done = (error?: unknown) => void;

interface Mac extends LazyTransform {
  [state]: { readonly handle: number; isFinalized: boolean };
}

/** Every message authentication code that OpenSSL has: KMAC, CMAC, GMAC, Poly1305… The host holds it from the start. */
export function Mac(this: Mac | undefined, algorithm: unknown, key: unknown, options?: object): unknown {
  if (!new.target) return new (Mac as never as MacClass)(algorithm, key, options) as never;
  const handle = nextHandle();
  ask("crypto.open", handle, "createMac", ...writeDown([algorithm, key, options]));
  this![state] = { handle, isFinalized: false };
  this!._options = options;
}

export type MacClass = new (algorithm: unknown, key: unknown, options?: object) => object;

function feed(mac: Mac, data: unknown, encoding: unknown): void {
  if (mac[state].isFinalized) throw finalized();
  const isBytes = ArrayBuffer.isView(data);
  if (typeof data !== "string" && !isBytes) {
    throw invalidArgType("data", "of type string or an instance of Buffer, TypedArray, or DataView", data);
  }
  if (!isBytes && encoding !== undefined && typeof encoding !== "string") {
    throw invalidArgType("inputEncoding", "of type string", encoding);
  }
  const input = isBytes ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() : data;
  try {
    ask("crypto.update", mac[state].handle, input, isBytes ? undefined : (encoding as string | undefined));
  } catch (error) {
    // What was wrong with the arguments changed nothing.
    mac[state].isFinalized = !(error as { code?: string }).code?.startsWith("ERR_INVALID_ARG");
    throw error;
  }
}

function final(mac: Mac, encoding?: unknown): unknown {
  if (mac[state].isFinalized) throw finalized();
  if (encoding !== undefined && typeof encoding !== "string") {
    throw invalidArgType("outputEncoding", "of type string", encoding);
  }
  const answer = finish(mac[state].handle, encoding);
  mac[state].isFinalized = true;
  return typeof answer === "string" ? answer : asBuffer(answer);
}

inheritTransform(Mac, {
  update(this: Mac, data: unknown, encoding?: unknown): Mac {
    feed(this, data, encoding);
    return this;
  },
  final(this: Mac, encoding?: unknown): unknown {
    return final(this, encoding);
  },
  _transform(this: Mac, chunk: unknown, encoding: unknown, done: Done): void {
    attempt(() => feed(this, chunk, typeof chunk === "string" ? encoding : undefined), done);
  },
  _flush(this: Mac, done: Done): void {
    attempt(() => {
      const code = final(this) as Uint8Array;
      if (code.length > 0) this.push(code);
    }, done);
  },
});

function attempt(run: () => void, done: Done): void {
  try {
    run();
  } catch (error) {
    done(error);
    return;
  }
  done();
}

function finalized(): Error {
  return nodeError(Error, "ERR_CRYPTO_MAC_FINALIZED", "MAC already finalized");
}
