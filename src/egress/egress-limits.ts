const megabytes = 1024 * 1024;

/** What one environment, and all of them together, may hold of the supervisor. */
export interface EgressLimits {
  /** Fetches of one environment that are open at once. */
  handlesPerEnvironment: number;
  /** Fetches of all environments that are open at once; each may hold a socket. */
  handles: number;
  /** Bytes of request bodies that one environment has handed over and no connection has taken yet. */
  requestBytesInFlight: number;
  /** The same, of all environments. */
  totalRequestBytesInFlight: number;
  /** Length of the JSON text that opens a fetch. */
  requestJsonLength: number;
  /** Bytes of a response's headers. */
  responseHeaderBytes: number;
  /** Name resolution, TCP and TLS together, ms. */
  connectTimeoutMs: number;
  /** From the end of the request to the response's headers, ms. */
  headersTimeoutMs: number;
  /** Silence within a response body that the guest is waiting for, ms. */
  bodyTimeoutMs: number;
}

export const defaultEgressLimits: EgressLimits = {
  handlesPerEnvironment: 128,
  handles: 8192,
  requestBytesInFlight: 32 * megabytes,
  totalRequestBytesInFlight: 256 * megabytes,
  requestJsonLength: 256 * 1024,
  responseHeaderBytes: 32 * 1024,
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 300_000,
  bodyTimeoutMs: 300_000,
};
