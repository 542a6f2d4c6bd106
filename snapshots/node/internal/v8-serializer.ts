import { asBuffer } from "./as-buffer.ts";
import {
  isArgumentsObject,
  isArrayBuffer,
  isBoxedPrimitive,
  isDate,
  isMap,
  isNativeError,
  isProxy,
  isRegExp,
  isSet,
  isSharedArrayBuffer,
} from "./bindings/types.ts";
import { nodeError } from "./errors.ts";
import { nameOf, uncloneable, unwrapped } from "./v8-cloneable.ts";
import { bitsOfFlags, ErrorTag, formatVersion, Tag, tagOfError, tagOfView } from "./v8-format.ts";
import { FormatWriter } from "./v8-format-writer.ts";

const { apply } = Reflect;
const { getOwnPropertyDescriptor, keys } = Object;
const tagged = Object.prototype.toString;
/** Asking an object whether it is a proxy takes microseconds: of many, only the first are asked. */
const mostAsked = 2048;
/** What `class Serializer` of node:v8 lets those that extend it say. */
interface Hooks {
  _getDataCloneError(message: string): unknown;
  _writeHostObject?(object: object): void;
  _getSharedArrayBufferId?(buffer: object): number;
}

/** node:v8's Serializer: values as V8 itself writes them, so that a Node elsewhere reads them. */
export class Serializer {
  readonly #out = new FormatWriter();
  readonly #ids = new Map<object, number>();
  readonly #transferred = new Map<object, number>();
  #viewsAreHostObjects = false;

  writeHeader(): void {
    this.#out.byte(Tag.version);
    this.#out.byte(formatVersion);
  }

  /** @throws What `_getDataCloneError` makes, for a value that cannot be cloned. */
  writeValue(value: unknown): boolean {
    this.#write(value);
    return true;
  }

  releaseBuffer(): Uint8Array {
    return asBuffer(this.#out.take());
  }

  transferArrayBuffer(id: number, buffer: ArrayBuffer): void {
    this.#transferred.set(buffer, id >>> 0);
  }

  writeUint32(value: number): void {
    this.#out.varint(value >>> 0);
  }

  writeUint64(high: number, low: number): void {
    let rest = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    for (; rest >= 0x80n; rest >>= 7n) this.#out.byte(Number(rest & 0x7fn) | 0x80);
    this.#out.byte(Number(rest));
  }

  writeDouble(value: number): void {
    this.#out.double(Number(value));
  }

  writeRawBytes(source: ArrayBufferView): void {
    if (!ArrayBuffer.isView(source)) {
      throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", "source must be a TypedArray or a DataView");
    }
    this.#out.raw(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  }

  _setTreatArrayBufferViewsAsHostObjects(flag: boolean): void {
    this.#viewsAreHostObjects = Boolean(flag);
  }

  #failure(message: string): unknown {
    return (this as unknown as Hooks)._getDataCloneError(message);
  }

  #refuse(value: unknown): never {
    const shown = typeof value === "object" ? nameOf(value!) : String(value);
    throw this.#failure(`${shown} could not be cloned.`);
  }

