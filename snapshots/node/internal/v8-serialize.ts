import buffer from "../buffer.ts";
import { Deserializer } from "./v8-deserializer.ts";
import { elementBytes, type ViewClass } from "./v8-format.ts";
import { Serializer } from "./v8-serializer.ts";

const { Buffer } = buffer;

/** By the number that Node writes before a view; a hole is Buffer's place. */
const viewClasses: readonly (ViewClass | undefined)[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  DataView,
  undefined,
  BigInt64Array,
  BigUint64Array,
  Float16Array,
];
const bufferNumber = 10;

/** As Node's, without what of a view's memory the view does not show: Buffers share theirs. */
export class DefaultSerializer extends Serializer {
  constructor() {
    super();
    this._setTreatArrayBufferViewsAsHostObjects(true);
  }

  _writeHostObject(view: ArrayBufferView): void {
    const name = Object.prototype.toString.call(view).slice("[object ".length, -1);
    const isBuffer = view.constructor === (Buffer as unknown);
    this.writeUint32(isBuffer ? bufferNumber : viewClasses.findIndex((Class) => Class?.name === name));
    this.writeUint32(view.byteLength);
    this.writeRawBytes(view);
  }
}

export class DefaultDeserializer extends Deserializer {
  _readHostObject(): object {
    const number = this.readUint32();
    const byteLength = this.readUint32();
    const at = this._readRawBytes(byteLength);
    const { buffer: memory, byteOffset } = this.buffer;
    if (number === bufferNumber) return Buffer.from(memory, byteOffset + at, byteLength);
    const Class = viewClasses[number];
    if (Class === undefined) throw new TypeError(`There is no view of number ${number}`);
    const size = elementBytes(Class);
    if ((byteOffset + at) % size === 0)
      return new Class(memory as ArrayBuffer, byteOffset + at, byteLength / size);
    const aligned = new Uint8Array(memory, byteOffset + at, byteLength).slice();
    return new Class(aligned.buffer, 0, byteLength / size);
  }
}

export function serialize(value: unknown): Uint8Array {
  const serializer = new DefaultSerializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

export function deserialize(bytes: ArrayBufferView): unknown {
  const deserializer = new DefaultDeserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}

export { Deserializer, Serializer };
