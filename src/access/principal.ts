import type { Caller, Policy } from "../model/policy/index.ts";

/** Who sends a request, and what they may do. */
export interface Principal {
  readonly caller: Extract<Caller, { kind: "identity" }>;
  /** As `aws:PrincipalType` says it. */
  readonly type: "Account" | "User" | "AssumedRole";
  /** `AIDA…`; the account's id for its root; `AROA…:<session>` for a session. */
  readonly userId: string;
  /** Of users only. */
  readonly userName: string | undefined;
  /** Read once, when they were attached. */
  readonly policies: readonly Policy[];
  /** The function whose environment was given the credentials. */
  readonly sourceFunctionArn: string | undefined;
}

/** A key pair that signs for a principal. */
export interface Credential {
  /** `AKIA…` of users, `ASIA…` of sessions; not secret. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly principal: Principal;
}
