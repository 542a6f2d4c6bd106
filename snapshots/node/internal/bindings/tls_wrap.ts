import buffer from "node:buffer";
import { callAsync } from "../../../bridge.ts";
import { unavailable } from "../errors.ts";
import { HostTransport, nextSocketHandle } from "../sockets/host-transport.ts";
import { StreamHandle } from "../sockets/stream-handle.ts";
import { peerCertificate, type TlsReport } from "../sockets/tls-report.ts";
import type { Transport } from "../sockets/transport.ts";
import type { SecureContext } from "./crypto.ts";

type HostError = Error & { code: string };

/** TLS over a handle, spoken by the supervisor. What came of the handshake is told here, and decided by the library. */
export class TLSWrap extends StreamHandle {
  onhandshakestart: (() => void) | undefined;
  onhandshakedone: (() => void) | undefined;
  onerror: ((error: unknown) => void) | undefined;
  readonly #parent: StreamHandle;
  readonly #context: SecureContext;
  #isHeldBack: boolean;
  #wantsStart = false;
  #servername: string | undefined;
  #alpn: string[] | undefined;
  #report: TlsReport | undefined;
  #early: Uint8Array[] = [];
  readonly #ready = Promise.withResolvers<Transport>();

  constructor(parent: StreamHandle, context: SecureContext, isHeldBack: boolean) {
    super();
    this.#parent = parent;
    this.#context = context;
    this.#isHeldBack = isHeldBack;
    this.#ready.promise.catch(() => {});
    const { promise } = this.#ready;
    // What is written before the handshake is over waits for its end.
    this.transport = {
      read: async () => (await promise).read(),
      write: async (bytes) => (await promise).write(bytes),
      end: async () => (await promise).end(),
      close: async (isReset) => {
        this.#ready.reject(Object.assign(new Error("The socket was closed"), { code: "ECANCELED" }));
        await promise.then((transport) => transport.close(isReset)).catch(() => {});
      },
    };
  }

