import type { Clock } from "../model/clock.ts";
import type { Roles } from "./roles.ts";
import type { SessionTokens } from "./session-tokens.ts";

export interface GuestCredentialsOptions {
  readonly roles: Pick<Roles, "findByArn">;
  readonly tokens: SessionTokens;
  readonly clock: Clock;
  /** Under which guests reach the API. */
  readonly endpoint: string;
}

/** How long credentials of an environment are good for, ms: an hour, as those of AssumeRole. */
const lifetimeMs = 60 * 60_000;
/** An environment gets new ones with the first event after this, so that no event begins with less than half an hour left. */
const renewAfterMs = lifetimeMs / 2;
/** How soon an environment whose role does not exist learns that it now does, ms. */
const askAgainAfterMs = 60_000;

/** What credentials are issued for. */
export interface GuestFunction {
  readonly functionName: string;
  readonly functionArn: string;
  /** ARN of its execution role. */
  readonly role: string;
  readonly environmentVariables: Readonly<Record<string, string>>;
}

/** Gives execution environments the credentials of their function's role, as variables. */
export class GuestCredentials {
  readonly #options: GuestCredentialsOptions;

  constructor(options: GuestCredentialsOptions) {
    this.#options = options;
  }

  /** @returns No variables for a role that does not exist here: most are written for AWS's sake. */
  issue(fn: GuestFunction): { variables: Readonly<Record<string, string>>; renewAfterMs: number } {
    const { roles, tokens, clock, endpoint } = this.#options;
    const role = roles.findByArn(fn.role);
    if (role === undefined) return { variables: {}, renewAfterMs: askAgainAfterMs };
    const credentials = tokens.issue({
      roleId: role.roleId,
      sessionName: fn.functionName,
      functionArn: fn.functionArn,
      expiresMs: clock.now() + lifetimeMs,
    });
    const own = fn.environmentVariables;
    const pointsElsewhere = "AWS_ENDPOINT_URL_LAMBDA" in own || "AWS_ENDPOINT_URL" in own;
    return {
      variables: {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
        // The SDK looks here for when to read the three again.
        AWS_CREDENTIAL_EXPIRATION: new Date(credentials.expiresMs).toISOString(),
        ...(!pointsElsewhere && { AWS_ENDPOINT_URL_LAMBDA: endpoint }),
      },
      renewAfterMs,
    };
  }
}
