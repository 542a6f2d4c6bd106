import * as crypto from "node:crypto";
import { OperationError, type Value } from "../../model/values.ts";
import {
  type Argument,
  bytes,
  defineOperation,
  either,
  integer,
  type OperationEnvironment,
  oneOf,
  optional,
  type Resource,
  string,
} from "../operation.ts";
import { checkCost } from "./node-crypto-costs.ts";
import { askNode, ownBytes, readWritten, writeAnswer, written } from "./node-crypto-values.ts";

/**
 * Hashes, ciphers and signatures that a guest feeds piece by piece. Each is a few KB of Node's; guests often drop
 * one without ending it, and nobody tells us, so that the one that was not used for longest makes room.
 */
const maxStates = 256;
const maxChunkBytes = 256 * 1024 * 1024;

type StateObject =
  | crypto.Hash
  | crypto.Hmac
  | crypto.Cipheriv
  | crypto.Decipheriv
  | crypto.Sign
  | crypto.Verify;

const makers: Readonly<Record<string, unknown>> = {
  createHash: crypto.createHash,
  createHmac: crypto.createHmac,
  createMac: (crypto as unknown as { createMac: unknown }).createMac,
  createCipheriv: crypto.createCipheriv,
  createDecipheriv: crypto.createDecipheriv,
  createSign: crypto.createSign,
  createVerify: crypto.createVerify,
};
const methods = ["setAAD", "setAuthTag", "getAuthTag", "setAutoPadding", "sign", "verify"] as const;

class States implements Resource {
  readonly #open = new Map<number, { readonly object: StateObject; isDone: boolean }>();

  static of(environment: OperationEnvironment): States {
    const present = environment.resources.get("crypto.states");
    if (present instanceof States) return present;
    const made = new States();
    environment.resources.set("crypto.states", made);
    return made;
  }

  add(handle: number, object: StateObject): void {
    this.#open.set(handle, { object, isDone: false });
    if (this.#open.size > maxStates) this.#open.delete(this.#open.keys().next().value as number);
  }

  get(handle: number): StateObject {
    const state = this.#open.get(handle);
    if (state === undefined) {
      throw new OperationError(
        "ELIMIT",
        `This hash, cipher or signature is gone: ${maxStates} others were used since, or the heap was frozen and restored`,
      );
    }
    this.#open.delete(handle);
    this.#open.set(handle, state);
    return state.object;
  }

  /** Nothing is lost with it any more; it stays for a while, to say what Node says of a second use. */
  done(handle: number): void {
    const state = this.#open.get(handle);
    if (state !== undefined) state.isDone = true;
  }

  free(handle: number): void {
    this.#open.delete(handle);
  }

  inUse(): string | undefined {
    const open = [...this.#open.values()].filter(({ isDone }) => !isDone).length;
    return open === 0
      ? undefined
      : `${open} hashes, ciphers or signatures of node:crypto have not been ended`;
  }

  close(): void {
    this.#open.clear();
  }
}

const handleArgument = integer(1, Number.MAX_SAFE_INTEGER);
const encodingArgument: Argument<string | undefined> = optional(string(64));

export const openState = defineOperation({
  name: "crypto.open",
  kind: "sync",
  args: [handleArgument, oneOf(...Object.keys(makers)), ...written],
  replay: "taped",
  run: (environment, handle, maker, json, ...parts) => {
    const args = readWritten(environment, json, parts);
    checkCost(maker, args, "sync");
    const make = makers[maker] as (...args: unknown[]) => StateObject;
    States.of(environment).add(
      handle,
      askNode(() => make(...args)),
    );
  },
});

/** A cipher answers with what it makes of the chunk, the others with nothing. */
export const updateState = defineOperation({
  name: "crypto.update",
  kind: "sync",
  args: [
    handleArgument,
    either(bytes(maxChunkBytes), string(maxChunkBytes / 4)),
    encodingArgument,
    encodingArgument,
  ],
  replay: "taped",
  run: (environment, handle, data, inputEncoding, outputEncoding) => {
    const object = States.of(environment).get(handle) as crypto.Cipheriv;
    const answer: unknown = askNode(() =>
      object.update(data as string, inputEncoding as "utf8", outputEncoding as "hex"),
    );
    return answer === object ? undefined : raw(answer);
  },
});

/** The digest, or what a cipher still held back. */
export const finishState = defineOperation({
  name: "crypto.finish",
  kind: "sync",
  args: [handleArgument, encodingArgument],
  replay: "taped",
  run: (environment, handle, encoding) => {
    const states = States.of(environment);
    const object = states.get(handle);
    const answer = askNode(() =>
      "final" in object ? object.final(encoding as "hex") : (object as crypto.Hash).digest(encoding as "hex"),
    );
    states.done(handle);
    return raw(answer);
  },
});

export const useState = defineOperation({
  name: "crypto.use",
  kind: "sync",
  args: [handleArgument, oneOf(...methods), ...written],
  replay: "taped",
  run: (environment, handle, method, json, ...parts) => {
    const states = States.of(environment);
    const object = states.get(handle) as unknown as Record<string, (...args: unknown[]) => unknown>;
    const args = readWritten(environment, json, parts);
    checkCost(method, args, "sync");
    if (typeof object[method] !== "function") {
      throw new OperationError("EINVAL", `Cannot call ${method} of what has no such method`);
    }
    const answer = askNode(() => object[method]?.(...args));
    if (method === "sign" || method === "verify") states.done(handle);
    return writeAnswer(answer === object ? undefined : answer);
  },
});

export const copyState = defineOperation({
  name: "crypto.copy",
  kind: "sync",
  args: [handleArgument, handleArgument, ...written],
  replay: "taped",
  run: (environment, handle, copyHandle, json, ...parts) => {
    const states = States.of(environment);
    const object = states.get(handle);
    if (!("copy" in object)) throw new OperationError("EINVAL", "Cannot copy what is no hash");
    const args = readWritten(environment, json, parts);
    checkCost("createHash", args, "sync");
    states.add(
      copyHandle,
      askNode(() => object.copy(args[0] as crypto.HashOptions)),
    );
  },
});

export const freeState = defineOperation({
  name: "crypto.free",
  kind: "sync",
  args: [handleArgument],
  replay: "taped",
  run: (environment, handle) => States.of(environment).free(handle),
});

function raw(answer: unknown): Value {
  return ArrayBuffer.isView(answer) ? ownBytes(answer) : (answer as string);
}
