const megabytes = 1024 * 1024;

/** What one environment, and all of them together, may hold of the supervisor. */
export interface EgressLimits {
  /** Fetches of one environment that are open at once. */
  handlesPerEnvironment: number;
  /** Connections that one environment's fetches have left and may use again. */
  idleConnectionsPerEnvironment: number;
  /** Sockets of one environment that are open at once. */
  socketsPerEnvironment: number;
  /** Fetches and sockets of all environments that are open at once; each fetch may hold a socket. */
  handles: number;
  /** Connections that one environment may begin in a second, and that many times four at once. One whose TLS has keys
   *  or authorities of its own counts for several. */
  connectsPerSecond: number;
  /** Names that one environment may ask for in a second, and that many times four at once. */
  lookupsPerSecond: number;
  /** Answers that one environment may wait for from name servers at once. */
  lookupsAtOnce: number;
  /** Bytes of request bodies that one environment has handed over and no connection has taken yet. */
  requestBytesInFlight: number;
  /** Of these, what each environment may have however much the others have. */
  ownRequestBytesInFlight: number;
  /** What all environments may have beyond that. */
  totalRequestBytesInFlight: number;
  /** Length of the JSON text that opens a fetch. */
  requestJsonLength: number;
  /** Length of the JSON text that opens a socket: it may hold the certificates of authorities. */
  socketJsonLength: number;
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
  idleConnectionsPerEnvironment: 128,
  socketsPerEnvironment: 256,
  handles: 8192,
  connectsPerSecond: 128,
  lookupsPerSecond: 64,
  lookupsAtOnce: 32,
  requestBytesInFlight: 32 * megabytes,
  ownRequestBytesInFlight: 256 * 1024,
  totalRequestBytesInFlight: 256 * megabytes,
  requestJsonLength: 256 * 1024,
  socketJsonLength: 1 * megabytes,
  responseHeaderBytes: 32 * 1024,
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 300_000,
  bodyTimeoutMs: 300_000,
};
