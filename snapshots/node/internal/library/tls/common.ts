import { SecureContext as Options } from "../../bindings/crypto.ts";

/** tls.createSecureContext: options, checked now and used when a connection is made. */
export class SecureContext {
  context: Options | null;
  singleUse?: boolean;
  constructor(options: Record<string, unknown> = {}) {
    this.context = new Options(options);
  }
}

export function createSecureContext(options?: Record<string, unknown>): SecureContext {
  const context = new SecureContext(options);
  if (options?.["singleUse"]) context.singleUse = true;
  return context;
}

/** The host gives it as it is to be seen. */
export const translatePeerCertificate = (certificate: unknown): unknown => certificate;
