import ivm from "isolated-vm";
import type { FrozenHeap } from "./guest-isolate.ts";

/**
 * V8's bytecode of one script, from an isolate in which it ran: what another isolate would otherwise parse and compile
 * again. V8 takes it only in an isolate of the same frozen heap, of the same V8 and under the same flags, and
 * otherwise refuses it. What it does not look at is whether the bytes, or the script, are still the same ones: whoever
 * makes one of these has to know.
 */
export class CodeCache {
  readonly #heap: FrozenHeap;
  #data: ivm.ExternalCopy<ArrayBuffer> | undefined;

  /** @param bytes They are copied. */
  constructor(heap: FrozenHeap, bytes: Uint8Array) {
    this.#heap = heap;
    const copy = new ArrayBuffer(bytes.byteLength);
    new Uint8Array(copy).set(bytes);
    this.#data = new ivm.ExternalCopy(copy, { transferList: [copy] });
  }

  /** For an isolate of that heap. */
  dataFor(heap: FrozenHeap): ivm.ExternalCopy<ArrayBuffer> | undefined {
    return heap === this.#heap ? this.#data : undefined;
  }

  /** V8 refused it, and would again. */
  reject(): void {
    this.#data = undefined;
  }

  get isRejected(): boolean {
    return this.#data === undefined;
  }
}
