import type { Clock } from "../model/clock.ts";
import { AccessDeniedException } from "../model/errors.ts";
import type { ArnScope } from "../model/function-arn.ts";
import { type Decision, decide, type Policy, type RequestContext } from "../model/policy/index.ts";
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

/** What is known of the request itself. */
export interface RequestOrigin {
  /** Undefined for one that came over no connection. */
  readonly sourceIp: string | undefined;
  readonly isSecure: boolean;
}

export interface AuthorizerOptions {
  /** The policy that a resource has, by its ARN. */
  readonly resourcePolicy: (arn: string) => Policy | undefined;
  readonly scope: ArnScope;
  readonly clock: Clock;
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

  decide(principal: Principal, origin: RequestOrigin, access: Access): Decision {
    const { resourcePolicy, scope } = this.#options;
    return decide(
      {
        caller: principal.caller,
        action: access.action,
        resource: access.resource,
        context: this.#context(principal, origin, access),
      },
      {
        identity: principal.policies,
        resource: access.resource === "*" ? undefined : resourcePolicy(access.resource),
        resourceAccountId: scope.accountId,
      },
    );
  }

  /** Nothing is put together that no condition asks for. */
  #context(principal: Principal, origin: RequestOrigin, { context = {} }: Access): RequestContext {
    const { clock, scope } = this.#options;
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
          return Object.hasOwn(context, key) ? context[key] : undefined;
      }
    };
    return { get };
  }
}
