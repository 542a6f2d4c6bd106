import { createDiffieHellman, createDiffieHellmanGroup, createECDH, DiffieHellman, ECDH } from "node:crypto";
import { OperationError } from "../../model/values.ts";
import { defineOperation, integer, type OperationEnvironment, oneOf, type Resource } from "../operation.ts";
import { checkCost } from "./node-crypto-costs.ts";
import { askNode, readWritten, writeAnswer, written } from "./node-crypto-values.ts";

const make = { createDiffieHellman, createDiffieHellmanGroup, createECDH } as const;
const makers = Object.keys(make) as (keyof typeof make)[];
const methods = [
  "computeSecret",
  "generateKeys",
  "getGenerator",
  "getPrime",
  "getPrivateKey",
  "getPublicKey",
  "setPrivateKey",
  "setPublicKey",
] as const;
/** Methods after which the guest has to know new keys. */
const changes: ReadonlySet<string> = new Set(["generateKeys", "setPrivateKey", "setPublicKey"]);

type Exchange = Record<(typeof methods)[number], (...args: unknown[]) => unknown> & { verifyError?: number };

/** Those that are made already. The guest sends along what they are made of, so that none is missed. */
const maxKept = 16;

class Exchanges implements Resource {
  readonly #byHandle = new Map<number, Exchange>();

  static of(environment: OperationEnvironment): Exchanges {
    const present = environment.resources.get("crypto.exchanges");
    if (present instanceof Exchanges) return present;
    const made = new Exchanges();
    environment.resources.set("crypto.exchanges", made);
    return made;
  }

  get(handle: number): Exchange | undefined {
    return this.#byHandle.get(handle);
  }

  add(handle: number, exchange: Exchange): void {
    this.#byHandle.delete(handle);
    this.#byHandle.set(handle, exchange);
    if (this.#byHandle.size > maxKept) this.#byHandle.delete(this.#byHandle.keys().next().value as number);
  }

  close(): void {
    this.#byHandle.clear();
  }
}

const handleArgument = integer(1, Number.MAX_SAFE_INTEGER);

/** The arguments are those of the constructor; the answer is what it takes to make the same one again. */
export const openExchange = defineOperation({
  name: "crypto.openExchange",
  kind: "sync",
  args: [handleArgument, oneOf(...makers), ...written],
  replay: "taped",
  run: (environment, handle, maker, json, ...parts) => {
    const exchange = open(maker, readWritten(environment, json, parts));
    Exchanges.of(environment).add(handle, exchange);
    if (maker !== "createDiffieHellman") return writeAnswer([exchange.verifyError]);
    return writeAnswer([exchange.verifyError, exchange.getPrime(), exchange.getGenerator()]);
  },
});

/**
 * The arguments are the constructor's, the private key, the public key (undefined: none), the method's. The answer
 * is the method's, and both keys where it changed them.
 */
export const useExchange = defineOperation({
  name: "crypto.useExchange",
  kind: "sync",
  args: [handleArgument, oneOf(...makers), oneOf(...methods), ...written],
  replay: "taped",
  run: (environment, handle, maker, method, json, ...parts) => {
    const [made, privateKey, publicKey, args] = readWritten(environment, json, parts);
    if (!Array.isArray(made) || !Array.isArray(args)) {
      throw new OperationError("ERR_INVALID_ARG_VALUE", "Cannot read the arguments of a key exchange");
    }
    const exchanges = Exchanges.of(environment);
    const exchange = exchanges.get(handle) ?? remake(maker, made, privateKey, publicKey);
    exchanges.add(handle, exchange);
    if (typeof exchange[method] !== "function") {
      throw new OperationError("EINVAL", `Cannot call ${method} of what has no such method`);
    }
    const answer = askNode(() => exchange[method](...args));
    const result = answer === exchange ? undefined : answer;
    if (!changes.has(method)) return writeAnswer([result]);
    return writeAnswer([
      result,
      orNone(() => exchange.getPrivateKey()),
      orNone(() => exchange.getPublicKey()),
    ]);
  },
});

export const convertPoint = defineOperation({
  name: "crypto.convertPoint",
  kind: "sync",
  args: [...written],
  replay: "pure",
  run: (environment, json, ...parts) => {
    const args = readWritten(environment, json, parts) as Parameters<typeof ECDH.convertKey>;
    return writeAnswer(askNode(() => ECDH.convertKey(...args)));
  },
});

function open(maker: keyof typeof make, args: readonly unknown[]): Exchange {
  checkCost(maker, args, "sync");
  const create = make[maker] as unknown as (...args: readonly unknown[]) => Exchange;
  return askNode(() => create(...args));
}

function remake(
  maker: keyof typeof make,
  args: readonly unknown[],
  privateKey: unknown,
  publicKey: unknown,
): Exchange {
  const exchange = open(maker, args);
  // Of a curve, the public key follows from the private one.
  if (privateKey !== undefined) askNode(() => setKey(exchange, "setPrivateKey", privateKey));
  const follows = maker === "createECDH" && privateKey !== undefined;
  if (publicKey !== undefined && !follows) askNode(() => setKey(exchange, "setPublicKey", publicKey));
  return exchange;
}

/** A group has no such methods of its own, and takes those of any other exchange. */
function setKey(exchange: Exchange, method: "setPrivateKey" | "setPublicKey", key: unknown): void {
  const own = exchange[method] ?? (DiffieHellman.prototype as unknown as Exchange)[method];
  own.call(exchange, key);
}

/** It has none. */
function orNone(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}
