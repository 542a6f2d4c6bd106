import { setImmediate } from "../../../loop.ts";
import { type Listener, type LoopbackEnd, listenAt, stopListening } from "./loopback.ts";
import { errnoOf } from "./socket-errors.ts";
import { StreamHandle } from "./stream-handle.ts";

/**
 * What a server has: it listens within this isolate, where nothing outside can reach it. Frameworks that hand an event
 * to a server of their own, and tests, connect to it from here.
 */
export abstract class ListeningHandle extends StreamHandle implements Listener {
  onconnection: ((status: number, handle?: StreamHandle) => void) | undefined;
  #place: number | string | undefined;

  protected listenOn(place: number | string): number | string | undefined {
    this.#place = listenAt(place, this);
    return this.#place;
  }

  protected get place(): number | string | undefined {
    return this.#place;
  }

  listen(_backlog: number): number {
    if (this.#place === undefined && this.listenOn(0) === undefined) return errnoOf("EADDRINUSE")!;
    this.hold();
    return 0;
  }

  accept(end: LoopbackEnd, from: { address: string; port: number; family: string }): void {
    setImmediate(() => {
      if (this.isClosed) end.close(true);
      else this.inContext(this.onconnection ?? (() => {}), this, [0, this.accepted(end, from)]);
    });
  }

  protected abstract accepted(
    end: LoopbackEnd,
    from: { address: string; port: number; family: string },
  ): StreamHandle;

  protected override closing(isReset: boolean): void {
    if (this.#place !== undefined) stopListening(this.#place);
    super.closing(isReset);
  }
}
