import ivm from "isolated-vm";
import type { FrozenHeap, IsolateOptions } from "./guest-isolate.ts";

/** A version's frozen heap in this host, shared by all its environments. */
export class LoadedSnapshot implements FrozenHeap {
  readonly hash: string;
  readonly #copy: ivm.ExternalCopy<ArrayBuffer>;

  /** @param bytes As a builder made them, and the supervisor verified them; they are copied. */
  constructor(hash: string, bytes: Uint8Array) {
    this.hash = hash;
    const copy = new ArrayBuffer(bytes.byteLength);
    new Uint8Array(copy).set(bytes);
    this.#copy = new ivm.ExternalCopy(copy, { transferOut: true });
  }

  createIsolate(memoryLimitMb: number, options: IsolateOptions = {}): ivm.Isolate {
    return new ivm.Isolate({ ...options, memoryLimit: memoryLimitMb, snapshot: this.#copy });
  }
}
