import { isArrayBuffer } from "../../bytes.ts";
import { cloningRulesOf, type Transfer, untransferable } from "../../cloning.ts";
import { dataCloneError } from "../data-clone-error.ts";
import { transferStream } from "./streams.ts";

const streamTags: ReadonlySet<unknown> = new Set(["ReadableStream", "WritableStream", "TransformStream"]);

/** What moves to the clone instead of being copied. Nothing moves before everything else was cloned. */
export class TransferList {
  readonly #buffers = new Set<ArrayBuffer>();
  readonly #transfers = new Map<object, Transfer>();
  /** A TransformStream moves two. */
  readonly #streams = new Set<object>();

  /** @throws {DOMException} One of them cannot be transferred. */
  constructor(list: Iterable<unknown>) {
    const objects: object[] = [];
    for (const one of list) {
      if (isArrayBuffer(one)) this.#addBuffer(one);
      else if (isTransferable(one)) objects.push(one);
      else throw dataCloneError("Found invalid object in transferList");
    }
    for (const object of objects) this.#addObject(object);
  }

  /** What stands in the clone for what is transferred, in the order of the list. */
  get moved(): object[] {
    return [...this.#transfers.values()].map(({ moved }) => moved);
  }

  #addBuffer(buffer: ArrayBuffer): void {
    if (this.#buffers.has(buffer)) {
      throw dataCloneError("Transfer list contains duplicate ArrayBuffer");
    }
    if (untransferable.has(buffer)) throw dataCloneError("An ArrayBuffer is marked as untransferable.");
    if (buffer.detached) throw dataCloneError("An ArrayBuffer is detached and could not be cloned.");
    this.#buffers.add(buffer);
  }

  #addObject(object: object): void {
    if (this.#transfers.has(object)) {
      throw dataCloneError(`Transfer list contains duplicate ${object.constructor?.name ?? "object"}`);
    }
    if (untransferable.has(object)) throw dataCloneError("An object is marked as untransferable.");
    const transfer = cloningRulesOf(object)?.transfer?.(object) ?? transferStream(object, this.#streams);
    if (transfer === undefined) throw dataCloneError("Found invalid object in transferList");
    this.#transfers.set(object, transfer);
  }

  /** What an object of the list becomes; undefined for one that is copied. */
  movedOf(value: object): object | undefined {
    return this.#transfers.get(value)?.moved;
  }

  /** Buffers were copied, and are left empty. */
  commit(): void {
    for (const { commit } of this.#transfers.values()) commit();
    for (const buffer of this.#buffers) if (!buffer.detached) buffer.transfer();
  }
}

function isTransferable(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (cloningRulesOf(value)?.transfer !== undefined) return true;
  return streamTags.has((value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]);
}
