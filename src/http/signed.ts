import type { Context } from "hono";
import type { Access, EarlyAccess, Principal } from "../access/index.ts";
import type { ArnScope } from "../model/function-arn.ts";

/** What is known of a request whose signature was verified. */
export interface Signed {
  readonly accessKeyId: string;
  readonly principal: Principal;
  /** The bytes that were verified: whoever wants the body takes these, since nothing is left to read. */
  readonly body: Buffer;
  /** Where ARNs are made. */
  readonly scope: ArnScope;
  /** To be asked before anything is done, or told. @throws {AccessDeniedException} */
  authorize(access: Access): void;
  /** To be asked before a large body is taken apart, which may say what the request is about. @throws {AccessDeniedException} */
  authorizeEarly(access: EarlyAccess): void;
}

/** Undefined where the API asks for no signatures. */
export function signedOf(c: Context): Signed | undefined {
  return (c.env as { signed?: Signed } | undefined)?.signed;
}

/** Keeps it in the environment, which apps that are mounted are given, too. */
export function setSigned(c: Context, signed: Signed): void {
  c.env = { ...c.env, signed };
}
