import { InvalidParameterValueException } from "../errors.ts";
import { Statement, type StatementSyntax } from "./statement.ts";

/** Makes the error about an element of a statement; undefined: about the statement as a whole. */
export type Complain = (element: string | undefined, message: string) => Error;

/** A policy document, read. */
export interface Policy {
  readonly statements: readonly Statement[];
}

/** IAM's limit for a managed policy, in characters; ours counts the blanks, too. */
export const maxPolicyLength = 6144;

const versions = ["2008-10-17", "2012-10-17"];

/**
 * @param document What JSON.parse made of it.
 * @throws {InvalidParameterValueException} It is no policy: the message names the statement and the element.
 */
export function readPolicy(document: unknown, kind: StatementSyntax["kind"]): Policy {
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw refusal("it is no JSON object");
  }
  const { Version = versions[0], Id, Statement: given, ...others } = document as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw refusal(`it has no element "${unknown.slice(0, 64)}"`);
  if (typeof Version !== "string" || !versions.includes(Version)) {
    throw refusal(`Version is "${versions.join('" or "')}"`);
  }
  if (Id !== undefined && typeof Id !== "string") throw refusal("Id is a text");
  if (given === undefined) throw refusal("it has no Statement");
  const elements: readonly unknown[] = Array.isArray(given) ? given : [given];
  const syntax = { kind, hasVariables: Version === "2012-10-17" };
  const sids = new Set<string>();
  const statements = elements.map((element, at) => {
    const statement = new Statement(element, syntax, (name, message) =>
      refusal(`${nameOf(element, at)}${name === undefined ? "" : `, ${name}`}: ${message}`),
    );
    const { sid } = statement;
    if (sid !== undefined && sid !== "") {
      if (sids.has(sid)) throw refusal(`the Sid "${sid}" is there twice`);
      sids.add(sid);
    }
    return statement;
  });
  if (statements.length === 0) throw refusal("it has no statements");
  return { statements };
}

/** As {@link readPolicy}, from the text of a document. */
export function parsePolicy(text: string, kind: StatementSyntax["kind"]): Policy {
  if (text.length > maxPolicyLength) {
    throw refusal(`it has ${text.length} characters, at most ${maxPolicyLength} are allowed`);
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw refusal("it is no JSON");
  }
  return readPolicy(document, kind);
}

/** `Statement 2 ("readOnly")`, counted as people do. */
function nameOf(element: unknown, at: number): string {
  const sid = typeof element === "object" && element !== null && "Sid" in element ? element.Sid : undefined;
  return `Statement ${at + 1}${typeof sid === "string" ? ` ("${sid.slice(0, 64)}")` : ""}`;
}

function refusal(message: string): InvalidParameterValueException {
  return new InvalidParameterValueException(`Cannot use the policy document: ${message}`);
}
