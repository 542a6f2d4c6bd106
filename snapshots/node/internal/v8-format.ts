/** The format of V8's ValueSerializer: one character a tag, numbers in groups of seven bits. */
export const formatVersion = 15;

const tag = (character: string) => character.charCodeAt(0);

export const Tag = {
  version: 0xff,
  padding: 0,
  verifyObjectCount: tag("?"),
  hole: tag("-"),
  undefined: tag("_"),
  null: tag("0"),
  true: tag("T"),
  false: tag("F"),
  int32: tag("I"),
  uint32: tag("U"),
  double: tag("N"),
  bigint: tag("Z"),
  utf8String: tag("S"),
  oneByteString: tag('"'),
  twoByteString: tag("c"),
  reference: tag("^"),
  beginObject: tag("o"),
  endObject: tag("{"),
  beginSparseArray: tag("a"),
  endSparseArray: tag("@"),
  beginDenseArray: tag("A"),
  endDenseArray: tag("$"),
  date: tag("D"),
  trueObject: tag("y"),
  falseObject: tag("x"),
  numberObject: tag("n"),
  bigintObject: tag("z"),
  stringObject: tag("s"),
  regExp: tag("R"),
  beginMap: tag(";"),
  endMap: tag(":"),
  beginSet: tag("'"),
  endSet: tag(","),
  arrayBuffer: tag("B"),
  resizableArrayBuffer: tag("~"),
  transferredArrayBuffer: tag("t"),
  arrayBufferView: tag("V"),
  sharedArrayBuffer: tag("u"),
  hostObject: tag("\\"),
  error: tag("r"),
} as const;

/** What follows the tag of an error, until its end. */
export const ErrorTag = { message: tag("m"), cause: tag("c"), stack: tag("s"), end: tag(".") } as const;

/** Any other error has the prototype of `Error`. */
const errorClasses: readonly (readonly [tag: number, Class: ErrorConstructor])[] = [
  [tag("E"), EvalError],
  [tag("R"), RangeError],
  [tag("F"), ReferenceError],
  [tag("S"), SyntaxError],
  [tag("T"), TypeError],
  [tag("U"), URIError],
];

export type ViewClass = new (buffer: ArrayBuffer, byteOffset: number, length?: number) => ArrayBufferView;

const viewClasses: readonly (readonly [tag: number, Class: ViewClass])[] = [
  [tag("b"), Int8Array],
  [tag("B"), Uint8Array],
  [tag("C"), Uint8ClampedArray],
  [tag("w"), Int16Array],
  [tag("W"), Uint16Array],
  [tag("d"), Int32Array],
  [tag("D"), Uint32Array],
  [tag("h"), Float16Array],
  [tag("f"), Float32Array],
  [tag("F"), Float64Array],
  [tag("q"), BigInt64Array],
  [tag("Q"), BigUint64Array],
  [tag("?"), DataView],
];

/** The bits of a regular expression's flags. */
const regExpFlags: readonly (readonly [bit: number, flag: string])[] = [
  [1, "g"],
  [2, "i"],
  [4, "m"],
  [8, "y"],
  [16, "u"],
  [32, "s"],
  [64, "l"],
  [128, "d"],
  [256, "v"],
];

/** A view's elements, or 1 byte of a DataView. */
export function elementBytes(Class: ViewClass): number {
  return (Class as unknown as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
}

/** Undefined for an error as any other. */
export function tagOfError(name: string): number | undefined {
  return errorClasses.find(([, Class]) => Class.name === name)?.[0];
}

export function errorOf(tag: number): ErrorConstructor | undefined {
  return errorClasses.find(([known]) => known === tag)?.[1];
}

/** @param name As `Object.prototype.toString` has it. */
export function tagOfView(name: string): number {
  return viewClasses.find(([, Class]) => name === `[object ${Class.name}]`)![0];
}

export function viewOf(tag: number): ViewClass | undefined {
  return viewClasses.find(([known]) => known === tag)?.[1];
}

export function bitsOfFlags(flags: string): number {
  let bits = 0;
  for (const [bit, flag] of regExpFlags) if (flags.includes(flag)) bits |= bit;
  return bits;
}

/** Undefined when there is a bit of none. */
export function flagsOf(bits: number): string | undefined {
  let flags = "";
  let rest = bits;
  for (const [bit, flag] of regExpFlags) {
    if ((bits & bit) === 0) continue;
    flags += flag;
    rest -= bit;
  }
  return rest === 0 ? flags : undefined;
}
