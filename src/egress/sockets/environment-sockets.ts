import { Socket } from "node:net";
import { duplexPair } from "node:stream";
import { OperationError, type Value } from "../../model/values.ts";
import type { AddressPolicy } from "../address-policy.ts";
import type { EgressLimits } from "../egress-limits.ts";
import type { Resolve } from "../guarded-connector.ts";
import type { InFlightBytes } from "../in-flight-bytes.ts";
import type { EnvironmentNames } from "../names/environment-names.ts";
import type { OwnService } from "../own-service.ts";
import type { RateAllowance } from "../rate-allowance.ts";
import type { SharedUse } from "../shared-use.ts";
import { GuestSocket } from "./guest-socket.ts";
import { openSocket } from "./open-socket.ts";
import { isOwnSocket, openOwnSocket } from "./own-service-socket.ts";
import { parseConnect, parseTls, tlsCost } from "./socket-request.ts";

interface Parts {
  readonly policy: AddressPolicy;
  readonly resolve: Resolve;
  readonly names: EnvironmentNames;
  readonly limits: EgressLimits;
  readonly shared: SharedUse;
  readonly bytes: InFlightBytes;
  readonly connects: RateAllowance;
  readonly ownService: OwnService | undefined;
}

/** A write counts as this many bytes at least, since one of none is held as well. */
const minWriteBytes = 1024;

/** A socket that is being opened: closing it ends that. */
type Entry = GuestSocket | AbortController;

/** One environment's sockets by the numbers that its guest gave them. Nobody else's can be named here. */
export class EnvironmentSockets {
  readonly #parts: Parts;
  readonly #entries = new Map<number, Entry>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get open(): readonly string[] {
    return [...this.#entries.values()]
      .filter((entry): entry is GuestSocket => entry instanceof GuestSocket && !entry.isClosed)
      .map(({ target }) => target);
  }

  /** @throws {OperationError | Error} Whatever the operation or its arguments are. */
  async run(operation: string, args: readonly Value[]): Promise<Value> {
    const [handle, ...rest] = args;
    if (typeof handle !== "number" || !Number.isSafeInteger(handle) || handle <= 0) {
      throw new OperationError("EINVAL", "Cannot use a socket: the handle is no positive integer");
    }
    switch (operation) {
      case "net.connect":
        return await this.#connect(handle, rest[0]);
      case "net.pipe":
        return await this.#pipe(handle, rest[0], rest[1]);
      case "net.read":
        return await this.#socket(handle).read();
      case "net.write":
        return await this.#write(handle, rest[0]);
      case "net.end":
        await this.#socket(handle).end();
        return null;
      case "net.startTls":
        return await this.#startTls(handle, rest[0]);
      case "net.configure":
        this.#configure(handle, rest[0], rest[1]);
        return null;
      case "net.close":
        this.#drop(handle, rest[0] === true);
        return null;
      default:
        throw new OperationError(
          "EINVAL",
          `Cannot run ${JSON.stringify(operation.slice(0, 64))}: no such operation`,
        );
    }
  }

