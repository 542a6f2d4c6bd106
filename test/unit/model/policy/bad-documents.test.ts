import { expect, test } from "vitest";
import { maxPolicyLength, parsePolicy } from "../../../../src/model/policy/index.ts";
import { Pattern } from "../../../../src/model/policy/pattern.ts";

const good = { Effect: "Allow", Action: "lambda:GetFunction", Resource: "*" };
const { Action: _a, ...withoutAction } = good;
const { Resource: _r, ...withoutResource } = good;
const condition = (block: unknown) => ({ ...good, Condition: block });

test.each<[what: string, statement: unknown, message: string]>([
  ["no object", "Allow", "Statement 1: a statement is a JSON object"],
  ["no Effect", { Action: "*", Resource: "*" }, 'Statement 1, Effect: it is "Allow" or "Deny"'],
  ["another Effect", { ...good, Effect: "allow" }, 'Statement 1, Effect: it is "Allow" or "Deny"'],
  ["an unknown element", { ...good, Actions: "*" }, "Statement 1, Actions: statements have no such element"],
  [
    "neither Action nor NotAction",
    withoutAction,
    "Statement 1, Action: a statement has either Action or NotAction",
  ],
  ["both", { ...good, NotAction: "*" }, "Statement 1, Action: a statement has either Action or NotAction"],
  ["no actions", { ...good, Action: [] }, "Statement 1, Action: it is empty"],
  [
    "an action without service",
    { ...good, Action: "GetFunction" },
    'Statement 1, Action: "GetFunction" is no action: lambda:GetFunction is',
  ],
  [
    "an action that is no text",
    { ...good, Action: [1] },
    "Statement 1, Action: it is a text or a list of texts",
  ],
  ["no Resource", withoutResource, "Statement 1, Resource: a statement has either Resource or NotResource"],
  [
    "a name for a resource",
    { ...good, Resource: "hello" },
    'Statement 1, Resource: "hello" is no resource: an ARN or "*" is',
  ],
  [
    "a broken variable",
    { ...good, Resource: "arn:aws:lambda:::${aws:username" },
    "has a policy variable that is not written as one",
  ],
  [
    "a principal",
    { ...good, Principal: "*" },
    "Statement 1, Principal: a policy of a user or role speaks of that user or role, and names nobody",
  ],
  ["a Sid with blanks", { ...good, Sid: "a b" }, 'Statement 1 ("a b"), Sid: it has at most 100 letters'],
  ["a condition that is no object", condition("x"), "Statement 1, Condition: it is a JSON object"],
  [
    "an unknown operator",
    condition({ StringIs: { "a:b": "c" } }),
    'Statement 1, Condition.StringIs.a:b: there is no condition operator "StringIs"',
  ],
  [
    "Null with IfExists",
    condition({ NullIfExists: { "a:b": "true" } }),
    'there is no condition operator "NullIfExists"',
  ],
  [
    "a key without service",
    condition({ StringEquals: { SourceArn: "c" } }),
    "Statement 1, Condition.StringEquals.SourceArn: a condition key looks like aws:SourceArn",
  ],
  ["no values", condition({ StringEquals: { "a:b": [] } }), "Condition.StringEquals.a:b: it has no values"],
  [
    "a value of objects",
    condition({ StringEquals: { "a:b": [{}] } }),
    "its values are texts, numbers or booleans",
  ],
  [
    "no number",
    condition({ NumericEquals: { "a:b": "x" } }),
    'Condition.NumericEquals.a:b: "x" is given, and a number is expected',
  ],
  ["no date", condition({ DateLessThan: { "a:b": "soon" } }), '"soon" is given, and a date such as'],
  [
    "no address",
    condition({ IpAddress: { "a:b": "10.0.0.0/33" } }),
    '"10.0.0.0/33" is given, and an IP address or CIDR block is expected',
  ],
  [
    "no ARN",
    condition({ ArnLike: { "a:b": "arn:aws" } }),
    '"arn:aws" is given, and an ARN of six parts is expected',
  ],
  ["no boolean", condition({ Bool: { "a:b": "yes" } }), '"yes" is given, and true or false is expected'],
])("a statement with %s is refused by name", (_what, statement, message) => {
  const text = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  expect(() => parsePolicy(text, "identity")).toThrow(message);
});

