import { networkInterfaces } from "node:os";

/** Interfaces come and go; asking the system takes about 0.1 ms. */
const keptMs = 5000;

let known: ReadonlySet<string> = new Set();
let knownSince = Number.NEGATIVE_INFINITY;

/**
 * Whether one of this machine's interfaces has this address, as of 5 s ago at most. What listens on all of them may be
 * meant for this machine alone: a packet filter at its edge sees nothing of a connection from within.
 */
export function isOwnAddress(address: string): boolean {
  const now = performance.now();
  if (now - knownSince > keptMs) {
    known = new Set(
      Object.values(networkInterfaces()).flatMap((list = []) => list.map((one) => one.address)),
    );
    knownSince = now;
  }
  return known.has(address);
}
