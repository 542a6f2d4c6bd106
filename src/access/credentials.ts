import type { Clock } from "../model/clock.ts";
import type { KeyRing } from "./key-ring.ts";
import type { Credential } from "./principal.ts";
import { ExpiredTokenException, UnrecognizedClientException } from "./refusals.ts";
import type { Roles } from "./roles.ts";
import type { SessionTokens } from "./session-tokens.ts";

export interface CredentialsOptions {
  readonly keys: Pick<KeyRing, "find">;
  readonly roles: Pick<Roles, "findById">;
  readonly tokens: SessionTokens;
  readonly accountId: string;
  readonly clock: Clock;
}

/** Everything that a request may be signed with: access keys, and the credentials of roles' sessions. */
export class Credentials {
  readonly #options: CredentialsOptions;

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  /**
   * @throws {UnrecognizedClientException} There is no such key, or not with this token.
   * @throws {ExpiredTokenException}
   */
  find(accessKeyId: string, sessionToken: string | undefined): Credential {
    const found =
      sessionToken === undefined
        ? this.#options.keys.find(accessKeyId)
        : this.#session(accessKeyId, sessionToken);
    if (found === undefined) throw new UnrecognizedClientException();
    return found;
  }

  #session(accessKeyId: string, sessionToken: string): Credential | undefined {
    const { tokens, roles, accountId, clock } = this.#options;
    const opened = tokens.open(sessionToken);
    if (opened === undefined || opened.session.accessKeyId !== accessKeyId) return undefined;
    const { session, secretAccessKey } = opened;
    if (session.expiresMs <= clock.now()) throw new ExpiredTokenException();
    const role = roles.findById(session.roleId);
    if (role === undefined) return undefined;
    const { sessionName } = session;
    return {
      accessKeyId,
      secretAccessKey,
      principal: {
        caller: {
          kind: "identity",
          accountId,
          arn: `arn:aws:sts::${accountId}:assumed-role/${role.name}/${sessionName}`,
          principalArn: role.arn,
          isRoot: false,
        },
        type: "AssumedRole",
        userId: `${role.roleId}:${sessionName}`,
        userName: undefined,
        policies: role.attached.policies,
        sourceFunctionArn: session.functionArn,
      },
    };
  }
}
