import { connect, type Socket } from "node:net";
import { OperationError } from "../../model/values.ts";
import type { AddressPolicy } from "../address-policy.ts";
import { checkLiteral, guardedLookup, type Resolve } from "../guarded-connector.ts";
import type { EnvironmentNames } from "../names/environment-names.ts";
import type { ConnectRequest } from "./socket-request.ts";

/**
 * A TCP connection to where the policy permits: the check sits between name resolution and connect(2), and the socket
 * gets the very addresses that were checked. @throws {Error} With Node's code, or EGRESS_DENIED.
 */
export async function openSocket(
  request: ConnectRequest,
  policy: AddressPolicy,
  resolve: Resolve,
  names: EnvironmentNames,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  const { host, name, port, family, autoSelectFamily, noDelay, keepAliveMs } = request;
  if (name !== undefined && names.hasLed(name, host)) policy.check(name, host);
  else checkLiteral(policy, host);
  const socket = connect({
    host,
    port,
    lookup: guardedLookup(policy, resolve),
    // The guest ends its side by itself.
    allowHalfOpen: true,
    ...(family !== undefined && { family }),
    ...(autoSelectFamily !== undefined && { autoSelectFamily }),
    ...(noDelay !== undefined && { noDelay }),
    ...(keepAliveMs !== undefined && { keepAlive: keepAliveMs > 0, keepAliveInitialDelay: keepAliveMs }),
  });
  const late = () => socket.destroy(new OperationError("ETIMEDOUT", `connect ETIMEDOUT ${host}:${port}`));
  const left = () => socket.destroy(new OperationError("ECONNRESET", "The socket was closed"));
  const timer = setTimeout(late, timeoutMs);
  signal.addEventListener("abort", left, { once: true });
  if (signal.aborted) left();
  try {
    await new Promise<void>((done, failed) => {
      socket.once("connect", done);
      socket.once("error", failed);
    });
    return socket;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", left);
  }
}
