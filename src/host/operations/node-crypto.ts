/** What node:crypto asks of the host's own. */
export * from "./node-crypto-calls.ts";
export * from "./node-crypto-certificates.ts";
export * from "./node-crypto-digests.ts";
export * from "./node-crypto-exchanges.ts";
export * from "./node-crypto-keys.ts";
export * from "./node-crypto-states.ts";
