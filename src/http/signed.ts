import type { Context } from "hono";
import type { AccessKey } from "../access/index.ts";

/** What is known of a request whose signature was verified. */
export interface Signed {
  readonly key: AccessKey;
  /** The bytes that were verified: whoever wants the body takes these, since nothing is left to read. */
  readonly body: Buffer;
}

/** Undefined where the API asks for no signatures. */
export function signedOf(c: Context): Signed | undefined {
  return (c.env as { signed?: Signed } | undefined)?.signed;
}

/** Keeps it in the environment, which apps that are mounted are given, too. */
export function setSigned(c: Context, signed: Signed): void {
  c.env = Object.assign(c.env ?? {}, { signed });
}