  /** Ends every connection. */
  close(): void {
    for (const handle of [...this.#entries.keys()]) this.#drop(handle, false);
  }

  /** @returns Where both ends are, and with TLS what came of the handshake, as JSON. */
  async #connect(handle: number, json: Value): Promise<string> {
    const { policy, resolve, names, limits, ownService, connects } = this.#parts;
    const request = parseConnect(json, limits.socketJsonLength);
    connects.take(`Cannot connect to ${request.host}:${request.port}`, 1 + tlsCost(request.tls));
    return await this.#opened(handle, async (signal) => {
      const isOwn = ownService !== undefined && isOwnSocket(ownService, request);
      const raw = isOwn
        ? openOwnSocket(ownService)
        : await openSocket(request, policy, resolve, names, limits.connectTimeoutMs, signal);
      const socket = new GuestSocket(`${request.name ?? request.host}:${request.port}`, raw);
      // Its handshake may take long as well.
      signal.addEventListener("abort", () => socket.close(false), { once: true });
      const tls = request.tls && JSON.parse(await socket.startTls(request.tls, limits.connectTimeoutMs));
      const ends = raw instanceof Socket ? endsOf(raw) : {};
      return { socket, answer: JSON.stringify({ ...ends, ...(tls && { tls }) }) };
    });
  }

  /**
   * TLS for a stream of the guest's own, whatever carries it: what the guest writes to `outer` is what its peer sent,
   * what it reads there goes to the peer, and `handle` is the connection inside.
   */
  async #pipe(handle: number, outer: Value, json: Value): Promise<string> {
    const { limits, connects } = this.#parts;
    const request = parseTls(json, limits.socketJsonLength);
    if (typeof outer !== "number" || !Number.isSafeInteger(outer) || outer <= 0 || outer === handle) {
      throw new OperationError(
        "EINVAL",
        "Cannot start TLS: the outer handle is no positive integer of its own",
      );
    }
    connects.take("Cannot start TLS", 1 + tlsCost(request));
    this.#expectFree(outer);
    const [inside, outside] = duplexPair();
    this.#entries.set(outer, new GuestSocket("a stream of the function", outside));
    this.#parts.shared.handles++;
    return await this.#opened(handle, async (signal) => {
      const socket = new GuestSocket("a stream of the function", inside);
      signal.addEventListener("abort", () => socket.close(false), { once: true });
      const tls = JSON.parse(await socket.startTls(request, limits.connectTimeoutMs));
      return { socket, answer: JSON.stringify({ tls }) };
    });
  }

  /** The handle is taken while `open` runs, so that closing it ends that. */
  async #opened(
    handle: number,
    open: (signal: AbortSignal) => Promise<{ socket: GuestSocket; answer: string }>,
  ): Promise<string> {
    this.#expectFree(handle);
    const opening = new AbortController();
    this.#entries.set(handle, opening);
    this.#parts.shared.handles++;
    try {
      const { socket, answer } = await open(opening.signal);
      if (this.#entries.get(handle) !== opening) {
        socket.close(false);
        throw new OperationError("ECONNRESET", "The socket was closed");
      }
      this.#entries.set(handle, socket);
      return answer;
    } catch (error) {
      if (this.#entries.get(handle) === opening) this.#drop(handle, false);
      throw error;
    }
  }

  async #write(handle: number, chunk: Value): Promise<null> {
    if (!(chunk instanceof Uint8Array)) {
      throw new OperationError("EINVAL", "Cannot write: the chunk is no byte array");
    }
    const socket = this.#socket(handle);
    await socket.write(chunk, this.#parts.bytes.take(Math.max(chunk.byteLength, minWriteBytes)));
    return null;
  }

  async #startTls(handle: number, json: Value): Promise<string> {
    const { limits, connects } = this.#parts;
    const request = parseTls(json, limits.socketJsonLength);
    connects.take("Cannot start TLS", 1 + tlsCost(request));
    return await this.#socket(handle).startTls(request, limits.connectTimeoutMs);
  }

  #configure(handle: number, noDelay: Value, keepAliveMs: Value): void {
    const isDelay = typeof keepAliveMs === "number" && keepAliveMs >= 0 && keepAliveMs <= 86_400_000;
    const entry = this.#entries.get(handle);
    if (!(entry instanceof GuestSocket)) return;
    entry.configure(typeof noDelay === "boolean" ? noDelay : undefined, isDelay ? keepAliveMs : undefined);
  }

  #socket(handle: number): GuestSocket {
    const entry = this.#entries.get(handle);
    if (entry instanceof GuestSocket) return entry;
    throw new OperationError("ECONNRESET", `Cannot use socket ${handle}: it is closed`);
  }

  #drop(handle: number, isReset: boolean): void {
    const entry = this.#entries.get(handle);
    if (entry === undefined) return;
    this.#entries.delete(handle);
    this.#parts.shared.handles--;
    if (entry instanceof GuestSocket) entry.close(isReset);
    else entry.abort();
  }

  #expectFree(handle: number): void {
    const { limits, shared } = this.#parts;
    if (this.#entries.has(handle))
      throw new OperationError("EINVAL", `Cannot connect: handle ${handle} is in use`);
    if (this.#entries.size >= limits.socketsPerEnvironment) {
      throw new OperationError(
        "ELIMIT",
        `Cannot connect: ${limits.socketsPerEnvironment} sockets of this environment are open already`,
      );
    }
    if (shared.handles >= limits.handles) {
      throw new OperationError(
        "ELIMIT",
        `Cannot connect: ${limits.handles} sockets of all functions are open already`,
      );
    }
  }
}

function endsOf({ localAddress, localPort, remoteAddress, remotePort, remoteFamily }: Socket): object {
  return { localAddress, localPort, remoteAddress, remotePort, remoteFamily };
}