  #write(value: unknown): void {
    const out = this.#out;
    if (value === undefined) out.byte(Tag.undefined);
    else if (value === null) out.byte(Tag.null);
    else if (typeof value === "boolean") out.byte(value ? Tag.true : Tag.false);
    else if (typeof value === "number") out.number(value);
    else if (typeof value === "string") out.string(value);
    else if (typeof value === "object") this.#writeObject(value);
    else if (typeof value === "bigint") {
      out.byte(Tag.bigint);
      out.digits(value);
    } else this.#refuse(value);
  }

  #writeObject(value: object): void {
    if (this.#writeReference(value)) return;
    if (this.#ids.size < mostAsked && isProxy(value)) throw this.#failure("#<Object> could not be cloned.");
    const isView = ArrayBuffer.isView(value);
    const isPlainView = isView && !this.#viewsAreHostObjects;
    // It stands behind its buffer.
    if (isPlainView) this.#writeObject(value.buffer);
    this.#ids.set(value, this.#ids.size);
    if (isPlainView) this.#writeView(value);
    else if (isView) this.#writeHostObject(value);
    else if (Array.isArray(value)) this.#writeArray(value);
    else if (isNativeError(value)) this.#writeError(value as Error);
    else if (isDate(value)) {
      this.#out.byte(Tag.date);
      this.#out.double(apply(Date.prototype.getTime, value, []));
    } else if (isMap(value)) this.#writeMap(value as Map<unknown, unknown>);
    else if (isSet(value)) this.#writeSet(value as Set<unknown>);
    else if (isRegExp(value)) this.#writeRegExp(value as RegExp);
    else if (isBoxedPrimitive(value)) this.#writeWrapped(value);
    else if (isArrayBuffer(value)) this.#writeBuffer(value as ArrayBuffer);
    else if (isSharedArrayBuffer(value)) this.#writeShared(value);
    else this.#writePlain(value);
  }

  #writeReference(value: object): boolean {
    const known = this.#ids.get(value);
    if (known === undefined) return false;
    this.#out.byte(Tag.reference);
    this.#out.varint(known);
    return true;
  }

  #writePlain(value: object): void {
    if (isArgumentsObject(value) || uncloneable.test(apply(tagged, value, []) as string)) this.#refuse(value);
    this.#out.byte(Tag.beginObject);
    const count = this.#writeProperties(value, keys(value));
    this.#out.byte(Tag.endObject);
    this.#out.varint(count);
  }

  /** @returns How many were still there. */
  #writeProperties(value: object, names: readonly string[]): number {
    let count = 0;
    for (const name of names) {
      const descriptor = getOwnPropertyDescriptor(value, name);
      if (descriptor?.enumerable !== true) continue;
      const index = Number(name);
      const isIndex = index >= 0 && index < 2 ** 32 - 1 && String(index) === name && Number.isInteger(index);
      this.#write(isIndex ? index : name);
      this.#write((value as Record<string, unknown>)[name]);
      count++;
    }
    return count;
  }

  #writeArray(value: unknown[]): void {
    const out = this.#out;
    const { length } = value;
    const names = keys(value);
    const isDense = length === 0 || (names.length >= length && names[length - 1] === String(length - 1));
    out.byte(isDense ? Tag.beginDenseArray : Tag.beginSparseArray);
    out.varint(length);
    if (isDense) {
      for (let index = 0; index < length; index++) {
        if (index in value) this.#write(value[index]);
        else out.byte(Tag.hole);
      }
    }
    const count = this.#writeProperties(value, isDense ? names.slice(length) : names);
    out.byte(isDense ? Tag.endDenseArray : Tag.endSparseArray);
    out.varint(count);
    out.varint(length);
  }

  #writeMap(value: Map<unknown, unknown>): void {
    const entries: unknown[] = [];
    apply(Map.prototype.forEach, value, [(item: unknown, key: unknown) => entries.push(key, item)]);
    this.#out.byte(Tag.beginMap);
    for (const entry of entries) this.#write(entry);
    this.#out.byte(Tag.endMap);
    this.#out.varint(entries.length);
  }

  #writeSet(value: Set<unknown>): void {
    const items: unknown[] = [];
    apply(Set.prototype.forEach, value, [(item: unknown) => items.push(item)]);
    this.#out.byte(Tag.beginSet);
    for (const item of items) this.#write(item);
    this.#out.byte(Tag.endSet);
    this.#out.varint(items.length);
  }

  #writeRegExp(value: RegExp): void {
    this.#out.byte(Tag.regExp);
    this.#out.string(value.source);
    this.#out.varint(bitsOfFlags(value.flags));
  }

  #writeWrapped(value: object): void {
    const primitive: unknown = unwrapped(value);
    if (typeof primitive === "boolean") this.#out.byte(primitive ? Tag.trueObject : Tag.falseObject);
    else if (typeof primitive === "number") {
      this.#out.byte(Tag.numberObject);
      this.#out.double(primitive);
    } else if (typeof primitive === "bigint") {
      this.#out.byte(Tag.bigintObject);
      this.#out.digits(primitive);
    } else if (typeof primitive === "string") {
      this.#out.byte(Tag.stringObject);
      this.#out.string(primitive);
    } else throw this.#failure("[object Symbol] could not be cloned.");
  }

  #writeBuffer(value: ArrayBuffer): void {
    const id = this.#transferred.get(value);
    if (id !== undefined) {
      this.#out.byte(Tag.transferredArrayBuffer);
      this.#out.varint(id);
      return;
    }
    if (value.detached) throw this.#failure("An ArrayBuffer is detached and could not be cloned.");
    this.#out.byte(value.resizable ? Tag.resizableArrayBuffer : Tag.arrayBuffer);
    this.#out.varint(value.byteLength);
    if (value.resizable) this.#out.varint(value.maxByteLength);
    this.#out.raw(new Uint8Array(value));
  }

  #writeShared(value: object): void {
    const hooks = this as unknown as Hooks;
    if (typeof hooks._getSharedArrayBufferId !== "function") this.#refuse(value);
    this.#out.byte(Tag.sharedArrayBuffer);
    this.#out.varint(hooks._getSharedArrayBufferId(value) >>> 0);
  }

  #writeView(value: ArrayBufferView): void {
    this.#out.byte(Tag.arrayBufferView);
    this.#out.varint(tagOfView(apply(tagged, value, []) as string));
    this.#out.varint(value.byteOffset);
    this.#out.varint(value.byteLength);
    const { resizable = false } = value.buffer as { resizable?: boolean };
    this.#out.varint(resizable ? 2 : 0);
  }

  #writeHostObject(value: object): void {
    const hooks = this as unknown as Hooks;
    if (typeof hooks._writeHostObject !== "function") this.#refuse(value);
    this.#out.byte(Tag.hostObject);
    hooks._writeHostObject(value);
  }

  #writeError(value: Error): void {
    const out = this.#out;
    const own = (name: string) => {
      const descriptor = getOwnPropertyDescriptor(value, name);
      return descriptor !== undefined && "value" in descriptor ? [descriptor.value as unknown] : undefined;
    };
    const message = own("message");
    const cause = own("cause");
    out.byte(Tag.error);
    const tag = tagOfError(`${value.name}`);
    if (tag !== undefined) out.varint(tag);
    if (message !== undefined) {
      out.varint(ErrorTag.message);
      this.#out.string(`${message[0]}`);
    }
    const { stack } = value;
    if (typeof stack === "string") {
      out.varint(ErrorTag.stack);
      this.#out.string(stack);
    }
    if (cause !== undefined) {
      out.varint(ErrorTag.cause);
      this.#write(cause[0]);
    }
    out.varint(ErrorTag.end);
  }
}

Object.defineProperty(Serializer.prototype, "_getDataCloneError", {
  value: Error,
  writable: true,
  configurable: true,
  enumerable: true,
});
