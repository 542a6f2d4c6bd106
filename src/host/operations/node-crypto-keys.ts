import type { KeyObject } from "node:crypto";
import { bytes, defineOperation, oneOf } from "../operation.ts";
import { keyObjectOf, keyTypes } from "./crypto-keys.ts";
import { askNode, readWritten, writeAnswer, written } from "./node-crypto-values.ts";

const material = [oneOf(...keyTypes), bytes(16 * 1024 * 1024)] as const;

export const exportKey = defineOperation({
  name: "crypto.exportKey",
  kind: "sync",
  // What is encrypted with a passphrase differs each time.
  args: [...material, ...written],
  replay: "taped",
  run: (environment, type, memory, json, ...parts) => {
    const key = keyObjectOf(environment, { type, bytes: memory });
    const [options] = readWritten(environment, json, parts);
    return writeAnswer(askNode(() => key.export(options as never)));
  },
});

/** What of a key needs parsing to know. */
export const keyDetails = defineOperation({
  name: "crypto.keyDetails",
  kind: "sync",
  args: [...material],
  replay: "pure",
  run: (environment, type, memory) => {
    const { asymmetricKeyType, asymmetricKeyDetails } = keyObjectOf(environment, { type, bytes: memory });
    return writeAnswer([asymmetricKeyType, asymmetricKeyDetails]);
  },
});

export const keysEqual = defineOperation({
  name: "crypto.keysEqual",
  kind: "sync",
  args: [...material, ...material],
  replay: "pure",
  run: (environment, type, memory, otherType, otherMemory) => {
    const key: KeyObject = keyObjectOf(environment, { type, bytes: memory });
    return key.equals(keyObjectOf(environment, { type: otherType, bytes: otherMemory }));
  },
});
