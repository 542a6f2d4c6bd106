import type { PeerCertificate, TLSSocket } from "node:tls";

/** Certificates of a chain that are told. */
const maxChain = 16;

/** What came of a handshake, as JSON: enough for the guest to decide whether to go on. */
export function tlsReport(socket: TLSSocket): string {
  const { name, standardName, version } = socket.getCipher() ?? {};
  return JSON.stringify({
    authorized: socket.authorized,
    ...(socket.authorized ? {} : { authorizationError: verifyError(socket) }),
    alpnProtocol: socket.alpnProtocol,
    protocol: socket.getProtocol(),
    cipher: { name, standardName, version },
    ephemeralKey: socket.getEphemeralKeyInfo(),
    chain: chainOf(socket),
  });
}

/** Its text is known to the handle alone. */
function verifyError(socket: TLSSocket): { code: string; message: string } {
  const { authorizationError, _handle } = socket as unknown as {
    authorizationError: unknown;
    _handle?: { verifyError?(): Error | undefined };
  };
  const code = String(authorizationError);
  return { code, message: _handle?.verifyError?.()?.message ?? code };
}

function chainOf(socket: TLSSocket): object[] {
  const chain: object[] = [];
  const seen = new Set<PeerCertificate>();
  let next = socket.getPeerCertificate(true) as ReturnType<TLSSocket["getPeerCertificate"]> & {
    issuerCertificate?: PeerCertificate;
  };
  while (next !== undefined && Object.keys(next).length > 0 && !seen.has(next) && chain.length < maxChain) {
    seen.add(next);
    const { issuerCertificate, raw, pubkey, ...rest } = next as PeerCertificate & {
      issuerCertificate: PeerCertificate;
    };
    chain.push({
      ...rest,
      raw: raw.toString("base64"),
      ...(pubkey === undefined
        ? {}
        : { pubkey: Buffer.from(pubkey as unknown as Uint8Array).toString("base64") }),
    });
    next = issuerCertificate as typeof next;
  }
  return chain;
}
