import type { ServerOptions } from "node:http";
import { type Config, configSchema } from "../config.ts";

/** Bounds on what slow or hostile clients can hold. Bodies and streams are bounded where they are read and written. */
export type ListenerLimits = Pick<
  Config,
  | "maxHeaderBytes"
  | "maxHeaderCount"
  | "headersTimeoutMs"
  | "requestTimeoutMs"
  | "keepAliveTimeoutMs"
  | "maxConnections"
  | "maxConnectionsPerAddress"
>;

/** Those that are given, and the configuration's defaults for the others. */
export function listenerLimits(given: Partial<ListenerLimits>): ListenerLimits {
  return configSchema.parse({
    maxHeaderBytes: given.maxHeaderBytes,
    maxHeaderCount: given.maxHeaderCount,
    headersTimeoutMs: given.headersTimeoutMs,
    requestTimeoutMs: given.requestTimeoutMs,
    keepAliveTimeoutMs: given.keepAliveTimeoutMs,
    maxConnections: given.maxConnections,
    maxConnectionsPerAddress: given.maxConnectionsPerAddress,
  });
}

/** How often node looks for connections that are over their time, at most. */
const longestCheckMs = 5_000;

/** As node:http takes them. */
export function serverOptions(limits: ListenerLimits): ServerOptions {
  const { headersTimeoutMs, requestTimeoutMs } = limits;
  return {
    maxHeaderSize: limits.maxHeaderBytes,
    // Node refuses to start when the whole request has less time than its head.
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(longestCheckMs, Math.max(50, headersTimeoutMs / 2)),
  };
}
