import { callAsync, callAsyncUnref, callSync, type Value } from "../../../bridge.ts";
import { wholeBuffer } from "../../bytes.ts";
import type { URL } from "../url.ts";

/** Sockets of node:net count from 1: the supervisor knows both by their numbers. */
let lastHandle = 2 ** 30;
/** The supervisor counts what it holds of us, so we hand over little at a time. */
const PIECE_BYTES = 64 * 1024;

interface TlsReport {
  readonly authorized: boolean;
  readonly authorizationError?: { readonly code: string };
  readonly chain: readonly { subject?: { CN?: string }; subjectaltname?: string }[];
}

/**
 * A connection of the supervisor's, under its egress policy. It is read when somebody asks, so that a frozen environment,
 * which asks for nothing, holds up the sender rather than our memory.
 */
export class Connection {
  readonly #handle: number;
  #isClosed = false;

  private constructor(handle: number) {
    this.#handle = handle;
  }

  static start(): Connection {
    lastHandle++;
    return new Connection(lastHandle);
  }

  /** @throws {Error} The policy forbids it, nobody answers, or the server is not who it should be. */
  async open(url: URL): Promise<void> {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const isSecure = url.protocol === "wss:";
    const request = {
      host,
      port: Number(url.port || (isSecure ? 443 : 80)),
      noDelay: true,
      ...(isSecure && { tls: { servername: host, alpn: ["http/1.1"] } }),
    };
    const answer = (await callAsync("net.connect", this.#handle, JSON.stringify(request))) as string;
    if (!isSecure) return;
    const reason = distrust(host, (JSON.parse(answer) as { tls: TlsReport }).tls);
    if (reason === undefined) return;
    this.close();
    throw new Error(`Cannot trust ${host}: ${reason}`);
  }

  /** The next bytes, or null at the end. */
  async read(): Promise<Uint8Array | null> {
    const chunk: Value = await callAsync("net.read", this.#handle);
    return chunk instanceof Uint8Array ? chunk : null;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      await callAsync("net.write", this.#handle, wholeBuffer(bytes.subarray(at, at + PIECE_BYTES)));
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    callAsyncUnref("net.close", this.#handle, false).catch(() => {});
  }
}

/** Why a server is not the one that was asked for; undefined when it is. */
function distrust(host: string, report: TlsReport): string | undefined {
  if (!report.authorized) return report.authorizationError?.code ?? "its certificate was not verified";
  const [certificate] = report.chain;
  const name = JSON.stringify(certificate?.subject?.CN ?? null);
  return (callSync("tls.identity", host, name, certificate?.subjectaltname ?? "") as string) || undefined;
}
