import type { Caller } from "./access-request.ts";
import type { Complain } from "./policy-reader.ts";

/**
 * How a statement speaks of a caller: of this one, or of its whole account, which leaves it to the account's own
 * policies whom of its people they allow.
 */
export type PrincipalMatch = "direct" | "account" | undefined;

interface Named {
  readonly kind: "AWS" | "Service";
  readonly name: string;
}

const accountForm = /^(?:arn:aws[a-zA-Z-]*:iam::)?(\d{12})(?::root)?$/;
const arnForm = /^arn:aws[a-zA-Z-]*:(?:iam|sts)::\d{12}:[^*?\s]+$/;
const serviceForm = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazon(aws)?\.com(\.cn)?$/;

/** The element Principal or NotPrincipal. */
export class Principals {
  readonly #everybody: boolean;
  readonly #named: readonly Named[];
  readonly #isNegated: boolean;

  constructor(element: unknown, isNegated: boolean, complain: Complain) {
    const where = isNegated ? "NotPrincipal" : "Principal";
    this.#isNegated = isNegated;
    const named: Named[] = [];
    let everybody = element === "*";
    if (!everybody) {
      if (typeof element !== "object" || element === null || Array.isArray(element)) {
        throw complain(where, 'it is "*" or an object such as {"AWS": "123456789012"}');
      }
      for (const [kind, given] of Object.entries(element)) {
        if (kind !== "AWS" && kind !== "Service") {
          throw complain(where, `"${kind.slice(0, 64)}" is no kind of principal here: AWS and Service are`);
        }
        for (const name of Array.isArray(given) ? given : [given]) {
          if (kind === "AWS" && name === "*") everybody = true;
          else named.push(readName(kind, name, where, complain));
        }
      }
      if (!everybody && named.length === 0) throw complain(where, "it names nobody");
    }
    this.#everybody = everybody;
    this.#named = named;
  }

  match(caller: Caller): PrincipalMatch {
    const found = this.#find(caller);
    if (this.#isNegated) return found === undefined ? "direct" : undefined;
    return found;
  }

  #find(caller: Caller): PrincipalMatch {
    if (this.#everybody) return "direct";
    if (caller.kind === "anonymous") return undefined;
    if (caller.kind === "service") {
      const isNamed = this.#named.some(({ kind, name }) => kind === "Service" && name === caller.service);
      return isNamed ? "direct" : undefined;
    }
    let found: PrincipalMatch;
    for (const { kind, name } of this.#named) {
      if (kind !== "AWS") continue;
      if (name === caller.arn || name === caller.principalArn) return "direct";
      if (accountForm.exec(name)?.[1] === caller.accountId) {
        if (caller.isRoot) return "direct";
        found = "account";
      }
    }
    return found;
  }
}

function readName(kind: Named["kind"], name: unknown, where: string, complain: Complain): Named {
  if (typeof name !== "string") throw complain(where, "principals are named by texts");
  const isName = kind === "Service" ? serviceForm.test(name) : accountForm.test(name) || arnForm.test(name);
  if (isName) return { kind, name };
  throw complain(
    where,
    `${JSON.stringify(name.slice(0, 256))} is no ${kind} principal: ${kind === "AWS" ? 'an account, an IAM ARN without wildcards, or "*"' : "a name such as s3.amazonaws.com"} is`,
  );
}
