import type { AccessRequest, EarlyRequest } from "./access-request.ts";
import type { Policy } from "./policy-reader.ts";

export type Decision =
  | { readonly isAllowed: true }
  | {
      readonly isAllowed: false;
      /** Whether a statement says no, or none says yes. */
      readonly isExplicit: boolean;
      /** Which policies say no, or are missing one that says yes. */
      readonly policies: "identity" | "resource";
    };

export interface DecisionPolicies {
  /** What the caller has; nobody but an identity has any. */
  readonly identity: readonly Policy[];
  /** What the resource has, if it has any. */
  readonly resource: Policy | undefined;
  /** The account that the resource belongs to. */
  readonly resourceAccountId: string;
}

/**
 * IAM's rules (spec: permissions.md, section 2): a Deny anywhere ends it. Within an account either side may allow;
 * whoever comes from another account needs both; services and strangers have the resource's policy alone. What is
 * allowed by nobody is denied.
 */
export function decide(request: AccessRequest, policies: DecisionPolicies): Decision {
  const { identity, resource, resourceAccountId } = policies;
  const { caller } = request;
  if (identity.some((policy) => answers(policy, "Deny", request))) return deny(true, "identity");
  if (resource !== undefined && answers(resource, "Deny", request)) return deny(true, "resource");

  const isIdentity = caller.kind === "identity";
  const ownSide =
    isIdentity && (caller.isRoot || identity.some((policy) => answers(policy, "Allow", request)));
  const granted = resource === undefined ? undefined : answers(resource, "Allow", request);
  if (!isIdentity) return granted === undefined ? deny(false, "resource") : allow;
  if (caller.accountId === resourceAccountId) {
    // A grant to the account is a grant to nobody in particular: their own policies have the word.
    return ownSide || granted === "direct" ? allow : deny(false, "identity");
  }
  if (!ownSide) return deny(false, "identity");
  return granted === undefined ? deny(false, "resource") : allow;
}

/** Whether anything could still allow it: not, when it is denied whatever the rest of the request says. */
export function mayAllow(request: EarlyRequest, { identity, resource }: DecisionPolicies): boolean {
  const { caller } = request;
  const allows = (policy: Policy) =>
    policy.statements.some((statement) => statement.effect === "Allow" && statement.isAbout(request));
  if (resource !== undefined && allows(resource)) return true;
  return caller.kind === "identity" && (caller.isRoot || identity.some(allows));
}

const allow: Decision = { isAllowed: true };

function deny(isExplicit: boolean, policies: "identity" | "resource"): Decision {
  return { isAllowed: false, isExplicit, policies };
}

function answers(
  policy: Policy,
  effect: "Allow" | "Deny",
  request: AccessRequest,
): "direct" | "account" | undefined {
  let found: "account" | undefined;
  for (const statement of policy.statements) {
    if (statement.effect !== effect) continue;
    const match = statement.match(request);
    if (match === "direct") return match;
    found ??= match;
  }
  return found;
}
