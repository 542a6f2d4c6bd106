import { codedTypeError } from "../crypto.ts";
import { type CryptoKey, recordOf } from "./crypto-key.ts";

/** What a conversion failed of, for the message of its error. */
export interface Context {
  /** `Failed to execute 'sign' on 'SubtleCrypto'`, or nothing. */
  readonly prefix: string;
  /** `2nd argument`. */
  readonly subject: string;
}

const { apply } = Reflect;
const { String: PrimordialString, Number: PrimordialNumber, Math: PrimordialMath } = globalThis;
const { isFinite: isFiniteNumber } = PrimordialNumber;
const { trunc } = PrimordialMath;
const { isView } = ArrayBuffer;
const { Uint8Array: PrimordialUint8Array } = globalThis;
const getter = (object: object, name: PropertyKey) => Object.getOwnPropertyDescriptor(object, name)!.get!;
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const tagOf = getter(typedArray, Symbol.toStringTag);
const isResizable = getter(ArrayBuffer.prototype, "resizable");
const bufferLength = getter(ArrayBuffer.prototype, "byteLength");
const ofTypedArray = {
  buffer: getter(typedArray, "buffer"),
  offset: getter(typedArray, "byteOffset"),
  length: getter(typedArray, "byteLength"),
};
const ofDataView = {
  buffer: getter(DataView.prototype, "buffer"),
  offset: getter(DataView.prototype, "byteOffset"),
  length: getter(DataView.prototype, "byteLength"),
};

export function failure(
  { prefix, subject }: Context,
  what: string,
  code = "ERR_INVALID_ARG_TYPE",
): TypeError {
  return codedTypeError(code, `${prefix === "" ? "" : `${prefix}: `}${subject} ${what}`);
}

export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

export function toText(value: unknown, context: Context): string {
  if (typeof value === "symbol") throw failure(context, "is a Symbol and cannot be converted to a string.");
  return PrimordialString(value);
}

/** An integer that has to be within the bounds of its type, as [EnforceRange] says. */
export function toInteger(value: unknown, most: number, context: Context): number {
  if (typeof value === "bigint") throw failure(context, "is a BigInt and cannot be converted to a number.");
  if (typeof value === "symbol") throw failure(context, "is a Symbol and cannot be converted to a number.");
  const number = +(value as number);
  if (!isFiniteNumber(number)) throw failure(context, "is not a finite number.");
  const integer = trunc(number) + 0;
  if (integer < 0 || integer > most) {
    throw failure(context, `is outside the expected range of 0 to ${most}.`, "ERR_OUT_OF_RANGE");
  }
  return integer;
}

export function toChoice(
  value: unknown,
  choices: Readonly<Record<string, true>>,
  type: string,
  context: Context,
): string {
  const text = toText(value, context);
  if (choices[text] !== true) {
    throw failure(context, `'${text}' is not a valid enum value of type ${type}.`, "ERR_INVALID_ARG_VALUE");
  }
  return text;
}

export function toList<T>(
  value: unknown,
  convert: (item: unknown, context: Context) => T,
  context: Context,
): T[] {
  const notList = () => failure(context, "cannot be converted to sequence.");
  if (!isObject(value)) throw notList();
  const begin = (value as Iterable<unknown>)[Symbol.iterator] as unknown;
  if (typeof begin !== "function") throw notList();
  const iterator = apply(begin, value, []) as Iterator<unknown> | undefined;
  if (!isObject(iterator)) throw notList();
  const next = iterator.next as unknown;
  if (typeof next !== "function") throw notList();
  const list: T[] = [];
  for (;;) {
    const step = apply(next, iterator, []) as IteratorResult<unknown>;
    if (!isObject(step)) throw notList();
    if (step.done) return list;
    const subject = `${context.subject}[${list.length}]`;
    list[list.length] = convert(step.value, { prefix: context.prefix, subject });
  }
}

/** @returns The same object: its bytes are read once everything was converted. */
export function toBufferSource(value: unknown, context: Context): ArrayBuffer | ArrayBufferView {
  const buffer = isView(value) ? bufferOf(value) : value;
  try {
    apply(isResizable, buffer, []);
  } catch {
    throw failure(
      context,
      isView(value)
        ? "is a view on a SharedArrayBuffer, which is not allowed."
        : "is not instance of ArrayBuffer, Buffer, TypedArray, or DataView.",
    );
  }
  return value as ArrayBuffer | ArrayBufferView;
}

export function toUint8Array(value: unknown, context: Context): ArrayBufferView {
  if (!isView(value) || apply(tagOf, value, []) !== "Uint8Array") {
    throw failure(context, "is not an Uint8Array object.");
  }
  return toBufferSource(value, context) as ArrayBufferView;
}

export function isBufferSource(value: unknown): boolean {
  if (isView(value)) return true;
  if (!isObject(value)) return false;
  try {
    apply(bufferLength, value, []);
    return true;
  } catch {
    return false;
  }
}

/** A view of what toBufferSource let pass; of nothing once the buffer was transferred. */
export function bytesOf(source: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (!isView(source)) {
    const length = apply(bufferLength, source, []) as number;
    return length === 0 ? new PrimordialUint8Array(0) : new PrimordialUint8Array(source, 0, length);
  }
  try {
    const { offset, length } = apply(tagOf, source, []) === undefined ? ofDataView : ofTypedArray;
    return new PrimordialUint8Array(
      bufferOf(source),
      apply(offset, source, []) as number,
      apply(length, source, []) as number,
    );
  } catch {
    return new PrimordialUint8Array(0);
  }
}

function bufferOf(view: ArrayBufferView): ArrayBuffer {
  const { buffer } = apply(tagOf, view, []) === undefined ? ofDataView : ofTypedArray;
  return apply(buffer, view, []) as ArrayBuffer;
}

export function toKey(value: unknown, context: Context): CryptoKey {
  if (recordOf(value) === undefined) throw failure(context, "is not of type CryptoKey.");
  return value as CryptoKey;
}
