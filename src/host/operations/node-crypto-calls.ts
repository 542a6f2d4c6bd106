import * as crypto from "node:crypto";
import { defineOperation, integer, oneOf } from "../operation.ts";
import { checkModulus } from "./crypto-keys.ts";
import { checkCost } from "./node-crypto-costs.ts";
import { Jobs } from "./node-crypto-jobs.ts";
import { probe } from "./node-crypto-probes.ts";
import { askNode, readWritten, writeAnswer, written } from "./node-crypto-values.ts";

/** Functions of node:crypto that a guest may call by name: none of them keeps anything, or changes the process. */
const synchronous = [
  "argon2Sync",
  "checkPrimeSync",
  "createPrivateKey",
  "createPublicKey",
  "createSecretKey",
  "decapsulate",
  "diffieHellman",
  "encapsulate",
  "generateKeyPairSync",
  "generateKeySync",
  "generatePrimeSync",
  "getCipherInfo",
  "getCiphers",
  "getCurves",
  "getHashes",
  "getMacs",
  "hash",
  "hkdfSync",
  "parsePKCS12",
  "pbkdf2Sync",
  "privateDecrypt",
  "privateEncrypt",
  "publicDecrypt",
  "publicEncrypt",
  "scryptSync",
  "sign",
  "verify",
] as const;
const asynchronous = [
  "argon2",
  "checkPrime",
  "decapsulate",
  "diffieHellman",
  "encapsulate",
  "generateKey",
  "generateKeyPair",
  "generatePrime",
  "hkdf",
  "pbkdf2",
  "scrypt",
  "sign",
  "verify",
] as const;

type NodeFunction = (...args: unknown[]) => unknown;
const functions = crypto as unknown as Record<string, NodeFunction>;

export const callNode = defineOperation({
  name: "crypto.call",
  kind: "sync",
  args: [oneOf(...synchronous), ...written],
  replay: "taped",
  run: (environment, name, json, ...parts) => {
    const args = readWritten(environment, json, parts);
    checkCost(name, args, "sync");
    return writeAnswer(askNode(() => checked(functions[name]?.(...args))));
  },
});

/** A key that was read from the guest's text is as large as any. */
function checked(answer: unknown): unknown {
  if (answer instanceof crypto.KeyObject) checkModulus(answer);
  return answer;
}

const job = integer(1, Number.MAX_SAFE_INTEGER);

/** Starts what answers later, so that Node's refusal of its arguments is thrown at once. */
export const startJob = defineOperation({
  name: "crypto.start",
  kind: "sync",
  args: [job, oneOf(...asynchronous), ...written],
  replay: "taped",
  run: (environment, number, name, json, ...parts) => {
    const args = readWritten(environment, json, parts);
    const costMs = checkCost(name, args, "async");
    const heldBytes = parts.reduce((sum, part) => sum + (part?.byteLength ?? 0), 0);
    const look = () => askNode(() => probe(name, args));
    Jobs.of(environment).add({ number, costMs, heldBytes }, look, (done) => {
      askNode(() =>
        functions[name]?.(...args, (error: unknown, ...results: unknown[]) => done(error, results)),
      );
    });
  },
});

export const awaitJob = defineOperation({
  name: "crypto.wait",
  kind: "async",
  args: [job],
  replay: "taped",
  run: (environment, number) => Jobs.of(environment).answer(number),
});

/** Numbers that node:crypto has names for. */
export const constants = defineOperation({
  name: "crypto.constants",
  kind: "sync",
  args: [],
  replay: "pure",
  run: () => JSON.stringify(crypto.constants),
});

/** The version of what all this comes from. */
export const openssl = defineOperation({
  name: "crypto.openssl",
  kind: "sync",
  args: [],
  replay: "pure",
  run: () => process.versions.openssl,
});

/** Without anybody to answer to, Node throws: that is what the guest wants to hear. */
export const refuseNode = defineOperation({
  name: "crypto.refuse",
  kind: "sync",
  args: [oneOf(...asynchronous), ...written],
  replay: "pure",
  run: (environment, name, json, ...parts) => {
    const args = readWritten(environment, json, parts);
    checkCost(name, args, "sync");
    askNode(() => functions[name]?.(...args));
  },
});
