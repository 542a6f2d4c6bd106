import { getSystemErrorMap, parseEnv } from "node:util";
import { defineOperation, string } from "../operation.ts";

/** libuv's errors as pairs of number and [code, message]. The same wherever Brisk runs, which is Linux to its guests. */
export const systemErrors = defineOperation({
  name: "system.errors",
  kind: "sync",
  args: [],
  replay: "pure",
  run: () => JSON.stringify([...getSystemErrorMap()]),
});

/** The variables of a .env file's text, as JSON. */
export const parseEnvironment = defineOperation({
  name: "system.parseEnv",
  kind: "sync",
  args: [string(4 * 1024 * 1024)],
  replay: "pure",
  run: (_environment, content) => JSON.stringify(parseEnv(content)),
});

/** What V8 says of the isolate's own heap, in bytes, as JSON. */
export const heapStatistics = defineOperation({
  name: "system.heap",
  kind: "sync",
  args: [],
  replay: "taped",
  run: (environment) => environment.heapStatistics(),
});
