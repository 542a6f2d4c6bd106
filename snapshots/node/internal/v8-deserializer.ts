import { asBuffer } from "./as-buffer.ts";
import { isAnyArrayBuffer, isArrayBuffer } from "./bindings/types.ts";
import { nodeError } from "./errors.ts";
import { ErrorTag, elementBytes, errorOf, flagsOf, formatVersion, Tag, viewOf } from "./v8-format.ts";
import { FormatReader, malformed } from "./v8-format-reader.ts";

const { defineProperty } = Object;

/** What `class Deserializer` of node:v8 lets those that extend it say. */
interface Hooks {
  _readHostObject?(): object;
  _getSharedArrayBufferFromId?(id: number): object;
}

/** node:v8's Deserializer: what V8 wrote, here or in a Node elsewhere. The bytes may be anybody's. */
export class Deserializer {
  readonly buffer: ArrayBufferView;
  readonly #in: FormatReader;
  readonly #objects: object[] = [];
  readonly #transferred = new Map<number, object>();
  #version = 0;

  constructor(buffer: ArrayBufferView) {
    if (!ArrayBuffer.isView(buffer)) {
      throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", "buffer must be a TypedArray or a DataView");
    }
    this.buffer = buffer;
    this.#in = new FormatReader(buffer);
  }

