/** What a record may hold: anything that JSON keeps as it is. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One step of a write: sets a record, or with no `value` removes it. */
export interface Change {
  readonly kind: string;
  readonly key: string;
  readonly value?: Json;
}

export interface StoredRecord {
  readonly key: string;
  readonly value: Json;
}

/** A stored file, named after what it holds. */
export interface Blob {
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  readonly bytes: number;
}

/**
 * Where state lives: small JSON records by kind and key, and content-addressed blobs. What a promise of this
 * interface acknowledged is still there after a crash of the process or of the machine.
 */
export interface Store {
  get(kind: string, key: string): Promise<Json | undefined>;
  /** All records of a kind, by ascending key (UTF-8 order). */
  list(kind: string): Promise<readonly StoredRecord[]>;
  /** All of `changes` or none, in order. Writes take effect in the order in which they were called. */
  write(changes: readonly Change[]): Promise<void>;

  /** Stores the bytes; storing the same bytes again is cheap and changes nothing. */
  putBlob(bytes: Uint8Array): Promise<Blob>;
  /** Absolute path of a blob's file, which is never changed while the blob exists. Does not look whether it exists. */
  blobFile(hash: string): string;
  listBlobs(): Promise<readonly string[]>;
  /** Removes a blob; one that is absent is no error. */
  deleteBlob(hash: string): Promise<void>;

  /** Ends after the writes that were called before. Further calls are errors. */
  close(): Promise<void>;
}
