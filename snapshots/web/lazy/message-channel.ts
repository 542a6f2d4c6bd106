import { captureContext } from "../../async-context.ts";
import { setImmediate } from "../../loop.ts";
import { setCloningRules, type Transfer } from "../cloning.ts";
import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { loadLazy } from "../lazy.ts";
import { codedError } from "./argument-errors.ts";
import { dataCloneError } from "./data-clone-error.ts";
import { defineHandler, dispatchTrusted, Event } from "./event-target.ts";
import { NodeEventTarget, watchListeners } from "./message-channel/node-event-target.ts";
import { transferListOf } from "./message-channel/transfer-argument.ts";
import { MessageEvent, recognizePorts } from "./message-event.ts";

interface Message {
  readonly data: unknown;
  readonly ports: readonly MessagePort[];
}

const secret = Symbol("MessageChannel");
let entangle: (one: MessagePort, other: MessagePort) => void;
let stop: (port: MessagePort) => void;
let receive: (port: MessagePort) => Message | undefined;
let prepareTransfer: (port: MessagePort) => Transfer;
let isPort: (value: unknown) => value is MessagePort;
let isActive: (port: MessagePort) => boolean;

/**
 * One end of a channel. Both ends are in this isolate, there being nothing else that one could be given to: what is
 * posted is cloned at once, and delivered by a task of its own. A port that waits does not keep the event loop alive,
 * since nothing could post to it but this loop; `hasRef` tells what was asked for.
 *
 *     queueing ◄──(start, or a listener to messages; the last one goes)──► flowing ──(close on either end)──► closed
 *        └─────────────────(transferred)──────────────────┴──► detached, and another port goes on in its place
 */
export class MessagePort extends NodeEventTarget {
  static {
    entangle = (one, other) => {
      one.#other = other;
      other.#other = one;
    };
    stop = (port) => {
      port.#isFlowing = false;
    };
    receive = (port) => port.#queue.shift();
    isPort = (value): value is MessagePort => typeof value === "object" && value !== null && #queue in value;
    isActive = (port) => !port.#isDetached;
    prepareTransfer = (port) => {
      if (port.#isDetached) throw dataCloneError("MessagePort in transfer list is already detached");
      const moved = makePort();
      return { moved, commit: () => moved.#takeOver(port) };
    };
  }

  declare onmessage: ((event: MessageEvent) => unknown) | null;
  declare onmessageerror: ((event: MessageEvent) => unknown) | null;
  #other: MessagePort | undefined;
  #isDetached = false;
  #isFlowing = false;
  #isRef = false;
  #queue: Message[] = [];

  constructor(...args: unknown[]) {
    if (args[0] !== secret) {
      throw codedError(TypeError, "ERR_CONSTRUCT_CALL_INVALID", "Constructor cannot be called");
    }
    super();
    captureContext("MESSAGEPORT", this);
  }

  postMessage(value: unknown, ...rest: unknown[]): void {
    if (arguments.length === 0) throw new TypeError("Not enough arguments");
    const transfer = transferListOf(rest[0]);
    if (transfer.includes(this)) throw dataCloneError("Transfer list contains source port");
    const target = this.#other;
    // A closed channel swallows what is posted, but not that it can't be cloned.
    const { clone, moved } = loadLazy("structured-clone").cloneAndMove(value, transfer);
    if (target === undefined) return;
    if (transfer.includes(target)) {
      // Nobody is left who could receive it.
      lose(this);
      return;
    }
    target.#queue.push({ data: clone, ports: moved.filter(isPort) });
    if (target.#isFlowing) target.#deliverLater();
  }

  start(): void {
    if (this.#isFlowing || this.#isDetached) return;
    this.#isFlowing = true;
    for (let count = this.#queue.length; count > 0; count--) this.#deliverLater();
  }

  close(callback: (() => void) | undefined = undefined): void {
    if (typeof callback === "function") this.once("close", callback);
    const other = this.#other;
    this.#isDetached = true;
    if (other === undefined) return;
    // What was posted before is still delivered.
    for (const port of [this, other]) {
      port.#other = undefined;
      setImmediate(() => port.#end());
    }
  }

  ref(): void {
    if (!this.#isDetached) this.#isRef = true;
  }
  unref(): void {
    this.#isRef = false;
  }
  hasRef(): boolean {
    return this.#isRef;
  }

  #end(): void {
    this.#isDetached = true;
    this.#isRef = false;
    dispatchTrusted(this, new Event("close"));
  }

  #takeOver(from: MessagePort): void {
    const other = from.#other;
    this.#queue = from.#queue;
    from.#queue = [];
    from.#other = undefined;
    from.#isDetached = true;
    from.#isFlowing = false;
    from.#isRef = false;
    if (other !== undefined) entangle(this, other);
  }

  #deliverLater(): void {
    setImmediate(() => {
      const message = this.#isFlowing ? this.#queue.shift() : undefined;
      if (message !== undefined) dispatchTrusted(this, new MessageEvent("message", message as never));
    });
  }
}

asInterface(MessagePort, "MessagePort");
defineHandler(MessagePort.prototype, "message");
defineHandler(MessagePort.prototype, "messageerror");
showAs(MessagePort.prototype, (port) => ({ active: isActive(port), refed: port.hasRef() }));
setCloningRules(MessagePort.prototype, {
  transfer: (value) => (isPort(value) ? prepareTransfer(value) : undefined),
});
recognizePorts((value) => isPort(value));
// As in Node, whoever listens need not start it.
watchListeners((target, type, isListening) => {
  if (type !== "message" || !isPort(target)) return;
  if (isListening) {
    target.ref();
    target.start();
  } else {
    target.unref();
    stop(target);
  }
});

/** The oldest message that waits, without an event. */
export function receiveMessageOnPort(port: unknown): { message: unknown } | undefined {
  if (!isPort(port)) {
    throw codedError(TypeError, "ERR_INVALID_ARG_TYPE", 'The "port" argument must be a MessagePort instance');
  }
  const message = receive(port);
  return message === undefined ? undefined : { message: message.data };
}

function lose(port: MessagePort): void {
  port.close();
  const { process } = globalThis as unknown as { process: { emitWarning(text: string): void } };
  process.emitWarning("The target port was posted to itself, and the communication channel was lost");
}

// Outside its class: a bundler renames a class that names itself, visibly.
function makePort(): MessagePort {
  return new MessagePort(secret);
}

export class MessageChannel {
  readonly port1: MessagePort;
  readonly port2: MessagePort;

  constructor() {
    this.port1 = makePort();
    this.port2 = makePort();
    entangle(this.port1, this.port2);
  }
}

asInterface(MessageChannel, "MessageChannel");
