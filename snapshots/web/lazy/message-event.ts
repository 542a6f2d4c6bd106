import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { Event, type EventInit } from "./event-target.ts";
import type { MessagePort } from "./message-channel.ts";

export interface MessageEventInit extends EventInit {
  data?: unknown;
  origin?: string;
  lastEventId?: string;
  source?: MessagePort | null;
  ports?: Iterable<MessagePort>;
}

/** Set by the module of ports, which knows what is one. */
let isPort: (value: unknown) => boolean = () => false;

export function recognizePorts(recognize: (value: unknown) => boolean): void {
  isPort = recognize;
}

export class MessageEvent extends Event {
  #data: unknown;
  #origin: string;
  #lastEventId: string;
  #source: MessagePort | null;
  #ports: readonly MessagePort[];

  constructor(type: string, init: MessageEventInit | null = {}) {
    if (arguments.length === 0) throw new TypeError("MessageEvent constructor: 1 argument required");
    super(type, init);
    const { data, origin, lastEventId, source = null, ports } = init ?? {};
    this.#data = data ?? null;
    this.#origin = origin === undefined ? "" : `${origin}`;
    this.#lastEventId = lastEventId === undefined ? "" : `${lastEventId}`;
    this.#source = source === null ? null : checkedPort(source, "source");
    this.#ports = checkedPorts(ports);
  }
  get data(): unknown {
    return this.#data;
  }
  get origin(): string {
    return this.#origin;
  }
  get lastEventId(): string {
    return this.#lastEventId;
  }
  get source(): MessagePort | null {
    return this.#source;
  }
  get ports(): readonly MessagePort[] {
    return this.#ports;
  }
  initMessageEvent(
    type: string,
    bubbles: boolean | undefined = false,
    cancelable: boolean | undefined = false,
    data: unknown = null,
    origin: string | undefined = "",
    lastEventId: string | undefined = "",
    source: MessagePort | null | undefined = null,
    ports: Iterable<MessagePort> | undefined = [],
  ): void {
    this.initEvent(type, bubbles, cancelable);
    this.#data = data;
    this.#origin = `${origin}`;
    this.#lastEventId = `${lastEventId}`;
    this.#source = source;
    this.#ports = checkedPorts(ports);
  }
}

asInterface(MessageEvent, "MessageEvent");
showAs(MessageEvent.prototype, ["type", "defaultPrevented", "cancelable", "timeStamp"]);

function checkedPorts(ports: unknown): readonly MessagePort[] {
  if (ports === undefined) return Object.freeze([]);
  if (typeof ports !== "object" || ports === null || !(Symbol.iterator in ports)) {
    throw new TypeError(`MessageEvent constructor: eventInitDict.ports (${shown(ports)}) is not iterable.`);
  }
  const list = [...(ports as Iterable<unknown>)];
  return Object.freeze(list.map((port, index) => checkedPort(port, `ports[${index}]`)));
}

function checkedPort(port: unknown, name: string): MessagePort {
  if (isPort(port)) return port as MessagePort;
  throw new TypeError(
    `MessageEvent constructor: Expected eventInitDict.${name} ("${shown(port)}") to be an instance of MessagePort.`,
  );
}

function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? "{}" : String(value);
}
