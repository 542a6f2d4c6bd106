/** What Node's library and its streams' handles tell each other besides arguments: see bindings/stream_wrap.ts for the places. */
export const streamBaseState = new Int32Array(8);

/** A write or a shutdown under way. The library adds what it wants to find again. */
class Request {
  handle: unknown;
  oncomplete: ((status: number, ...more: unknown[]) => void) | undefined;
  callback: ((error: unknown) => void) | undefined;
  error: string | undefined;
  readonly [name: string]: unknown;
}
export class WriteWrap extends Request {
  /** Set when a write completes before the library has said what to do then: none of ours does. */
  writeStatus: number | null = null;
}
export class ShutdownWrap extends Request {}
