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

/** Stored bytes, named after themselves. */
export interface Blob {
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  readonly bytes: number;
}

/**
 * Where state lives: small JSON records by kind and key, and content-addressed blobs. What a promise of this
 * interface acknowledged is still there after a crash of the process or of the machine. Nothing of it is on disk
 * unsealed but kinds, keys and hashes; and what was changed there, or put in another's place, is not given out.
 */
export interface Store {
  /** @throws {DamagedRecordError} */
  get(kind: string, key: string): Promise<Json | undefined>;
  /** All records of a kind, by ascending key (UTF-8 order). @throws {DamagedRecordError} */
  list(kind: string): Promise<readonly StoredRecord[]>;
  /** All of `changes` or none, in order. Writes take effect in the order in which they were called. */
  write(changes: readonly Change[]): Promise<void>;

  /** Stores the bytes; storing the same bytes again is cheap and changes nothing. */
  putBlob(bytes: Uint8Array): Promise<Blob>;
  /**
   * A blob's bytes, from disk each time and piece by piece. Throws `DamagedFileError` while it is read when it is not there or
   * not as it was stored: the last piece comes only after its SHA-256 was found to be its name.
   * @throws {TypeError} When `hash` is none: it becomes a path.
   */
  readBlob(hash: string): AsyncIterable<Uint8Array>;
  /** undefined when there is no such blob. @throws {DamagedFileError} */
  blobBytes(hash: string): Promise<number | undefined>;
  listBlobs(): Promise<readonly string[]>;
  /** Removes a blob; one that is absent is no error. */
  deleteBlob(hash: string): Promise<void>;

  /** Ends after the writes that were called before. Further calls are errors. */
  close(): Promise<void>;
}
