import { callAsync } from "../../../bridge.ts";
import { setImmediate } from "../../../loop.ts";
import { HostTransport, nextSocketHandle } from "../sockets/host-transport.ts";
import { ListeningHandle } from "../sockets/listening-handle.ts";
import { connectTo, freePort, isListenedAt, isOwnAddress, type LoopbackEnd } from "../sockets/loopback.ts";
import { openedAtInit } from "../sockets/open-at-init.ts";
import { ownerSymbol } from "../sockets/owner-symbol.ts";
import { errnoOf } from "../sockets/socket-errors.ts";

export const constants = { SOCKET: 0, SERVER: 1, UV_TCP_IPV6ONLY: 1, UV_TCP_REUSEPORT: 2 };

interface Owner {
  _host?: string | null;
  autoSelectFamilyAttemptedAddresses?: unknown[];
  destroy(error: unknown): void;
}

export class TCPConnectWrap {
  oncomplete!: (status: number, handle: TCP, request: this, readable: boolean, writable: boolean) => void;
  address!: string;
  port!: number;
}

interface End {
  address: string;
  port: number;
  family: string;
}

const familyOf = (address: string): string => (address.includes(":") ? "IPv6" : "IPv4");

/** A TCP socket of the supervisor's, or one end of a connection within this isolate. */
export class TCP extends ListeningHandle {
  #local: End | undefined;
  #remote: End | undefined;
  #host: HostTransport | undefined;
  #noDelay: boolean | null = null;
  #keepAliveMs: number | null = null;

  connect(request: TCPConnectWrap, address: string, port: number): number {
    this.hold();
    if (isOwnAddress(address) && isListenedAt(port)) this.#connectHere(request, address, port);
    else this.#connectThere(request, address, port);
    return 0;
  }

  connect6(request: TCPConnectWrap, address: string, port: number): number {
    return this.connect(request, address, port);
  }

  #connectHere(request: TCPConnectWrap, address: string, port: number): void {
    const family = familyOf(address);
    this.#local = { address: family === "IPv6" ? "::1" : "127.0.0.1", port: freePort(), family };
    this.#remote = { address, port, family };
    const end = connectTo(port, this.#local);
    setImmediate(() => {
      if (this.isClosed) end?.close(true);
      else if (end === undefined) this.#completed(request, errnoOf("ECONNREFUSED")!);
      else {
        this.open(end);
        this.#completed(request, 0);
      }
    });
  }

  #connectThere(request: TCPConnectWrap, host: string, port: number): void {
    const transport = new HostTransport(nextSocketHandle());
    this.#host = transport;
    // It has to be known while it is being opened, so that closing ends that.
    this.transport = transport;
    const name = this.#owner?._host ?? undefined;
    const options = { host, port, noDelay: true, ...(name !== undefined && name !== host && { name }) };
    callAsync("net.connect", transport.handle, JSON.stringify(options)).then(
      (answer) => {
        if (this.isClosed) return;
        openedAtInit(this);
        const ends = JSON.parse(answer as string) as Record<string, string & number>;
        this.#local = endOf(ends["localAddress"], ends["localPort"]);
        this.#remote = endOf(ends["remoteAddress"] ?? host, ends["remotePort"] ?? port);
        if (this.#noDelay === false || this.#keepAliveMs !== null) {
          transport.configure(this.#noDelay, this.#keepAliveMs);
        }
        this.open(transport);
        this.#completed(request, 0);
      },
      (error: Error & { code: string }) => {
        if (this.isClosed) return;
        this.transport = undefined;
        const errno = errnoOf(error.code);
        // What is not the system's says more than a number, unless another address failed before.
        if (errno === undefined && (this.#owner?.autoSelectFamilyAttemptedAddresses?.length ?? 0) <= 1) {
          this.tell(() => this.#owner?.destroy(error), []);
        } else this.#completed(request, errno ?? errnoOf("EACCES")!);
      },
    );
  }

  get #owner(): Owner | undefined {
    return (this as unknown as Record<symbol, Owner | undefined>)[ownerSymbol];
  }

  #completed(request: TCPConnectWrap, status: number): void {
    this.tell(request.oncomplete.bind(request), [status, this, request, true, true]);
  }

  /** As `host:port`. */
  get target(): string {
    const { address = "", port = 0 } = this.#remote ?? {};
    return `${this.#owner?._host ?? address}:${port}`;
  }

  // ---- servers ----

  bind(address: string, port: number, _flags?: number): number {
    const place = this.listenOn(port ?? 0);
    if (place === undefined) return errnoOf("EADDRINUSE")!;
    this.#local = { address, port: place as number, family: familyOf(address) };
    return 0;
  }

  bind6(address: string, port: number, flags?: number): number {
    return this.bind(address, port, flags);
  }

  override listen(backlog: number): number {
    const status = super.listen(backlog);
    this.#local ??= { address: "::", port: this.place as number, family: "IPv6" };
    return status;
  }

  protected override accepted(end: LoopbackEnd, from: End): TCP {
    const handle = new TCP();
    handle.#local = { ...from, port: this.#local?.port ?? 0 };
    handle.#remote = from;
    handle.hold();
    handle.open(end);
    return handle;
  }

  // ---- what it is told and says ----

  getsockname(out: Partial<End>): number {
    if (this.#local === undefined) return errnoOf("EBADF")!;
    Object.assign(out, this.#local);
    return 0;
  }

  getpeername(out: Partial<End>): number {
    if (this.#remote === undefined) return errnoOf("ENOTCONN")!;
    Object.assign(out, this.#remote);
    return 0;
  }

  setNoDelay(isOn: boolean): number {
    this.#noDelay = isOn;
    // The supervisor's sockets have it from the start.
    if (!isOn) this.#host?.configure(isOn, null);
    return 0;
  }

  setKeepAlive(isOn: boolean, delaySeconds: number): number {
    const delayMs = isOn ? Math.min(86_400_000, Math.max(1, delaySeconds) * 1000) : 0;
    if (delayMs === (this.#keepAliveMs ?? 0)) return 0;
    this.#keepAliveMs = delayMs;
    if (this.#host !== undefined && this.#remote !== undefined) this.#host.configure(null, delayMs);
    return 0;
  }

  setSimultaneousAccepts(): number {
    return 0;
  }
  setBlocking(): number {
    return 0;
  }
}

function endOf(address: string | undefined, port: number | undefined): End | undefined {
  return address === undefined || port === undefined
    ? undefined
    : { address, port, family: familyOf(address) };
}
