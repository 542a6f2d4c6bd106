import { setImmediate } from "../../../loop.ts";
import { ListeningHandle } from "../sockets/listening-handle.ts";
import { connectTo, type LoopbackEnd } from "../sockets/loopback.ts";
import { errnoOf } from "../sockets/socket-errors.ts";

export const constants = { SOCKET: 0, SERVER: 1, IPC: 2, UV_READABLE: 1, UV_WRITABLE: 2 };

export class PipeConnectWrap {
  oncomplete!: (status: number, handle: Pipe, request: this, readable: boolean, writable: boolean) => void;
  address!: string;
}

const nobody = { address: "", port: 0, family: "" };

/** A socket with a path. Within this isolate alone: the path is a name, and no file. */
export class Pipe extends ListeningHandle {
  connect(request: PipeConnectWrap, path: string): number {
    this.hold();
    const end = connectTo(path, nobody);
    setImmediate(() => {
      if (this.isClosed) {
        void end?.close(true);
        return;
      }
      if (end !== undefined) this.open(end);
      const status = end === undefined ? errnoOf("ENOENT")! : 0;
      this.tell(request.oncomplete.bind(request), [status, this, request, true, true]);
    });
    return 0;
  }

  bind(path: string): number {
    return this.listenOn(path) === undefined ? errnoOf("EADDRINUSE")! : 0;
  }

  protected override accepted(end: LoopbackEnd): Pipe {
    const handle = new Pipe();
    handle.hold();
    handle.open(end);
    return handle;
  }

  fchmod(): number {
    return 0;
  }
  setPendingInstances(): void {}
}
