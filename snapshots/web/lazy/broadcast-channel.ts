import { setImmediate } from "../../loop.ts";
import { asInterface } from "../interface.ts";
import { loadLazy } from "../lazy.ts";
import { invalidThis, missingArgs } from "./argument-errors.ts";
import { DOMException } from "./dom-exception.ts";
import { defineHandler, dispatchTrusted, EventTarget } from "./event-target.ts";
import { MessageEvent } from "./message-event.ts";

const custom = Symbol.for("nodejs.util.inspect.custom");

/** The open channels, by name and in the order in which they were made: the order of delivery. */
const channels = new Map<string, Set<BroadcastChannel>>();

let nameOf: (channel: BroadcastChannel) => string;
let isClosed: (channel: BroadcastChannel) => boolean;

/** Everybody who has a channel of that name in this isolate hears what one of them posts. None keeps the event loop alive. */
export class BroadcastChannel extends EventTarget {
  static {
    nameOf = (channel) => {
      if (typeof channel !== "object" || channel === null || !(#name in channel)) {
        throw invalidThis("BroadcastChannel");
      }
      return channel.#name;
    };
    isClosed = (channel) => channel.#isClosed;
  }

  declare onmessage: ((event: MessageEvent) => unknown) | null;
  declare onmessageerror: ((event: MessageEvent) => unknown) | null;
  readonly #name: string;
  #isClosed = false;

  constructor(name: string) {
    if (arguments.length === 0) throw missingArgs("name");
    super();
    this.#name = `${name}`;
    const others = channels.get(this.#name);
    if (others === undefined) channels.set(this.#name, new Set([this]));
    else others.add(this);
  }
  get name(): string {
    return nameOf(this);
  }
  close(): void {
    const name = nameOf(this);
    if (this.#isClosed) return;
    this.#isClosed = true;
    const open = channels.get(name);
    open?.delete(this);
    if (open?.size === 0) channels.delete(name);
  }
  postMessage(message: unknown): void {
    const name = nameOf(this);
    if (arguments.length === 0) throw missingArgs("message");
    if (this.#isClosed) throw new DOMException("BroadcastChannel is closed.", "InvalidStateError");
    const { structuredClone } = loadLazy("structured-clone");
    // Cloned once more for each receiver; that it cannot be cloned is told even if there is none.
    const serialized = structuredClone(message);
    for (const channel of channels.get(name) ?? []) {
      if (channel === this) continue;
      setImmediate(() => {
        if (isClosed(channel)) return;
        dispatchTrusted(channel, new MessageEvent("message", { data: structuredClone(serialized) }));
      });
    }
  }
  ref(): this {
    nameOf(this);
    return this;
  }
  unref(): this {
    nameOf(this);
    return this;
  }
  [custom](depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    const name = nameOf(this);
    if (depth < 0) return "BroadcastChannel";
    return `BroadcastChannel ${inspect({ name, active: !this.#isClosed }, options)}`;
  }
}

asInterface(BroadcastChannel, "BroadcastChannel");
for (const name of ["ref", "unref"]) {
  Object.defineProperty(BroadcastChannel.prototype, name, { enumerable: false });
}
defineHandler(BroadcastChannel.prototype, "message");
defineHandler(BroadcastChannel.prototype, "messageerror");
