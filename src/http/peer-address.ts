import type { IncomingMessage } from "node:http";

/** Where a request came from: the connection's other end, or what a proxy of ours says of it. */
export function peerAddress(incoming: IncomingMessage, trustForwarded: boolean): string {
  const forwarded = trustForwarded ? incoming.headers["x-forwarded-for"] : undefined;
  const chain = Array.isArray(forwarded) ? forwarded.join(",") : forwarded;
  // A proxy appends the address it saw; what stands before that is what its client claimed.
  const last = chain?.slice(chain.lastIndexOf(",") + 1).trim();
  return last || plainAddress(incoming.socket.remoteAddress ?? "");
}

/** A socket that listens on IPv6 too reports IPv4 peers as `::ffff:1.2.3.4`. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
