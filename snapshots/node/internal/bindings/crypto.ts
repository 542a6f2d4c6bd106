import { callSync } from "../../../bridge.ts";
import { type TlsRequest, tlsRequestOf } from "../sockets/tls-request.ts";

/** What a TLS connection is to be like. It stays here as plain options: nothing of the host's is behind it. */
export class SecureContext {
  readonly request: TlsRequest;
  constructor(options: Record<string, unknown> = {}) {
    this.request = tlsRequestOf(options);
  }
  close(): void {}
}

let roots: string[] | undefined;
export const getBundledRootCertificates = (): string[] => {
  roots ??= JSON.parse(callSync("tls.rootCertificates") as string) as string[];
  return roots;
};
export const getExtraCACertificates = (): string[] => [];
export const getSystemCACertificates = (): string[] => [];
export const getUserRootCertificates = (): string[] => getBundledRootCertificates();
export const resetRootCertStore = (): void => {};
export const getSSLCiphers = (): string[] => JSON.parse(callSync("tls.ciphers") as string) as string[];
export const getCertificateCompressionAlgorithms = (): string[] => [];
export const startLoadingCertificatesOffThread = (): void => {};
