/**
 * Where a response goes, whatever carries it. The core calls `send` once, or `head` once, then `write` any number
 * of times, then `end` or `abort`. Nothing may be called after `send`, `end` or `abort`.
 */
export interface ResponseSink {
  /** A whole response. `headers` is flat (name, value, name, value …) and may repeat names. */
  send(status: number, headers: string[], body: string | Uint8Array | undefined): void;
  /** Starts a streamed response. Leaves at once, before any byte of the body. */
  head(status: number, headers: string[]): void;
  /** Takes the bytes in any case, and may free them when they left. @returns false when the carrier is full: wait for `onDrain` before more. */
  write(bytes: Uint8Array): boolean;
  /** At most one listener. */
  onDrain(listener: () => void): void;
  end(): void;
  /** Ends the carrier abnormally, so that the client can tell that the response is not whole. */
  abort(): void;
  /** The client went away before the response ended. At most one listener; never called after `end`. */
  onGone(listener: () => void): void;
}
