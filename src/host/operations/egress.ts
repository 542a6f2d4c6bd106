import { bytes, defineRemoteOperation, integer, optional, string } from "../operation.ts";

const handle = integer(1, 2 ** 31);
const maxRequestCharacters = 256 * 1024;
/** A function's own request or response can't be larger, and what it sends on rarely is. */
const maxBodyBytes = 8 * 1024 * 1024;

/** Outgoing HTTP: carried out by the supervisor under its egress policy. A fetch belongs to its environment. */
export const egressOperations = [
  defineRemoteOperation({
    name: "fetch.open",
    args: [handle, string(maxRequestCharacters), optional(bytes(maxBodyBytes))],
    replay: "taped",
  }),
  defineRemoteOperation({ name: "fetch.read", args: [handle], replay: "taped" }),
  defineRemoteOperation({ name: "fetch.write", args: [handle, bytes(maxBodyBytes)], replay: "taped" }),
  defineRemoteOperation({ name: "fetch.endBody", args: [handle], replay: "taped" }),
  defineRemoteOperation({ name: "fetch.close", args: [handle], replay: "taped" }),
];
