import type { Clock } from "../model/clock.ts";
import type { AccessKey } from "./access-key.ts";
import { Authorizer, type Resources } from "./authorizer.ts";
import { Credentials } from "./credentials.ts";
import { GuestCredentials } from "./guest-credentials.ts";
import { KeyRing } from "./key-ring.ts";
import { Roles } from "./roles.ts";
import { SessionTokens } from "./session-tokens.ts";
import { SignatureVerifier } from "./signature-verifier.ts";

export interface AccessOptions {
  readonly dataDir: string;
  /** Secret of this installation. */
  readonly installationKey: Uint8Array;
  readonly accountId: string;
  readonly region: string;
  readonly clock: Clock;
}

/** Who functions are: what execution needs of access, before there is an API. */
export interface GuestAccess {
  readonly roles: Roles;
  readonly tokens: SessionTokens;
  readonly guests: GuestCredentials;
}

/** @param endpoint Under which guests reach the API. @throws {Error} The file of roles cannot be trusted or read. */
export async function openGuestAccess(options: AccessOptions, endpoint: string): Promise<GuestAccess> {
  const { installationKey, clock } = options;
  const roles = await Roles.open(options);
  const tokens = new SessionTokens(installationKey);
  return { roles, tokens, guests: new GuestCredentials({ roles, tokens, clock, endpoint }) };
}

/** Who may use the API. */
export interface ApiAccess {
  readonly keys: KeyRing;
  readonly roles: Roles;
  readonly verifier: SignatureVerifier;
  readonly authorizer: Authorizer;
  /** Only whoever made it is ever told its secret. */
  readonly newRootKey: AccessKey | undefined;
}

/**
 * Comes after all else that may fail, since a root key that it makes has to be told.
 * @throws {Error} The file of keys cannot be trusted or read.
 */
export async function openApiAccess(
  options: AccessOptions,
  { roles, tokens }: GuestAccess,
  resources: Resources,
): Promise<ApiAccess> {
  const { accountId, region, clock } = options;
  const { ring: keys, newRootKey } = await KeyRing.open(options);
  const credentials = new Credentials({ keys, roles, tokens, accountId, clock });
  return {
    keys,
    roles,
    verifier: await SignatureVerifier.load({ credentials, region, clock }),
    authorizer: new Authorizer({ resources, scope: { accountId, region }, clock }),
    newRootKey,
  };
}
