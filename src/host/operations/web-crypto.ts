import { webcrypto } from "node:crypto";
import { OperationError, type Value } from "../../model/values.ts";
import { bytes, defineOperation, type OperationEnvironment, oneOf, optional, string } from "../operation.ts";
import { keyObjectOf, keyTypes } from "./crypto-keys.ts";
import { slowLane } from "./slow-lane.ts";
import { checkBounds } from "./web-crypto-bounds.ts";
import { cryptoKeyOf, isHybrid, packKey, packRecord } from "./web-crypto-keys.ts";
import { Packing, Unpacking } from "./web-crypto-values.ts";

type CryptoKey = webcrypto.CryptoKey;
type Subtle = Record<string, (...args: unknown[]) => Promise<unknown>>;

const subtle = webcrypto.subtle as unknown as Subtle;
const { CryptoKey, DOMException, SubtleCrypto } = globalThis as unknown as {
  CryptoKey: new () => CryptoKey;
  DOMException: typeof globalThis.DOMException;
  SubtleCrypto: { supports(operation: string, ...rest: unknown[]): boolean };
};

const maxJsonCharacters = 1024 * 1024;
const maxPartsBytes = 16 * 1024 * 1024;
const maxDataBytes = 64 * 1024 * 1024;
const none = new Uint8Array(0);

/** What a method is given: its arguments packed, the bytes that they name, and the longest of all by itself. */
const packed = [
  string(maxJsonCharacters),
  optional(bytes(maxPartsBytes)),
  optional(bytes(maxDataBytes)),
] as const;

/** Methods of SubtleCrypto, carried out by Node's own. The guest has converted what it was given. */
export const subtleCrypto = defineOperation({
  name: "crypto.subtle",
  kind: "async",
  args: [
    oneOf(
      "encrypt",
      "decrypt",
      "sign",
      "verify",
      "digest",
      "deriveKey",
      "deriveBits",
      "importKey",
      "exportKey",
      "wrapKey",
      "unwrapKey",
      "getPublicKey",
      "decapsulateBits",
      "decapsulateKey",
    ),
    ...packed,
  ],
  replay: "pure",
  run: call,
});

/** Those whose result is random. A heap that is frozen has it from then on, and so has whoever restores it. */
export const subtleCryptoRandom = defineOperation({
  name: "crypto.subtleRandom",
  kind: "async",
  args: [oneOf("generateKey", "encapsulateBits", "encapsulateKey"), ...packed],
  replay: "taped",
  run: call,
});

export const subtleCryptoSupports = defineOperation({
  name: "crypto.supports",
  kind: "sync",
  args: [...packed],
  replay: "pure",
  run: (environment, json, parts, data) => {
    try {
      const [operation, ...rest] = unpack(environment, json, parts, data);
      return SubtleCrypto.supports(String(operation), ...rest);
    } catch (error) {
      throw refusal(error);
    }
  },
});

/** What KeyObject.prototype.toCryptoKey does: answers the key, or why the algorithm and the usages are not for it. */
export const toCryptoKey = defineOperation({
  name: "crypto.toCryptoKey",
  kind: "sync",
  args: [oneOf(...keyTypes), bytes(maxPartsBytes), string(maxJsonCharacters), optional(bytes(maxPartsBytes))],
  replay: "pure",
  run: (environment, type, material, json, parts) => {
    try {
      const [algorithm, extractable, usages] = unpack(environment, json, parts, undefined);
      const key = keyObjectOf(environment, { type, bytes: material });
      const packing = new Packing();
      const made = key.toCryptoKey(algorithm as never, extractable as boolean, usages as never);
      return packing.finish(packRecord(made, material, packing));
    } catch (error) {
      throw refusal(error);
    }
  },
});

async function call(
  environment: OperationEnvironment,
  method: string,
  json: string,
  parts?: Uint8Array,
  data?: Uint8Array,
): Promise<Value> {
  try {
    const args = await Promise.all(unpack(environment, json, parts, data));
    const isSlow = checkBounds(method, args);
    const extractable = exposeHybrid(method, args);
    const run = async () => subtle[method]!(...args);
    return await answer(await (isSlow ? slowLane.run(environment, run) : run()), extractable);
  } catch (error) {
    throw refusal(error);
  }
}

function unpack(
  environment: OperationEnvironment,
  json: string,
  parts: Uint8Array = none,
  data: Uint8Array = none,
): unknown[] {
  const args = new Unpacking(parts, data, (key) => cryptoKeyOf(environment, key)).value(json);
  if (!Array.isArray(args))
    throw new OperationError("ERR_INVALID_ARG_VALUE", "Cannot call WebCrypto: no arguments");
  return args;
}

/**
 * A hybrid key's bytes can only be exported, and the guest keeps keys as bytes: here the key is extractable.
 * @returns What it was to be, if that is something else.
 */
function exposeHybrid(method: string, args: unknown[]): { private: boolean; public: boolean } | undefined {
  const at =
    method === "generateKey" ? 1 : method === "importKey" ? 3 : method === "unwrapKey" ? 5 : undefined;
  if (at === undefined || args[at] !== false || !isHybrid(args[at - 1])) return undefined;
  args[at] = true;
  // A key that says it is not extractable may still be imported as one that is not.
  if (args[0] === "jwk" && method === "importKey") delete (args[1] as { ext?: boolean } | undefined)?.ext;
  return { private: false, public: method === "generateKey" };
}

async function answer(result: unknown, extractable?: { private: boolean; public: boolean }): Promise<Value> {
  if (result instanceof ArrayBuffer) return new Uint8Array(result);
  if (typeof result === "boolean") return result;
  const packing = new Packing();
  const pack = async (value: unknown): Promise<unknown> => {
    if (value instanceof ArrayBuffer) return packing.bytes(new Uint8Array(value));
    if (!(value instanceof CryptoKey)) return value;
    const key = await packKey(value, packing);
    if (extractable !== undefined && value.type !== "secret") {
      Object.assign(key["#key"], { extractable: extractable[value.type] });
    }
    return key;
  };
  if (result instanceof CryptoKey) return packing.finish(await pack(result));
  const members: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(result as object)) members[name] = await pack(member);
  return packing.finish(members);
}

/** As the guest throws it again: a DOMException by its name, a TypeError by its name and Node's code. */
function refusal(error: unknown): OperationError {
  if (error instanceof OperationError) return error;
  const { name, message, code } = error as { name: string; message: string; code?: unknown };
  if (error instanceof DOMException) return new OperationError(name, message, { cause: error });
  if (error instanceof TypeError || error instanceof RangeError) {
    return new OperationError(`${name} ${typeof code === "string" ? code : ""}`.trim(), message, {
      cause: error,
    });
  }
  return new OperationError("OperationError", "The operation failed for an operation-specific reason", {
    cause: error,
  });
}
