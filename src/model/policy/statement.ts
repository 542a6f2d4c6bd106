import type { AccessRequest, EarlyRequest } from "./access-request.ts";
import { type Condition, readConditions } from "./condition.ts";
import { hasBrokenVariable, Pattern } from "./pattern.ts";
import type { Complain } from "./policy-reader.ts";
import { type PrincipalMatch, Principals } from "./principals.ts";

export interface StatementSyntax {
  /** A resource policy says whom it speaks of; an identity policy speaks of whoever has it. */
  readonly kind: "identity" | "resource";
  /** Of Version 2012-10-17. */
  readonly hasVariables: boolean;
}

interface Matching {
  readonly patterns: readonly Pattern[];
  readonly isNegated: boolean;
}

const members = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);
const actionForm = /^(?:\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+)$/;

/** A statement, read once, so that asking it costs no more than the comparison. */
export class Statement {
  readonly sid: string | undefined;
  readonly effect: "Allow" | "Deny";
  readonly #actions: Matching;
  readonly #resources: Matching;
  readonly #principals: Principals | undefined;
  readonly #conditions: readonly Condition[];

  constructor(element: unknown, syntax: StatementSyntax, complain: Complain) {
    if (typeof element !== "object" || element === null || Array.isArray(element)) {
      throw complain(undefined, "a statement is a JSON object");
    }
    const statement = element as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(statement)) {
      if (!members.has(name)) throw complain(name.slice(0, 64), "statements have no such element");
    }
    const { Sid, Effect } = statement;
    if (Sid !== undefined && (typeof Sid !== "string" || !/^[A-Za-z0-9_-]{0,100}$/.test(Sid))) {
      throw complain("Sid", "it has at most 100 letters, digits, - and _");
    }
    if (Effect !== "Allow" && Effect !== "Deny") throw complain("Effect", 'it is "Allow" or "Deny"');
    this.sid = Sid;
    this.effect = Effect;
    this.#actions = readMatching(statement, "Action", complain, (text) => {
      if (!actionForm.test(text))
        throw complain("Action", `${quoted(text)} is no action: lambda:GetFunction is`);
      return new Pattern(text.toLowerCase(), { wildcards: true, variables: false });
    });
    this.#resources = readMatching(statement, "Resource", complain, (text) => {
      if (text !== "*" && !/^(?:arn|\*):/.test(text)) {
        throw complain("Resource", `${quoted(text)} is no resource: an ARN or "*" is`);
      }
      if (syntax.hasVariables && hasBrokenVariable(text)) {
        throw complain("Resource", `${quoted(text)} has a policy variable that is not written as one`);
      }
      return new Pattern(text, { wildcards: true, variables: syntax.hasVariables, segments: true });
    });
    this.#principals = readPrincipals(statement, syntax.kind, complain);
    this.#conditions =
      statement["Condition"] === undefined
        ? []
        : readConditions(statement["Condition"], syntax.hasVariables, complain);
  }

  /** @returns undefined: it does not speak of this request. */
  match({ caller, action, resource, context }: AccessRequest): PrincipalMatch {
    if (!matches(this.#actions, action.toLowerCase(), context)) return undefined;
    if (!matches(this.#resources, resource, context)) return undefined;
    const principal = this.#principals === undefined ? "direct" : this.#principals.match(caller);
    if (principal === undefined) return undefined;
    return this.#conditions.every((holds) => holds(context)) ? principal : undefined;
  }

  /** As `match`, under whatever conditions. @param request Its resource may not be known yet: then it is any. */
  isAbout({ caller, action, resource, context }: EarlyRequest): boolean {
    if (!matches(this.#actions, action.toLowerCase(), context)) return false;
    if (resource !== undefined && !matches(this.#resources, resource, context)) return false;
    return this.#principals === undefined || this.#principals.match(caller) !== undefined;
  }
}

function matches(
  { patterns, isNegated }: Matching,
  text: string,
  context: AccessRequest["context"],
): boolean {
  return patterns.some((pattern) => pattern.matches(text, context)) !== isNegated;
}

function readMatching(
  statement: Readonly<Record<string, unknown>>,
  name: "Action" | "Resource",
  complain: Complain,
  read: (text: string) => Pattern,
): Matching {
  const plain = statement[name];
  const negated = statement[`Not${name}`];
  if ((plain === undefined) === (negated === undefined)) {
    throw complain(name, `a statement has either ${name} or Not${name}`);
  }
  const given = plain ?? negated;
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) throw complain(name, "it is empty");
  const patterns = list.map((text) => {
    if (typeof text !== "string") throw complain(name, "it is a text or a list of texts");
    return read(text);
  });
  return { patterns, isNegated: negated !== undefined };
}

function readPrincipals(
  statement: Readonly<Record<string, unknown>>,
  kind: StatementSyntax["kind"],
  complain: Complain,
): Principals | undefined {
  const { Principal, NotPrincipal } = statement;
  if (kind === "identity") {
    if (Principal === undefined && NotPrincipal === undefined) return undefined;
    throw complain("Principal", "a policy of a user or role speaks of that user or role, and names nobody");
  }
  if ((Principal === undefined) === (NotPrincipal === undefined)) {
    throw complain("Principal", "a statement has either Principal or NotPrincipal");
  }
  return new Principals(Principal ?? NotPrincipal, NotPrincipal !== undefined, complain);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 256));
}
