import type { Clock } from "../model/clock.ts";
import { AccessDeniedException } from "../model/errors.ts";
import type { ArnScope } from "../model/function-arn.ts";
import {
  type Decision,
  type DecisionPolicies,
  decide,
  mayAllow,
  type Policy,
  type RequestContext,
} from "../model/policy/index.ts";
import type { Principal } from "./principal.ts";

/** One thing that a request wants to do. */
export interface Access {
  /** `lambda:InvokeFunction` */
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  /** Condition keys of this action, in lower case, beside those that every request has. */
  readonly context?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
}

/** An access of which not all is known yet. */
export interface EarlyAccess {
  readonly action: string;
  readonly resource: string | undefined;
}

/** What is known of the request itself. */
export interface RequestOrigin {
  /** Undefined for one that came over no connection. */
  readonly sourceIp: string | undefined;
  readonly isSecure: boolean;
}

/** What is asked of the things that requests are about. */
export interface Resources {
  /** The policy that one has, by its ARN. */
  policy(arn: string): Policy | undefined;
  /** Its tags; undefined if there is no such thing, or it has none by its kind. */
  tags(arn: string): Readonly<Record<string, string>> | undefined;
}

export interface AuthorizerOptions {
  readonly resources: Resources;
  readonly scope: ArnScope;
  readonly clock: Clock;
}

const resourceTag = "aws:resourcetag/";

/** IAM compares the keys of tags without regard to case, unlike Lambda. */
function tagOf(tags: Readonly<Record<string, string>> | undefined, lowerCaseKey: string): string | undefined {
  return Object.entries(tags ?? {}).find(([key]) => key.toLowerCase() === lowerCaseKey)?.[1];
}

/** Decides by the policies of who asks and of what is asked for. */
export class Authorizer {
  readonly #options: AuthorizerOptions;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  get scope(): ArnScope {
    return this.#options.scope;
  }

  /** @throws {AccessDeniedException} In AWS's words. */
  authorize(principal: Principal, origin: RequestOrigin, access: Access): void {
    const decision = this.decide(principal, origin, access);
    if (decision.isAllowed) return;
    const { action, resource } = access;
    const why = decision.isExplicit
      ? `with an explicit deny in ${decision.policies === "identity" ? "an identity" : "a resource"}-based policy`
      : `because no ${decision.policies}-based policy allows the ${action} action`;
    throw new AccessDeniedException(
      `User: ${principal.caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
    );
  }

  /**
   * Before the rest of a request is read: refuses whoever would not be allowed it, whatever the rest says.
   * @param access Its resource, where that is known already.
   * @throws {AccessDeniedException} In AWS's words.
   */
  authorizeEarly(principal: Principal, origin: RequestOrigin, { action, resource }: EarlyAccess): void {
    const { caller } = principal;
    const context = this.#context(principal, origin, { resource: resource ?? "*" });
    const policies = this.#policies(principal, resource ?? "*");
    if (mayAllow({ caller, action, resource, context }, policies)) return;
    throw new AccessDeniedException(
      `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource ?? "*"} because no identity-based policy allows the ${action} action`,
    );
  }

  decide(principal: Principal, origin: RequestOrigin, access: Access): Decision {
    return decide(
      {
        caller: principal.caller,
        action: access.action,
        resource: access.resource,
        context: this.#context(principal, origin, access),
      },
      this.#policies(principal, access.resource),
    );
  }

  #policies(principal: Principal, resource: string): DecisionPolicies {
    const { resources, scope } = this.#options;
    return {
      identity: principal.policies,
      resource: resource === "*" ? undefined : resources.policy(resource),
      resourceAccountId: scope.accountId,
    };
  }

  /** Nothing is put together that no condition asks for. */
  #context(
    principal: Principal,
    origin: RequestOrigin,
    { resource, context = {} }: Pick<Access, "resource" | "context">,
  ): RequestContext {
    const { clock, scope, resources } = this.#options;
    const get = (key: string): string | readonly string[] | undefined => {
      switch (key) {
        case "aws:currenttime":
          return new Date(clock.now()).toISOString();
        case "aws:epochtime":
          return String(Math.floor(clock.now() / 1000));
        case "aws:sourceip":
          return origin.sourceIp;
        case "aws:securetransport":
          return String(origin.isSecure);
        case "aws:requestedregion":
          return scope.region;
        case "aws:principalarn":
          return principal.caller.principalArn;
        case "aws:principalaccount":
          return principal.caller.accountId;
        case "aws:principaltype":
          return principal.type;
        case "aws:userid":
          return principal.userId;
        case "aws:username":
          return principal.userName;
        case "lambda:sourcefunctionarn":
          return principal.sourceFunctionArn;
        default:
          if (key.startsWith(resourceTag))
            return tagOf(resources.tags(resource), key.slice(resourceTag.length));
          return Object.hasOwn(context, key) ? context[key] : undefined;
      }
    };
    return { get };
  }
}
