/** The part of Buffer that our own modules use. */
export interface Buffer extends Uint8Array {
  toString(encoding?: string, start?: number, end?: number): string;
  write(text: string, offset?: number, length?: number, encoding?: string): number;
  equals(other: Uint8Array): boolean;
  subarray(start?: number, end?: number): Buffer & Uint8Array<ArrayBuffer>;
}

export interface BufferConstructor {
  prototype: Buffer;
  poolSize: number;
  from(value: unknown, encodingOrOffset?: unknown, length?: number): Buffer;
  alloc(size: number, fill?: unknown, encoding?: string): Buffer;
  allocUnsafe(size: number): Buffer;
  concat(list: readonly Uint8Array[], length?: number): Buffer;
  byteLength(value: unknown, encoding?: string): number;
  isBuffer(value: unknown): value is Buffer;
  isEncoding(encoding: unknown): boolean;
  compare(one: Uint8Array, other: Uint8Array): number;
}
