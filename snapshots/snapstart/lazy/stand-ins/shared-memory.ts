import { define, disguise } from "./disguise.ts";
import { freezing, standsIn } from "./phase.ts";

const { apply, construct, setPrototypeOf } = Reflect;
const { defineProperty, getOwnPropertyDescriptor } = Object;
const memory = ArrayBuffer.prototype;
const nativeWait = Atomics.wait;
/** V8's own; undefined in a heap that is being frozen, until that was restored. */
let Native = (globalThis as { SharedArrayBuffer?: SharedArrayBufferConstructor }).SharedArrayBuffer;

/** What stands for shared memory in this heap, to be known after the restore. */
const made = new Set<object>();

const getter = (name: string) => getOwnPropertyDescriptor(memory, name)!.get!;
const members: PropertyDescriptorMap = {
  byteLength: { get: getter("byteLength") },
  maxByteLength: { get: getter("maxByteLength") },
  growable: { get: getter("resizable") },
  grow: { value: disguise(grow, memory.resize) },
  slice: { value: disguise(slice, memory.slice) },
};

function grow(this: ArrayBuffer, length: number): void {
  if (length < this.byteLength)
    throw new RangeError("SharedArrayBuffer.prototype.grow: Invalid length parameter");
  apply(memory.resize, this, [length]);
}

/** Not as memory's own does it: that would ask its class for a new one. */
function slice(this: ArrayBuffer, start?: number, end?: number): object {
  const bytes = new Uint8Array(this).slice(start, end);
  const copy = sharedMemory([bytes.length], Object.getPrototypeOf(this) as object);
  new Uint8Array(copy as ArrayBuffer).set(bytes);
  return copy;
}

/** Ordinary memory that passes for shared: in an isolate, nobody is there to share it with. V8 can't freeze its own. */
export function sharedMemory(args: readonly unknown[], prototype: object): object {
  const buffer = construct(ArrayBuffer, args) as object;
  setPrototypeOf(buffer, prototype);
  for (const name in members) defineProperty(buffer, name, { ...members[name], configurable: true });
  made.add(buffer);
  return buffer;
}

/** The global while V8 freezes. What init captured of it goes on to be called: then it makes V8's own. */
export class SharedMemory {
  constructor(...args: unknown[]) {
    const kind = new.target === SharedMemory ? (Native ?? SharedMemory) : new.target;
    const isLive = Native !== undefined && !standsIn;
    // biome-ignore lint/correctness/noConstructorReturn: what it makes are instances of other classes
    return (isLive ? construct(Native!, args, kind) : sharedMemory(args, kind.prototype as object)) as this;
  }
  get byteLength(): number {
    throw new TypeError("Receiver is not a SharedArrayBuffer");
  }
  get [Symbol.toStringTag](): string {
    return "SharedArrayBuffer";
  }
}
defineProperty(SharedMemory, "name", { value: "SharedArrayBuffer", configurable: true });

/** Waiting on what stands for shared memory is sleeping: nobody can wake it up. */
export function installWait(): void {
  function wait(array: Int32Array, index: number, value: number, timeout?: number): string {
    if (!made.has(array?.buffer)) return apply(nativeWait, Atomics, [array, index, value, timeout]);
    if (Atomics.load(array, index) !== value) return "not-equal";
    // No time passes while a heap is being frozen.
    if (freezing || Native === undefined) return "timed-out";
    return apply(nativeWait, Atomics, [new Int32Array(new Native(4)), 0, 0, timeout]);
  }
  define(Atomics, "wait", disguise(wait, nativeWait));
}

/** V8's own is there again: what was made without it becomes one of its kind. */
export function adoptSharedMemory(): void {
  Native = globalThis.SharedArrayBuffer;
  for (const buffer of made) {
    if (Object.getPrototypeOf(buffer) === SharedMemory.prototype) setPrototypeOf(buffer, Native.prototype);
  }
}
