import type { PeerCertificate } from "node:tls";
import { OperationError } from "../../model/values.ts";
import {
  boolean,
  bytes,
  defineOperation,
  defineRemoteOperation,
  integer,
  optional,
  string,
} from "../operation.ts";

const handle = integer(1, 2 ** 31);
/** As the supervisor has it: certificates of authorities are among them. */
const maxOptionCharacters = 1024 * 1024;
const maxChunkBytes = 1024 * 1024;

/** TCP and TLS: carried out by the supervisor under its egress policy. A socket belongs to its environment. */
export const netOperations = [
  defineRemoteOperation({
    name: "net.connect",
    args: [handle, string(maxOptionCharacters)],
    replay: "taped",
  }),
  defineRemoteOperation({
    name: "net.pipe",
    args: [handle, handle, string(maxOptionCharacters)],
    replay: "taped",
  }),
  defineRemoteOperation({ name: "net.read", args: [handle], replay: "taped" }),
  defineRemoteOperation({ name: "net.write", args: [handle, bytes(maxChunkBytes)], replay: "taped" }),
  defineRemoteOperation({ name: "net.end", args: [handle], replay: "taped" }),
  defineRemoteOperation({
    name: "net.startTls",
    args: [handle, string(maxOptionCharacters)],
    replay: "taped",
  }),
  defineRemoteOperation({
    name: "net.configure",
    args: [handle, optional(boolean()), optional(integer(0, 86_400_000))],
    replay: "taped",
  }),
  defineRemoteOperation({ name: "net.close", args: [handle, boolean()], replay: "taped" }),
];

/** What Node itself knows of TLS, without a connection. */
export const tlsOperations = [
  defineOperation({
    name: "tls.identity",
    kind: "sync",
    args: [string(1024), string(4096), string(64 * 1024)],
    replay: "pure",
    /** Why a certificate of that common name (as JSON) and those alternative names is not the host's; "" when it is. */
    run: (_environment, host, commonName, alternatives) => {
      const certificate = { subject: { CN: parsed(commonName) }, subjectaltname: alternatives || undefined };
      const error = nodeTls().checkServerIdentity(host, certificate as unknown as PeerCertificate);
      return error === undefined ? "" : ((error as { reason?: string }).reason ?? error.message);
    },
  }),
  defineOperation({
    name: "tls.ciphers",
    kind: "sync",
    args: [],
    replay: "pure",
    run: () => JSON.stringify(nodeTls().getCiphers()),
  }),
  defineOperation({
    name: "tls.rootCertificates",
    kind: "sync",
    args: [],
    replay: "pure",
    run: () => JSON.stringify(nodeTls().rootCertificates),
  }),
];

/** Loaded by the first who asks: most hosts never do. */
function nodeTls(): typeof import("node:tls") {
  return process.getBuiltinModule("node:tls");
}

/** One name or several. */
function parsed(json: string): string | string[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new OperationError("ERR_INVALID_ARG_VALUE", "Cannot check a certificate: its name is no JSON", {
      cause,
    });
  }
  if (Array.isArray(value)) return value.filter((name) => typeof name === "string");
  return typeof value === "string" ? value : undefined;
}
