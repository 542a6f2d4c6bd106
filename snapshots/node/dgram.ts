import { nextTick } from "../ticks.ts";
import EventEmitter from "./events.ts";
import { invalidArgType, unavailable } from "./internal/errors.ts";

const instead = "there is no UDP: use fetch, node:http or node:net";

/**
 * A socket that can be made and never sends: programs that report by UDP, as X-Ray's SDK does to its daemon, expect that a
 * report gets lost, and not that making a socket fails. They learn of it as of a network that cannot be reached.
 */
class Socket extends EventEmitter {
  readonly type: unknown;
  #isClosed = false;

  constructor(type: unknown, listener?: unknown) {
    super();
    const kind = (type as { type?: unknown } | null)?.type ?? type;
    if (kind !== "udp4" && kind !== "udp6") throw invalidArgType("type", 'one of "udp4" and "udp6"', kind);
    this.type = kind;
    if (typeof listener === "function") this.on("message", listener as never);
  }

  send(...args: unknown[]): void {
    const callback = args.at(-1);
    const error = unavailable("dgram.Socket.send", instead);
    nextTick(() => {
      if (typeof callback === "function") callback(error);
      else if (!this.#isClosed) this.emit("error", error);
    });
  }

  close(callback?: () => void): this {
    this.#isClosed = true;
    if (typeof callback === "function") this.once("close", callback);
    nextTick(() => this.emit("close"));
    return this;
  }

  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** What wants an address, a peer or a group: nothing that a program could do without. */
const refused = [
  "addMembership",
  "addSourceSpecificMembership",
  "address",
  "bind",
  "connect",
  "disconnect",
  "dropMembership",
  "dropSourceSpecificMembership",
  "getRecvBufferSize",
  "getSendBufferSize",
  "getSendQueueCount",
  "getSendQueueSize",
  "remoteAddress",
  "setBroadcast",
  "setMulticastInterface",
  "setMulticastLoopback",
  "setMulticastTTL",
  "setRecvBufferSize",
  "setSendBufferSize",
  "setTTL",
];
for (const name of refused) {
  const refuse = {
    [name](): never {
      throw unavailable(`dgram.Socket.${name}`, instead);
    },
  };
  Object.defineProperty(Socket.prototype, name, {
    value: refuse[name],
    writable: true,
    configurable: true,
  });
}

export default { Socket, createSocket: (type: unknown, listener?: unknown) => new Socket(type, listener) };