  start(): void {
    // The library believes that whoever read before goes on.
    if (this.#parent.wantsRead) this.readStart();
    this.#wantsStart = true;
    if (!this.#isHeldBack) this.#start();
  }

  /** What the socket before wrote is on its way. */
  writesIssuedByPrevListenerDone(): void {
    this.#isHeldBack = false;
    if (this.#wantsStart) this.#start();
  }

  #start(): void {
    const carrier = this.#parent.cede();
    if (carrier === undefined) return;
    const servername = this.#servername;
    const options = JSON.stringify({
      ...this.#context.request,
      ...(servername !== undefined && servername !== "" && { servername }),
      ...(this.#alpn !== undefined && { alpn: this.#alpn }),
    });
    this.tell(this.onhandshakestart, []);
    const isHosts = carrier instanceof HostTransport && this.#early.length === 0;
    (isHosts ? this.#over(carrier, options) : this.#through(carrier, options)).then(
      (transport) => {
        this.#ready.resolve(transport);
        if (!this.isClosed) this.tell(this.onhandshakedone, []);
      },
      (error: HostError) => {
        if (!this.isClosed) this.tell(this.onerror, [error]);
        this.#ready.reject(error);
      },
    );
  }

  /** The supervisor's own socket becomes one that speaks TLS. */
  async #over({ handle }: HostTransport, options: string): Promise<Transport> {
    this.#report = JSON.parse((await callAsync("net.startTls", handle, options)) as string) as TlsReport;
    return new HostTransport(handle);
  }

  /** The supervisor speaks TLS into a pipe, which we carry to wherever the stream leads. */
  async #through(carrier: Transport, options: string): Promise<Transport> {
    const inner = new HostTransport(nextSocketHandle());
    const outer = new HostTransport(nextSocketHandle());
    const opened = callAsync("net.pipe", inner.handle, outer.handle, options);
    const early = this.#early;
    this.#early = [];
    const inward = async () => {
      for (const chunk of early) await outer.write(chunk);
      await carry(carrier, outer);
    };
    const failed = () => void outer.close(false);
    inward().catch(failed);
    carry(outer, carrier).catch(failed);
    this.#report = (JSON.parse((await opened) as string) as { tls: TlsReport }).tls;
    return {
      read: () => inner.read(),
      write: (bytes) => inner.write(bytes),
      end: () => inner.end(),
      close: async (isReset) => {
        await inner.close(isReset);
        await outer.close(isReset);
      },
    };
  }

  /** What the socket before had read already. */
  receive(bytes: Uint8Array): void {
    this.#early.push(bytes);
  }

  destroySSL(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    void this.transport?.close(false);
  }

  // ---- what is asked for ----

  setServername(name: string): void {
    this.#servername = name;
  }

  /** @param wire Each name with its length in front. */
  setALPNProtocols(wire: Uint8Array): void {
    const names: string[] = [];
    for (let at = 0; at < wire.length; at += wire[at]! + 1) {
      names.push(buffer.Buffer.from(wire.subarray(at + 1, at + 1 + wire[at]!)).toString("latin1"));
    }
    // There is no HTTP/2 here: who offers it beside another protocol gets that.
    const others = names.filter((name) => name !== "h2");
    this.#alpn = others.length > 0 ? others : names;
  }

  setVerifyMode(): void {}
  setSession(): void {}
  enableSessionCallbacks(): void {}
  enableKeylogCallback(): void {}
  enableTrace(): void {}
  enableCertCb(): void {}
  requestOCSP(): void {}
  setMaxSendFragment(): number {
    return 0;
  }
  setKeyCert(): void {
    throw unavailable("TLSSocket.setKeyCert", "give key and cert to tls.connect");
  }
  renegotiate(): void {
    throw unavailable("TLSSocket.renegotiate", "connect again");
  }
  exportKeyingMaterial(): void {
    throw unavailable("TLSSocket.exportKeyingMaterial", "the keys of a connection are the host's");
  }

  // ---- what came of it ----

  verifyError(): HostError | null {
    const error = this.#report?.authorizationError;
    return error === undefined ? null : Object.assign(new Error(error.message), { code: error.code });
  }
  hasPeerCertificate(): boolean {
    return (this.#report?.chain.length ?? 0) > 0;
  }
  getPeerCertificate(isDetailed?: boolean): object | undefined {
    return this.#report && peerCertificate(this.#report, isDetailed === true);
  }
  getPeerX509Certificate(): unknown {
    return (this.getPeerCertificate() as { raw: Uint8Array } | undefined)?.raw;
  }
  getCertificate(): undefined {}
  getX509Certificate(): undefined {}
  getALPNNegotiatedProtocol(): string | false | null {
    return this.#report?.alpnProtocol ?? false;
  }
  getServername(): string | false {
    return this.#servername ?? false;
  }
  getCipher(): object | undefined {
    return this.#report?.cipher;
  }
  getProtocol(): string | null {
    return this.#report?.protocol ?? null;
  }
  getEphemeralKeyInfo(): object | null {
    return this.#report?.ephemeralKey ?? {};
  }
  getSession(): undefined {}
  getTLSTicket(): undefined {}
  getFinished(): undefined {}
  getPeerFinished(): undefined {}
  getSharedSigalgs(): string[] {
    return [];
  }
  isSessionReused(): boolean {
    return false;
  }
}

async function carry(from: Transport, to: Transport): Promise<void> {
  for (let chunk = await from.read(); chunk !== null; chunk = await from.read()) await to.write(chunk);
  await to.end();
}

/** @param isServer A server would have to prove who it is to whom connects: only clients are there. */
export function wrap(
  handle: StreamHandle,
  context: SecureContext,
  isServer: boolean,
  isHeldBack: boolean,
): TLSWrap {
  if (isServer)
    throw unavailable("TLS for servers", "the function URL is called over TLS if Brisk has a certificate");
  return new TLSWrap(handle, context, isHeldBack);
}

export const HAVE_SSL_TRACE = false;
