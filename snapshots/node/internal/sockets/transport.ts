/** What carries a stream's bytes. Failures are errors with a `code`. */
export interface Transport {
  /** The next bytes, or null at the end. One at a time; empty bytes mean nothing. */
  read(): Promise<Uint8Array | null>;
  /** Resolves when there is room for more. The bytes are the transport's from then on. */
  write(bytes: Uint8Array): Promise<void>;
  /** Nothing more is written. Resolves when all that was is on its way. */
  end(): Promise<void>;
  /** Resolves when whoever carries it knows. */
  close(isReset: boolean): Promise<void>;
}