  /** @throws {Error} It begins with something else, or a later version wrote it. */
  readHeader(): boolean {
    const source = this.#in;
    if (source.left > 1 && source.byte() === Tag.version) {
      this.#version = source.varint();
      if (this.#version <= formatVersion) return true;
    }
    throw new Error("Unable to deserialize cloned data due to invalid or unsupported version.");
  }

  readValue(): unknown {
    return this.#read();
  }

  getWireFormatVersion(): number {
    return this.#version;
  }

  transferArrayBuffer(id: number, buffer: ArrayBuffer): void {
    if (!isAnyArrayBuffer(buffer)) {
      const message = "arrayBuffer must be an ArrayBuffer or SharedArrayBuffer";
      throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
    }
    this.#transferred.set(id >>> 0, buffer);
  }

  readUint32(): number {
    return orFailed("ReadUint32", () => this.#in.varint());
  }

  /** The higher and the lower half. */
  readUint64(): [number, number] {
    const value = orFailed("ReadUint64", () => this.#in.varint64());
    return [Number(value >> 32n), Number(value & 0xffff_ffffn)];
  }

  readDouble(): number {
    return orFailed("ReadDouble", () => this.#in.double());
  }

  readRawBytes(length: number): Uint8Array {
    const offset = this._readRawBytes(length);
    const { buffer, byteOffset } = this.buffer;
    return asBuffer(new Uint8Array(buffer, byteOffset + offset, length));
  }

  /** Where they begin in `buffer`. */
  _readRawBytes(length: number): number {
    const { position } = this.#in;
    orFailed("ReadRawBytes", () => this.#in.raw(length));
    return position;
  }

  #read(): unknown {
    const value = this.#readOne(this.#in.tag());
    // A view stands behind its buffer.
    if (this.#in.peekTag() !== Tag.arrayBufferView || !isAnyArrayBuffer(value)) return value;
    this.#in.tag();
    return this.#readView(value as ArrayBuffer);
  }

  #readOne(tag: number): unknown {
    const source = this.#in;
    switch (tag) {
      case Tag.verifyObjectCount:
        source.varint();
        return this.#read();
      case Tag.undefined:
        return undefined;
      case Tag.null:
        return null;
      case Tag.true:
      case Tag.false:
        return tag === Tag.true;
      case Tag.int32:
        return source.zigzag();
      case Tag.uint32:
        return source.varint();
      case Tag.double:
        return source.double();
      case Tag.bigint:
        return source.digits();
      case Tag.reference: {
        const object = this.#objects[source.varint()];
        if (object === undefined) throw malformed();
        return object;
      }
    }
    return source.stringOf(tag) ?? this.#readObject(tag);
  }

  /** It can be referred to from within. */
  #known<O extends object>(object: O, id = this.#objects.length): O {
    this.#objects[id] = object;
    return object;
  }

  #readObject(tag: number): object {
    const source = this.#in;
    switch (tag) {
      case Tag.beginObject:
        return this.#readProperties(this.#known({}), Tag.endObject);
      case Tag.beginSparseArray:
      case Tag.beginDenseArray:
        return this.#readArray(tag === Tag.beginDenseArray);
      case Tag.date:
        return this.#known(new Date(source.double()));
      case Tag.trueObject:
      case Tag.falseObject:
      case Tag.numberObject:
      case Tag.bigintObject:
      case Tag.stringObject:
        return this.#known(Object(this.#wrapped(tag)));
      case Tag.regExp:
        return this.#readRegExp();
      case Tag.beginMap:
        return this.#readMap();
      case Tag.beginSet:
        return this.#readSet();
      case Tag.arrayBuffer:
      case Tag.resizableArrayBuffer:
        return this.#readBuffer(tag === Tag.resizableArrayBuffer);
      case Tag.transferredArrayBuffer:
        return this.#known(this.#transferred.get(source.varint()) ?? fail());
      case Tag.sharedArrayBuffer:
        return this.#known(this.#shared(source.varint()));
      case Tag.error:
        return this.#readError();
      case Tag.hostObject:
        return this.#readHostObject();
    }
    throw malformed();
  }

  #wrapped(tag: number): unknown {
    if (tag === Tag.numberObject) return this.#in.double();
    if (tag === Tag.bigintObject) return this.#in.digits();
    return tag === Tag.stringObject ? this.#in.string() : tag === Tag.trueObject;
  }

  #readProperties<O extends object>(target: O, end: number): O {
    let count = 0;
    for (; this.#in.peekTag() !== end; count++) {
      const key = this.#read();
      if (typeof key !== "string" && typeof key !== "number") throw malformed();
      const value = this.#read();
      // Whatever its name: `__proto__` is one as any other.
      defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
    }
    this.#in.tag();
    if (this.#in.varint() !== count) throw malformed();
    return target;
  }

  #readArray(isDense: boolean): object {
    const length = this.#in.varint();
    // Each element takes a byte, so that none is as long as it likes.
    if (isDense && length > this.#in.left) throw malformed();
    const array: unknown[] = this.#known(new Array(length));
    for (let index = 0; isDense && index < length; index++) {
      if (this.#in.peekTag() === Tag.hole) this.#in.tag();
      else array[index] = this.#read();
    }
    this.#readProperties(array, isDense ? Tag.endDenseArray : Tag.endSparseArray);
    if (this.#in.varint() !== length) throw malformed();
    return array;
  }

  #readRegExp(): object {
    const id = this.#objects.length++;
    const source = this.#in.string();
    const flags = flagsOf(this.#in.varint()) ?? fail();
    try {
      return this.#known(new RegExp(source, flags), id);
    } catch {
      throw malformed();
    }
  }

  #readMap(): object {
    const map = this.#known(new Map());
    let count = 0;
    for (; this.#in.peekTag() !== Tag.endMap; count += 2) map.set(this.#read(), this.#read());
    this.#in.tag();
    if (this.#in.varint() !== count) throw malformed();
    return map;
  }

  #readSet(): object {
    const set = this.#known(new Set());
    let count = 0;
    for (; this.#in.peekTag() !== Tag.endSet; count++) set.add(this.#read());
    this.#in.tag();
    if (this.#in.varint() !== count) throw malformed();
    return set;
  }

  #readBuffer(isResizable: boolean): object {
    const length = this.#in.varint();
    const maxByteLength = isResizable ? this.#in.varint() : length;
    if (length > this.#in.left || maxByteLength < length) throw malformed();
    const made = isResizable ? new ArrayBuffer(length, { maxByteLength }) : new ArrayBuffer(length);
    new Uint8Array(made).set(this.#in.raw(length));
    return this.#known(made);
  }

  #readView(buffer: ArrayBuffer): object {
    const tag = this.#in.varint();
    const byteOffset = this.#in.varint();
    const byteLength = this.#in.varint();
    const flags = this.#version >= 14 ? this.#in.varint() : 0;
    const Class = viewOf(tag) ?? fail();
    const size = elementBytes(Class);
    const fits = byteOffset + byteLength <= buffer.byteLength;
    if (!fits || byteOffset % size !== 0 || byteLength % size !== 0) throw malformed();
    // Its length is the buffer's.
    const isTracking = (flags & 1) !== 0 && isArrayBuffer(buffer) && buffer.resizable;
    return this.#known(
      isTracking ? new Class(buffer, byteOffset) : new Class(buffer, byteOffset, byteLength / size),
    );
  }

  #shared(id: number): object {
    const hooks = this as unknown as Hooks;
    if (typeof hooks._getSharedArrayBufferFromId !== "function") throw malformed();
    return hooks._getSharedArrayBufferFromId(id);
  }

  #readHostObject(): object {
    const id = this.#objects.length++;
    const hooks = this as unknown as Hooks;
    if (typeof hooks._readHostObject !== "function") throw malformed();
    const object = hooks._readHostObject();
    if (typeof object !== "object" || object === null) {
      throw new TypeError("readHostObject must return an object");
    }
    return this.#known(object, id);
  }

  #readError(): object {
    const error: Error = this.#known(new Error());
    const hide = (name: string, value: unknown) =>
      defineProperty(error, name, { value, writable: true, configurable: true, enumerable: false });
    let stack: string | undefined;
    for (;;) {
      const tag = this.#in.varint();
      if (tag === ErrorTag.end) break;
      if (tag === ErrorTag.message) hide("message", this.#in.string());
      else if (tag === ErrorTag.stack) stack = this.#in.string();
      else if (tag === ErrorTag.cause) hide("cause", this.#read());
      else Object.setPrototypeOf(error, (errorOf(tag) ?? fail()).prototype);
    }
    hide("stack", stack);
    return error;
  }
}

function fail(): never {
  throw malformed();
}

function orFailed<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error(`${name}() failed`);
  }
}