test.each<[text: string, message: string]>([
  ["{", "it is no JSON"],
  ["[]", "it is no JSON object"],
  ["{}", "it has no Statement"],
  ['{"Statement":[]}', "it has no statements"],
  ['{"Version":"2012-10-18","Statement":[]}', "Version is"],
  ['{"Statements":[],"Statement":[]}', 'it has no element "Statements"'],
  [
    JSON.stringify({ Statement: [good, { ...good, Effect: "No", Sid: "two" }] }),
    'Statement 2 ("two"), Effect',
  ],
  [
    JSON.stringify({
      Statement: [
        { ...good, Sid: "x" },
        { ...good, Sid: "x" },
      ],
    }),
    'the Sid "x" is there twice',
  ],
  [" ".repeat(maxPolicyLength + 1), `it has ${maxPolicyLength + 1} characters, at most ${maxPolicyLength}`],
])("the document %j is refused", (text, message) => {
  expect(() => parsePolicy(text, "identity")).toThrow(`Cannot use the policy document: ${message}`);
});

test.each([
  [{ AWS: "eve" }, '"eve" is no AWS principal'],
  [{ AWS: "arn:aws:iam::111122223333:user/*" }, "is no AWS principal"],
  [{ Service: "s3.example.com" }, "is no Service principal"],
  [{ Federated: "x" }, '"Federated" is no kind of principal here'],
  [{}, "it names nobody"],
  ["eve", 'it is "*" or an object'],
])("the principal %j is refused in a resource policy", (Principal, message) => {
  const text = JSON.stringify({ Statement: { ...good, Principal } });
  expect(() => parsePolicy(text, "resource")).toThrow(message);
});

test("a resource policy says whom it speaks of", () => {
  expect(() => parsePolicy(JSON.stringify({ Statement: good }), "resource")).toThrow(
    "a statement has either Principal or NotPrincipal",
  );
});

test("patterns that make regular expressions blow up are matched step by step", () => {
  const steps = { get: () => undefined };
  const pattern = new Pattern(`${"*a".repeat(3000)}b`, { wildcards: true, variables: false, segments: true });
  // Backtracking would outlive the universe; this is 6,001 tokens by 2,000 characters.
  expect(pattern.matches("a".repeat(2000), steps)).toBe(false);
  expect(pattern.matches(`${"a".repeat(3000)}b`, steps)).toBe(true);
});

test.each([false, true])(
  "a pattern agrees with the plain definition of * and ?, within segments: %s",
  (segments) => {
    const matches = (pattern: string, text: string): boolean => {
      if (pattern === "") return text === "";
      const [first, ...others] = pattern;
      const rest = others.join("");
      // Within a segment neither matches a colon, but for a star at the segment's end.
      const isBound = segments && (first === "?" || (rest !== "" && rest[0] !== ":"));
      const takes =
        text !== "" && (first === text[0] || ("*?".includes(first ?? "") && !(isBound && text[0] === ":")));
      if (first !== "*") return takes && matches(rest, text.slice(1));
      return matches(rest, text) || (takes && matches(pattern, text.slice(1)));
    };
    const words = (letters: string, length: number): string[] =>
      length === 0
        ? [""]
        : words(letters, length - 1).flatMap((word) => [
            word,
            ...[...letters].map((letter) => word + letter),
          ]);
    const texts = [...new Set(words("a:", 4))];
    for (const text of new Set(words("a:*?", 4))) {
      const pattern = new Pattern(text, { wildcards: true, variables: false, segments });
      const agrees = (one: string) => pattern.matches(one, new Map()) === matches(text, one);
      expect([text, ...texts.filter((one) => !agrees(one))]).toEqual([text]);
    }
  },
);
