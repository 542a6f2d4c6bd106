import { networkInterfaces } from "node:os";

/** Interfaces come and go; asking the system takes about 0.1 ms. */
const keptMs = 5000;

/**
 * Tells whether one of this machine's interfaces has an address, as of 5 s ago at most. What listens on all of them may
 * be meant for this machine alone: a packet filter at its edge sees nothing of a connection from within.
 * @param nowMs Any clock that goes forward. @param list As the system's.
 */
export function ownAddresses(
  nowMs: () => number = () => performance.now(),
  list: typeof networkInterfaces = networkInterfaces,
): (address: string) => boolean {
  let known: ReadonlySet<string> = new Set();
  let askAtMs = Number.NEGATIVE_INFINITY;
  return (address) => {
    const now = nowMs();
    if (now >= askAtMs) {
      known = new Set(Object.values(list()).flatMap((found = []) => found.map((one) => one.address)));
      askAtMs = now + keptMs;
    }
    return known.has(address);
  };
}
