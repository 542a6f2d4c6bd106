import type { buildConnector } from "undici";
import { OperationError, type Value } from "../model/values.ts";
import { BoundedAgent } from "./bounded-agent.ts";
import type { EgressLimits } from "./egress-limits.ts";
import { Exchange } from "./exchange.ts";
import { parseFetchRequest } from "./fetch-request.ts";
import type { InFlightBytes } from "./in-flight-bytes.ts";
import type { OwnService } from "./own-service.ts";
import type { SharedUse } from "./shared-use.ts";

/** One environment's fetches and the connections of their own. Nothing is shared with another: no socket, no TLS session. */
export class EnvironmentFetches {
  readonly #exchanges = new Map<number, Exchange>();
  readonly #agent: BoundedAgent;
  readonly #limits: EgressLimits;
  readonly #shared: SharedUse;
  readonly #ownService: OwnService | undefined;
  readonly #bytes: InFlightBytes;

  constructor(
    connect: buildConnector.connector,
    limits: EgressLimits,
    shared: SharedUse,
    bytes: InFlightBytes,
    ownService?: OwnService,
  ) {
    this.#limits = limits;
    this.#shared = shared;
    this.#bytes = bytes;
    this.#ownService = ownService;
    this.#agent = new BoundedAgent({
      maxSockets: limits.handlesPerEnvironment + limits.idleConnectionsPerEnvironment,
      connect,
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: limits.responseHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      bodyTimeout: limits.bodyTimeoutMs,
    });
  }

  get open(): number {
    return this.#exchanges.size;
  }

  /** @throws {OperationError} Whatever the operation or its arguments are. */
  async run(operation: string, args: readonly Value[]): Promise<Value> {
    const handle = args[0];
    if (typeof handle !== "number" || !Number.isSafeInteger(handle) || handle <= 0) {
      throw new OperationError("EINVAL", "Cannot fetch: the handle is no positive integer");
    }
    switch (operation) {
      case "fetch.open":
        return await this.#open(handle, args[1], args[2]);
      case "fetch.read":
        return await this.#read(handle);
      case "fetch.write":
        return await this.#write(handle, args[1]);
      case "fetch.endBody":
        await this.#exchange(handle).endBody();
        return null;
      case "fetch.close":
        this.#drop(handle)?.close();
        return null;
      default:
        throw new OperationError(
          "EINVAL",
          `Cannot run ${JSON.stringify(String(operation).slice(0, 64))}: no such operation`,
        );
    }
  }

  /** Ends every connection, also idle ones. Answers to what was running are dropped. */
  async close(): Promise<void> {
    for (const handle of [...this.#exchanges.keys()]) this.#drop(handle)?.close();
    await this.#agent.destroyAll();
  }

  async #open(handle: number, json: Value, body: Value): Promise<string> {
    if (this.#exchanges.has(handle)) {
      throw new OperationError("EINVAL", `Cannot fetch: handle ${handle} is in use`);
    }
    const request = parseFetchRequest(json, body, this.#limits.requestJsonLength);
    this.#expectFreeHandle();
    const release = this.#bytes.take(request.body instanceof Uint8Array ? request.body.byteLength : 0);
    const exchange = new Exchange(request);
    this.#exchanges.set(handle, exchange);
    this.#shared.handles++;
    try {
      return await exchange.open(this.#agent, this.#ownService);
    } catch (error) {
      this.#drop(handle, exchange);
      throw error;
    } finally {
      release();
    }
  }

  async #read(handle: number): Promise<Uint8Array | null> {
    const exchange = this.#exchange(handle);
    // The guest's mistake, and no reason to end the fetch.
    if (exchange.reading) {
      throw new OperationError("EINVAL", "Cannot read: the read before is not answered yet");
    }
    let chunk: Uint8Array | null = null;
    try {
      chunk = await exchange.read();
      return chunk;
    } finally {
      // At its end or after a failure a fetch holds nothing more.
      if (chunk === null) this.#drop(handle, exchange)?.close();
    }
  }

  async #write(handle: number, chunk: Value): Promise<null> {
    if (!(chunk instanceof Uint8Array)) {
      throw new OperationError("EINVAL", "Cannot write: the chunk is no byte array");
    }
    const exchange = this.#exchange(handle);
    const release = this.#bytes.take(chunk.byteLength);
    try {
      await exchange.write(chunk);
      return null;
    } finally {
      release();
    }
  }

  #exchange(handle: number): Exchange {
    const exchange = this.#exchanges.get(handle);
    if (exchange !== undefined) return exchange;
    throw new OperationError("ECONNRESET", `fetch failed: handle ${handle} is closed`);
  }

  /** Frees a handle once. `expected` guards against freeing a later fetch that reuses the number. */
  #drop(handle: number, expected?: Exchange): Exchange | undefined {
    const exchange = this.#exchanges.get(handle);
    if (exchange === undefined || (expected !== undefined && exchange !== expected)) return undefined;
    this.#exchanges.delete(handle);
    this.#shared.handles--;
    return exchange;
  }

  #expectFreeHandle(): void {
    const { handlesPerEnvironment, handles } = this.#limits;
    if (this.#exchanges.size >= handlesPerEnvironment) {
      throw new OperationError(
        "ELIMIT",
        `Cannot fetch: ${handlesPerEnvironment} fetches of this environment are open already`,
      );
    }
    if (this.#shared.handles >= handles) {
      throw new OperationError(
        "ELIMIT",
        `Cannot fetch: ${handles} fetches of all functions are open already`,
      );
    }
  }
}
