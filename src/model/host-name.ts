import { isIPv4 } from "node:net";

/** A host as sockets take it: an IPv6 address comes in brackets out of URLs. */
export function withoutBrackets(host: string): string {
  return /^\[.*\]$/.test(host) ? host.slice(1, -1) : host;
}

/** Whether only this machine can connect. A name other than `localhost` may resolve to anything, so it counts as no. */
export function isLoopback(host: string): boolean {
  const bare = withoutBrackets(host).toLowerCase();
  return bare === "localhost" || bare === "::1" || (isIPv4(bare) && bare.startsWith("127."));
}
