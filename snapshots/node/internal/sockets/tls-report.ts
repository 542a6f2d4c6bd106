import buffer from "node:buffer";

type Certificate = Record<string, unknown> & { raw: string; pubkey?: string };

/** What the supervisor says of a handshake (mirrored in src/egress/sockets/tls-report.ts). */
export interface TlsReport {
  authorizationError?: { code: string; message: string };
  alpnProtocol: string | false | null;
  protocol: string | null;
  cipher: Record<string, string | undefined>;
  ephemeralKey: Record<string, unknown> | null;
  chain: readonly Certificate[];
}

/** As getPeerCertificate has it: each with its issuer when that is asked for, the last one its own. */
export function peerCertificate({ chain }: TlsReport, isDetailed: boolean): object | undefined {
  const made = chain.map(
    ({ raw, pubkey, ...rest }): Record<string, unknown> => ({
      ...rest,
      ...(pubkey !== undefined && { pubkey: buffer.Buffer.from(pubkey, "base64") }),
      raw: buffer.Buffer.from(raw, "base64"),
    }),
  );
  if (isDetailed) {
    for (const [index, certificate] of made.entries()) {
      certificate["issuerCertificate"] = made[index + 1] ?? certificate;
    }
  }
  return made[0];
}
