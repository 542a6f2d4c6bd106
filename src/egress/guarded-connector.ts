import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector } from "undici";
import { OperationError } from "../model/values.ts";
import type { AddressPolicy } from "./address-policy.ts";
import type { RateAllowance } from "./rate-allowance.ts";

/** Turns a host name into IP addresses, best first. Rejects with a code such as ENOTFOUND. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

export const systemResolve: Resolve = async (hostname) =>
  (await systemLookup(hostname, { all: true, order: "verbatim" })).map((entry) => entry.address);

/**
 * Opens connections only to addresses that the policy permits. The check sits between name resolution and
 * connect(2), and the socket gets the very addresses that were checked: a name that changes its mind between
 * two look-ups (DNS rebinding) gains nothing. Redirects come through here too, as each new origin connects.
 */
export function createGuardedConnector(
  policy: AddressPolicy,
  resolve: Resolve,
  connects: RateAllowance,
  connectTimeoutMs: number,
): buildConnector.connector {
  // HTTP/1.1 only: its back-pressure is one paused socket a response, whereas HTTP/2 shares a window.
  const lookup = guardedLookup(policy, resolve);
  const connect = buildConnector({ timeout: connectTimeoutMs, allowH2: false, lookup });
  return (options, callback) => {
    const hostname = options.hostname.replace(/^\[|\]$/g, "");
    try {
      connects.take(`Cannot connect to ${hostname}`);
      checkLiteral(policy, hostname);
    } catch (error) {
      process.nextTick(callback, error as Error, null);
      return;
    }
    connect({ ...options, hostname }, callback);
  };
}

/** A socket asked for a literal address never looks it up. @throws {OperationError} EGRESS_DENIED */
export function checkLiteral(policy: AddressPolicy, host: string): void {
  if (isIP(host) !== 0) policy.check(host, host);
}

/** For `net.connect`: answers with permitted addresses alone. */
export function guardedLookup(policy: AddressPolicy, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    permittedAddresses(policy, resolve, hostname, Number(options.family ?? 0)).then(
      (addresses) => {
        if (options.all === true) return callback(null, addresses);
        const [first] = addresses;
        callback(null, first?.address ?? "", first?.family);
      },
      (error) => callback(error, []),
    );
  };
}

/** At least one address, each checked. A name with addresses of both sorts is reached at the permitted ones. */
async function permittedAddresses(policy: AddressPolicy, resolve: Resolve, hostname: string, family: number) {
  policy.checkName(hostname);
  const all = await resolve(hostname);
  const addresses = family === 0 ? all : all.filter((address) => isIP(address) === family);
  const [first] = addresses;
  if (first === undefined) throw new OperationError("ENOTFOUND", `Cannot find any address of ${hostname}`);
  const permitted = addresses.filter((address) => policy.denial(address, hostname) === undefined);
  if (permitted.length === 0) policy.check(hostname, first);
  return permitted.map((address) => ({ address, family: isIP(address) }));
}
