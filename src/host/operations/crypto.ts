import { createHash, randomBytes, randomUUID } from "node:crypto";
import { bytes, defineOperation, integer, oneOf } from "../operation.ts";

export const random = defineOperation({
  name: "crypto.random",
  kind: "sync",
  args: [integer(0, 65_536)],
  replay: "taped",
  // Its own buffer: a view of Node's pool would carry the pool's other bytes along.
  run: (_environment, length) => new Uint8Array(randomBytes(length)),
});

export const randomUuid = defineOperation({
  name: "crypto.randomUuid",
  kind: "sync",
  args: [],
  replay: "taped",
  run: () => randomUUID(),
});

export const digest = defineOperation({
  name: "crypto.digest",
  kind: "sync",
  args: [oneOf("md5", "sha1", "sha256", "sha384", "sha512"), bytes(256 * 1024 * 1024)],
  replay: "pure",
  run: (_environment, algorithm, data) => new Uint8Array(createHash(algorithm).update(data).digest()),
});
