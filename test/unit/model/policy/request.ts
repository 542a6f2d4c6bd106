import {
  type AccessRequest,
  type Caller,
  type Decision,
  decide,
  readPolicy,
} from "../../../../src/model/policy/index.ts";

export const accountId = "111122223333";
export const functionArn = `arn:aws:lambda:us-east-1:${accountId}:function:hello`;

const identity = (arn: string, more: Partial<Extract<Caller, { kind: "identity" }>> = {}): Caller => ({
  kind: "identity",
  accountId: /^arn:aws:(?:iam|sts)::(\d{12})/.exec(arn)?.[1] ?? accountId,
  arn,
  principalArn: arn,
  isRoot: false,
  ...more,
});

export const eve = identity(`arn:aws:iam::${accountId}:user/eve`);
export const root = identity(`arn:aws:iam::${accountId}:root`, { isRoot: true });
export const stranger = identity("arn:aws:iam::999999999999:user/sam");
export const session = identity(`arn:aws:sts::${accountId}:assumed-role/worker/hello`, {
  principalArn: `arn:aws:iam::${accountId}:role/worker`,
});
export const s3: Caller = { kind: "service", service: "s3.amazonaws.com" };
export const anybody: Caller = { kind: "anonymous" };

export type Context = Readonly<Record<string, string | readonly string[]>>;

export interface Asked {
  readonly caller?: Caller;
  readonly action?: string;
  readonly resource?: string;
  /** Keys as policies write them. */
  readonly context?: Context;
  /** Statements of one policy each. */
  readonly identity?: readonly object[];
  readonly resourcePolicy?: readonly object[];
  readonly version?: string;
}

/** Asks to invoke a function of the account, unless told otherwise. */
export function ask(asked: Asked): Decision {
  const { caller = eve, action = "lambda:InvokeFunction", resource = functionArn, context = {} } = asked;
  const { version: Version = "2012-10-17" } = asked;
  const keys = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  const request: AccessRequest = { caller, action, resource, context: keys };
  const read = (statements: readonly object[], kind: "identity" | "resource") =>
    readPolicy({ Version, Statement: statements }, kind);
  return decide(request, {
    identity: asked.identity === undefined ? [] : [read(asked.identity, "identity")],
    resource: asked.resourcePolicy && read(asked.resourcePolicy, "resource"),
    resourceAccountId: accountId,
  });
}

/** In a word: `allowed`, `denied` by a statement, or `not allowed` by any. */
export function outcome(asked: Asked): "allowed" | "denied" | "not allowed" {
  const decision = ask(asked);
  if (decision.isAllowed) return "allowed";
  return decision.isExplicit ? "denied" : "not allowed";
}

export function allow(more: object = {}): object {
  return { Effect: "Allow", ...defaults(more), ...more };
}

export function deny(more: object = {}): object {
  return { Effect: "Deny", ...defaults(more), ...more };
}

/** As {@link allow}, in a resource policy. */
export function grant(more: object = {}): object {
  return { ...allow(more), ...("NotPrincipal" in more || "Principal" in more ? {} : { Principal: "*" }) };
}

function defaults(more: object): object {
  return {
    ...("NotAction" in more ? {} : { Action: "*" }),
    ...("NotResource" in more ? {} : { Resource: "*" }),
  };
}

/** A policy variable, as policies write it. */
export function variable(name: string): string {
  return `\${${name}}`;
}
