import type { Buffer } from "node:buffer";
import { nextHandle } from "./crypto-feed.ts";
import { ask, askNode, readAnswer, startNode, writeDown } from "./crypto-wire.ts";

const state = Symbol("state");
type Maker = "createDiffieHellman" | "createDiffieHellmanGroup" | "createECDH";

/** What it takes to make the host's half again, in another process too. */
interface ExchangeState {
  readonly handle: number;
  readonly maker: Maker;
  readonly made: readonly unknown[];
  privateKey?: Buffer;
  publicKey?: Buffer;
}
interface Exchange {
  [state]: ExchangeState;
  getPublicKey(encoding?: string, format?: string): unknown;
}

function open(exchange: Exchange, maker: Maker, args: readonly unknown[]): void {
  const handle = nextHandle();
  const answer = readAnswer(ask("crypto.openExchange", handle, maker, ...writeDown(args))) as unknown[];
  const [verifyError, ...made] = answer;
  exchange[state] = { handle, maker, made: made.length === 0 ? args : made };
  if (maker === "createECDH") return;
  Object.defineProperty(exchange, "verifyError", { value: verifyError, enumerable: true });
}

function use(exchange: Exchange, method: string, args: readonly unknown[]): unknown {
  const of = exchange[state];
  const written = writeDown([of.made, of.privateKey, of.publicKey, args]);
  const answer = readAnswer(ask("crypto.useExchange", of.handle, of.maker, method, ...written)) as unknown[];
  if (answer.length > 1) [, of.privateKey, of.publicKey] = answer as [unknown, Buffer, Buffer];
  return answer[0];
}

export function DiffieHellman(
  this: Exchange | undefined,
  sizeOrKey: unknown,
  keyEncoding?: unknown,
  generator?: unknown,
  generatorEncoding?: unknown,
): unknown {
  const args = [sizeOrKey, keyEncoding, generator, generatorEncoding];
  if (!(this instanceof DiffieHellman)) return construct(DiffieHellman, args) as never;
  open(this as Exchange, "createDiffieHellman", args);
}

export function DiffieHellmanGroup(this: Exchange | undefined, name: unknown): unknown {
  if (!(this instanceof DiffieHellmanGroup)) return construct(DiffieHellmanGroup, [name]) as never;
  open(this as Exchange, "createDiffieHellmanGroup", [name]);
}

export function ECDH(this: Exchange | undefined, curve: unknown): unknown {
  if (!(this instanceof ECDH)) return construct(ECDH, [curve]) as never;
  open(this as Exchange, "createECDH", [curve]);
}

function construct(made: unknown, args: readonly unknown[]): object {
  return Reflect.construct(made as new (...args: unknown[]) => object, args);
}

const asked = (method: string) =>
  function (this: Exchange, ...args: unknown[]): unknown {
    return use(this, method, args);
  };
const set = (method: string) =>
  function (this: Exchange, ...args: unknown[]): unknown {
    use(this, method, args);
    return this;
  };
const common = {
  generateKeys: asked("generateKeys"),
  computeSecret: asked("computeSecret"),
  getPrime: asked("getPrime"),
  getGenerator: asked("getGenerator"),
  getPublicKey: asked("getPublicKey"),
  getPrivateKey: asked("getPrivateKey"),
};
const setters = { setPublicKey: set("setPublicKey"), setPrivateKey: set("setPrivateKey") };
Object.assign(DiffieHellmanGroup.prototype, common);
Object.assign(DiffieHellman.prototype, common, setters);
const { computeSecret, generateKeys, getPublicKey, getPrivateKey } = common;
Object.assign(ECDH.prototype, { computeSecret, ...setters, getPrivateKey, generateKeys, getPublicKey });
for (const made of [DiffieHellman, DiffieHellmanGroup, ECDH]) {
  for (const [name, method] of Object.entries(made.prototype as object)) {
    Object.defineProperty(method, "name", { value: name, configurable: true });
  }
}

ECDH.convertKey = (...args: unknown[]): unknown => readAnswer(ask("crypto.convertPoint", ...writeDown(args)));

export function diffieHellman(options: unknown, callback?: unknown): unknown {
  if (callback === undefined) return askNode("diffieHellman", options);
  return startNode("diffieHellman", [options, callback]);
}
