import { createHash, createHmac, hash } from "node:crypto";
import { type Argument, bytes, defineOperation, either, integer, oneOf, string } from "../operation.ts";
import { keyObjectOf } from "./crypto-keys.ts";
import { askNode, ownBytes } from "./node-crypto-values.ts";

const maxDataBytes = 256 * 1024 * 1024;
const maxKeyBytes = 16 * 1024 * 1024;
const name = string(128);
const data: Argument<Uint8Array | string> = either(bytes(maxDataBytes), string(maxDataBytes / 4));
/** How many of the bytes count: the guest lends us a whole buffer of which it filled a part. */
const length = integer(0, maxDataBytes);
const outputLength = integer(-1, 16 * 1024 * 1024);
const encoding = string(16);

function used(input: Uint8Array | string, lengthBytes: number): Uint8Array | string {
  return typeof input === "string" || input.length <= lengthBytes ? input : input.subarray(0, lengthBytes);
}

/** Whether there is such an algorithm; a refusal says what Node says. */
export const checkDigest = defineOperation({
  name: "crypto.checkDigest",
  kind: "sync",
  args: [oneOf("hash", "hmac"), name],
  replay: "pure",
  run: (_environment, kind, algorithm) => {
    askNode(() => (kind === "hash" ? createHash(algorithm) : createHmac(algorithm, "key")));
  },
});

/** One crossing for a whole digest. `buffer` answers bytes; short ones cross faster as latin1. */
export const hashOnce = defineOperation({
  name: "crypto.hash",
  kind: "sync",
  args: [name, data, length, outputLength, encoding],
  replay: "pure",
  run: (_environment, algorithm, input, lengthBytes, outputBytes, outputEncoding) => {
    const digest: unknown = askNode(() => {
      if (outputBytes >= 0) {
        return createHash(algorithm, { outputLength: outputBytes })
          .update(used(input, lengthBytes))
          .digest(outputEncoding as "hex");
      }
      return hash(algorithm, used(input, lengthBytes), outputEncoding as "hex");
    });
    return ArrayBuffer.isView(digest) ? ownBytes(digest) : (digest as string);
  },
});

export const hmacOnce = defineOperation({
  name: "crypto.hmac",
  kind: "sync",
  args: [name, bytes(maxKeyBytes), data, length, encoding],
  replay: "pure",
  run: (environment, algorithm, key, input, lengthBytes, outputEncoding) => {
    const secret = key.length > 0 ? key : keyObjectOf(environment, { type: "secret", bytes: key });
    const digest: unknown = askNode(() =>
      createHmac(algorithm, secret)
        .update(used(input, lengthBytes))
        .digest(outputEncoding as "hex"),
    );
    return ArrayBuffer.isView(digest) ? ownBytes(digest) : (digest as string);
  },
});
