import { requireInternal } from "../registry.ts";

export type Name = string | symbol;
type Listener = (...args: unknown[]) => unknown;

/** The part of Node's class that our own modules use. */
export interface EventEmitter {
  on(name: Name, listener: Listener): this;
  addListener(name: Name, listener: Listener): this;
  prependListener(name: Name, listener: Listener): this;
  once(name: Name, listener: Listener): this;
  prependOnceListener(name: Name, listener: Listener): this;
  off(name: Name, listener: Listener): this;
  removeListener(name: Name, listener: Listener): this;
  removeAllListeners(name?: Name): this;
  emit(name: Name, ...args: unknown[]): boolean;
  listeners(name: Name): Listener[];
  rawListeners(name: Name): Listener[];
  listenerCount(name: Name, listener?: Listener): number;
  eventNames(): Name[];
  setMaxListeners(count: number): this;
  getMaxListeners(): number;
}

interface Events {
  new (options?: { captureRejections?: boolean }): EventEmitter;
  readonly errorMonitor: symbol;
  once(emitter: object, name: Name, options?: { signal?: object }): Promise<unknown[]>;
}

export default requireInternal("library:events") as Events;
