import { unavailable } from "../errors.ts";

/** How Node's library writes to a descriptor that is no stream: an isolate has none that leads to the network. */
export function writeBuffer(): never {
  throw unavailable("A socket of a file descriptor", "connect to a host and port");
}
