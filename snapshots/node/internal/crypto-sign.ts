import buffer, { type Buffer } from "node:buffer";
import stream from "node:stream";
import { Feed } from "./crypto-feed.ts";
import { ask, askNode, readAnswer, startNode, writeDown } from "./crypto-wire.ts";
import { assertFunction } from "./errors.ts";

const state = Symbol("state");
type Done = (error?: unknown) => void;

interface Signing {
  [state]: { readonly feed: Feed };
  update(data: unknown, encoding?: unknown): this;
}

const Writable = stream.Writable as unknown as {
  (this: object, options: unknown): void;
  prototype: object;
};

const knownAlgorithms = new Set<string>();

function begin(
  target: Signing,
  maker: "createSign" | "createVerify",
  algorithm: unknown,
  options: unknown,
): void {
  const feed = new Feed((handle) => {
    ask("crypto.open", handle, maker, ...writeDown([algorithm]));
  });
  // Once the host took an algorithm, only the whole of it crosses, with the key.
  if (typeof algorithm !== "string" || !knownAlgorithms.has(algorithm)) {
    feed.flush();
    if (knownAlgorithms.size < 128) knownAlgorithms.add(algorithm as string);
  }
  target[state] = { feed };
  Reflect.apply(Writable, target, [options]);
}

export function Sign(this: Signing | undefined, algorithm: unknown, options?: unknown): unknown {
  if (!(this instanceof Sign)) return new (Sign as never as SigningClass)(algorithm, options) as never;
  begin(this as Signing, "createSign", algorithm, options);
}

export function Verify(this: Signing | undefined, algorithm: unknown, options?: unknown): unknown {
  if (!(this instanceof Verify)) return new (Verify as never as SigningClass)(algorithm, options) as never;
  begin(this as Signing, "createVerify", algorithm, options);
}

export type SigningClass = new (algorithm: unknown, options?: unknown) => object;

const methods = {
  update(this: Signing, data: unknown, encoding?: unknown): Signing {
    this[state].feed.add(data, encoding);
    return this;
  },
  _write(this: Signing, chunk: unknown, encoding: unknown, done: Done): void {
    this.update(chunk, encoding);
    done();
  },
};

function end(signing: Signing, method: "sign" | "verify", args: unknown[]): unknown {
  return readAnswer(ask("crypto.use", signing[state].feed.flush(), method, ...writeDown(args)));
}

for (const [made, own] of [
  [
    Sign,
    {
      sign(this: Signing, key: unknown, encoding?: string): Buffer | string {
        const signature = end(this, "sign", [key]) as Buffer;
        return encoding && encoding !== "buffer" ? signature.toString(encoding) : signature;
      },
    },
  ],
  [
    Verify,
    {
      verify(this: Signing, key: unknown, signature: unknown, encoding?: unknown): boolean {
        return end(this, "verify", [key, signature, encoding]) as boolean;
      },
    },
  ],
] as const) {
  Object.setPrototypeOf(made.prototype, Writable.prototype);
  Object.setPrototypeOf(made, Writable);
  for (const [name, value] of Object.entries({ ...methods, ...own })) {
    Object.defineProperty(made.prototype, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}

export function sign(algorithm: unknown, data: unknown, key: unknown, callback?: unknown): unknown {
  if (callback === undefined) return askNode("sign", algorithm, asBytes(data), key);
  assertFunction(callback, "callback");
  return startNode("sign", [algorithm, asBytes(data), key, callback]);
}

export function verify(
  algorithm: unknown,
  data: unknown,
  key: unknown,
  signature: unknown,
  callback?: unknown,
): unknown {
  if (callback === undefined) return askNode("verify", algorithm, asBytes(data), key, signature);
  assertFunction(callback, "callback");
  return startNode("verify", [algorithm, asBytes(data), key, signature, callback]);
}

/** Long texts cross as the bytes that they are signed as. */
function asBytes(data: unknown): unknown {
  return typeof data === "string" && data.length > 4096 ? buffer.Buffer.from(data, "utf8") : data;
}
