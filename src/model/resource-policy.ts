import { decide, type Policy } from "./policy/index.ts";

/** Who a statement of a resource policy speaks of. */
export type PolicyPrincipal = "*" | { readonly AWS: string } | { readonly Service: string };

/** Condition operator → condition key → value. */
export type PolicyCondition = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A statement of a function's resource policy; the order of its members is the order on the wire. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal: PolicyPrincipal;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: PolicyCondition;
}

/** What AddPermission says, without the names that lead to the policy. */
export interface Permission {
  readonly statementId: string;
  readonly action: string;
  readonly principal: string;
  readonly sourceArn?: string | undefined;
  readonly sourceAccount?: string | undefined;
  readonly eventSourceToken?: string | undefined;
  readonly principalOrgId?: string | undefined;
  readonly functionUrlAuthType?: string | undefined;
  readonly invokedViaFunctionUrl?: boolean | undefined;
}

/** The statement that a permission becomes (spec: permissions.md, section 1); undefined for a principal that is none. */
export function toStatement(permission: Permission, resource: string): PolicyStatement | undefined {
  const principal = toPrincipal(permission.principal);
  if (principal === undefined) return undefined;
  const stringEquals = present({
    "AWS:SourceAccount": permission.sourceAccount,
    "aws:PrincipalOrgID": permission.principalOrgId,
    "lambda:FunctionUrlAuthType": permission.functionUrlAuthType,
    "lambda:EventSourceToken": permission.eventSourceToken,
  });
  const arnLike = present({ "AWS:SourceArn": permission.sourceArn });
  const bool = present({ "lambda:InvokedViaFunctionUrl": permission.invokedViaFunctionUrl?.toString() });
  const condition: PolicyCondition = {
    ...(stringEquals && { StringEquals: stringEquals }),
    ...(arnLike && { ArnLike: arnLike }),
    ...(bool && { Bool: bool }),
  };
  return {
    Sid: permission.statementId,
    Effect: "Allow",
    Principal: principal,
    Action: permission.action,
    Resource: resource,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

export function policyDocument(statements: readonly PolicyStatement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: statements });
}

/** What a call through a function URL needs, both of them (spec: function-urls.md). */
export const urlActions = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"] as const;

/** The condition keys of a call through a function URL. */
export function urlContext(authType: "NONE" | "AWS_IAM"): Readonly<Record<string, string>> {
  return { "lambda:functionurlauthtype": authType, "lambda:invokedviafunctionurl": "true" };
}

/**
 * Whether the policy lets everybody call the function URL in front of `resource`. As on AWS for URLs made since
 * October 2025 two grants to Principal `*` are needed, though not in two statements: `lambda:InvokeFunctionUrl`
 * and `lambda:InvokeFunction`, whose conditions may only be those that hold for a call through this URL.
 */
export function isPublicUrl(
  policy: Policy | undefined,
  resource: string,
  authType: "NONE" | "AWS_IAM",
): boolean {
  if (policy === undefined) return false;
  // An anonymous caller has no account, organisation or source: conditions on those never hold.
  const context = new Map(Object.entries(urlContext(authType)));
  return urlActions.every(
    (action) =>
      decide(
        { caller: { kind: "anonymous" }, action, resource, context },
        { identity: [], resource: policy, resourceAccountId: "" },
      ).isAllowed,
  );
}

function toPrincipal(principal: string): PolicyPrincipal | undefined {
  if (principal === "*") return "*";
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  if (/^arn:aws[a-zA-Z-]*:(iam|sts)::\d{12}:[^*?\s]+$/.test(principal)) return { AWS: principal };
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazon(aws)?\.com(\.cn)?$/.test(principal)) return { Service: principal };
  return undefined;
}

function present(
  entries: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> | undefined {
  const found = Object.entries(entries).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
