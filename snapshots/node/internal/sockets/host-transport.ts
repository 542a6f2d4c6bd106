import { callAsync, callAsyncUnref } from "../../../bridge.ts";
import { wholeBuffer } from "../../../web/bytes.ts";
import type { Transport } from "./transport.ts";

/** The supervisor counts what it holds of us, so we hand over little at a time. */
const pieceBytes = 64 * 1024;

let last = 0;

/** A number that no other socket of this environment has: the host's operations know the socket by it. */
export function nextSocketHandle(): number {
  last++;
  return last;
}

/** A socket of the supervisor's. */
export class HostTransport implements Transport {
  readonly handle: number;

  constructor(handle: number) {
    this.handle = handle;
  }

  async read(): Promise<Uint8Array | null> {
    // Whether somebody waits for it, the socket itself says: see StreamHandle.
    const chunk = await callAsyncUnref("net.read", this.handle);
    return chunk instanceof Uint8Array ? chunk : null;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      await callAsync("net.write", this.handle, wholeBuffer(bytes.subarray(at, at + pieceBytes)));
    }
  }

  async end(): Promise<void> {
    await callAsync("net.end", this.handle);
  }

  async close(isReset: boolean): Promise<void> {
    await callAsyncUnref("net.close", this.handle, isReset).catch(() => {});
  }

  configure(noDelay: boolean | null, keepAliveMs: number | null): void {
    callAsyncUnref("net.configure", this.handle, noDelay, keepAliveMs).catch(() => {});
  }
}
