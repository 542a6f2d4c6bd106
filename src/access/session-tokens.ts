import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { deriveKey } from "../sealing/index.ts";
import { newId } from "./access-key.ts";

/** What a session token says. */
export interface Session {
  readonly accessKeyId: string;
  readonly roleId: string;
  /** The name of the session, which is the function's, as on AWS. */
  readonly sessionName: string;
  readonly functionArn: string;
  /** Unix epoch, ms. */
  readonly expiresMs: number;
}

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresMs: number;
}

const claimsSchema = z.strictObject({
  k: z.string().regex(/^ASIA[A-Z2-7]{16}$/),
  r: z.string(),
  s: z.string(),
  f: z.string(),
  e: z.number(),
});
const maxTokenLength = 2048;

/**
 * Makes short-lived credentials and knows them again, without keeping any: the token says whose they are and until
 * when, under a MAC that only this installation can make, and the secret follows from the token. They stay good over a
 * restart, and end with their time, with their role, or with the installation's key.
 */
export class SessionTokens {
  readonly #macKey: Buffer;
  readonly #secretKey: Buffer;

  /** @param installationKey Secret of this installation, at least 32 uniformly random bytes. */
  constructor(installationKey: Uint8Array) {
    this.#macKey = deriveKey(installationKey, "brisk session tokens: mac", 32);
    this.#secretKey = deriveKey(installationKey, "brisk session tokens: secret", 32);
  }

  issue(session: Omit<Session, "accessKeyId">): SessionCredentials {
    const accessKeyId = newId("ASIA");
    const { roleId, sessionName, functionArn, expiresMs } = session;
    const claims = { k: accessKeyId, r: roleId, s: sessionName, f: functionArn, e: expiresMs };
    const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
    return {
      accessKeyId,
      secretAccessKey: this.#secretOf(body),
      sessionToken: `${body}.${this.#mac(body).toString("base64url")}`,
      expiresMs,
    };
  }

  /** @returns undefined for what no server with this installation's key has made. Whether it has expired is not looked at. */
  open(sessionToken: string): { session: Session; secretAccessKey: string } | undefined {
    if (sessionToken.length > maxTokenLength) return undefined;
    const [body = "", mac = "", ...others] = sessionToken.split(".");
    const given = Buffer.from(mac, "base64url");
    const expected = this.#mac(body);
    if (others.length > 0 || given.byteLength !== expected.byteLength) return undefined;
    if (!timingSafeEqual(given, expected)) return undefined;
    const { k, r, s, f, e } = claimsSchema.parse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
    return {
      session: { accessKeyId: k, roleId: r, sessionName: s, functionArn: f, expiresMs: e },
      secretAccessKey: this.#secretOf(body),
    };
  }

  #mac(body: string): Buffer {
    return createHmac("sha256", this.#macKey).update(body).digest();
  }

  /** 40 characters, as AWS's. */
  #secretOf(body: string): string {
    return createHmac("sha256", this.#secretKey).update(body).digest("base64").slice(0, 40);
  }
}
