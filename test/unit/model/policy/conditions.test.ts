import { expect, test } from "vitest";
import { allow, type Context, deny, grant, outcome, s3, variable } from "./request.ts";

const source = "arn:aws:s3:::bucket";
const now = "2026-11-21T12:00:00Z";

/** Whether an Allow under the condition holds. */
const cases: readonly (readonly [
  operator: string,
  expected: unknown,
  actual: Context[string] | undefined,
  holds: boolean,
])[] = [
  ["StringEquals", "a", "a", true],
  ["StringEquals", "a", "A", false],
  ["StringEquals", "a*", "ab", false],
  ["StringEquals", ["a", "b"], "b", true],
  ["StringEquals", "a", undefined, false],
  ["StringEqualsIfExists", "a", undefined, true],
  ["StringEqualsIfExists", "a", "b", false],
  ["StringNotEquals", "a", "b", true],
  ["StringNotEquals", ["a", "b"], "b", false],
  ["StringNotEquals", "a", undefined, true],
  ["StringEqualsIgnoreCase", "aB", "Ab", true],
  ["StringNotEqualsIgnoreCase", "aB", "Ab", false],
  ["StringLike", "a*c?", "abbcd", true],
  ["StringLike", "a*c?", "abbc", false],
  ["StringLike", "*", "", true],
  ["StringLike", "a:*:c", "a:b:b:c", true],
  ["StringNotLike", "a*", "ba", true],
  ["StringNotLike", "a*", "ab", false],
  ["ArnEquals", source, source, true],
  ["ArnEquals", "arn:aws:s3:::*", source, true],
  ["ArnLike", "arn:aws:s3:::buck?t", source, true],
  ["ArnLike", "arn:*:s3:::bucket", "arn:aws:x:s3:::bucket", false],
  ["ArnLike", "arn:aws:s3:::a*", "arn:aws:s3:::a:b", true],
  ["ArnLike", source, "no arn", false],
  ["ArnLike", source, undefined, false],
  ["ArnNotEquals", source, "arn:aws:s3:::other", true],
  ["ArnNotLike", "arn:aws:s3:::*", source, false],
  ["Bool", "true", "true", true],
  ["Bool", true, "true", true],
  ["Bool", "False", "false", true],
  ["Bool", "true", "false", false],
  ["Bool", "false", undefined, false],
  ["BoolIfExists", "false", undefined, true],
  ["Null", "true", undefined, true],
  ["Null", "true", "x", false],
  ["Null", "false", "x", true],
  ["Null", false, undefined, false],
  ["Null", "true", [], true],
  ["Null", "false", [], false],
  ["Null", "false", ["x"], true],
  ["IpAddress", "10.0.0.0/8", "10.1.2.3", true],
  ["IpAddress", ["192.168.0.1", "10.0.0.0/8"], "192.168.0.1", true],
  ["IpAddress", "10.0.0.0/8", "11.0.0.1", false],
  ["IpAddress", "2001:db8::/32", "2001:db8::1", true],
  ["IpAddress", "10.0.0.0/8", "no address", false],
  ["IpAddress", "10.0.0.0/8", undefined, false],
  ["NotIpAddress", "10.0.0.0/8", "11.0.0.1", true],
  ["NotIpAddress", "10.0.0.0/8", "10.0.0.1", false],
  ["NumericEquals", 10, "10.0", true],
  ["NumericNotEquals", "10", "11", true],
  ["NumericLessThan", "10", "9", true],
  ["NumericLessThan", "10", "10", false],
  ["NumericLessThanEquals", "10", "10", true],
  ["NumericGreaterThan", "10", "10", false],
  ["NumericGreaterThanEquals", "-1.5", "-1.5", true],
  ["NumericLessThan", "10", "no number", false],
  ["DateEquals", now, "1795262400", true],
  ["DateNotEquals", now, now, false],
  ["DateLessThan", "2027-01-01", now, true],
  ["DateLessThanEquals", now, now, true],
  ["DateGreaterThan", now, now, false],
  ["DateGreaterThanEquals", "2026-11-21T13:00:00+01:00", now, true],
  ["BinaryEquals", "QUI=", "QUI=", true],
  ["ForAnyValue:StringEquals", ["a", "b"], ["x", "b"], true],
  ["ForAnyValue:StringEquals", ["a", "b"], ["x", "y"], false],
  ["ForAnyValue:StringEquals", "a", undefined, false],
  ["ForAnyValue:StringNotEquals", "a", ["a", "b"], true],
  ["ForAnyValue:StringNotEquals", "a", ["a"], false],
  ["ForAllValues:StringEquals", ["a", "b"], ["a", "b", "a"], true],
  ["ForAllValues:StringEquals", ["a", "b"], ["a", "c"], false],
  ["ForAllValues:StringEquals", "a", undefined, true],
  ["ForAllValues:StringNotLike", "a*", ["b", "ab"], false],
  ["ForAllValues:ArnLike", "arn:aws:lambda:*:*:layer:ok:*", ["arn:aws:lambda:r:1:layer:ok:1"], true],
  ["StringEquals", variable("aws:username"), "eve", true],
  ["StringLike", `${variable("aws:username")}*`, "eve2", true],
  ["StringNotEquals", variable("aws:username"), "eve", false],
];

test.each(cases)("%s %j of %j: %s", (operator, expected, actual, holds) => {
  const context = { "aws:username": "eve", ...(actual !== undefined && { "lambda:key": actual }) };
  const identity = [allow({ Condition: { [operator]: { "lambda:Key": expected } } })];
  expect(outcome({ identity, context })).toBe(holds ? "allowed" : "not allowed");
});

test("all operators and all keys have to hold", () => {
  const Condition = { StringEquals: { "a:b": "1", "a:c": "2" }, Bool: { "a:d": "true" } };
  const held = { "a:b": "1", "a:c": "2", "a:d": "true" };
  const asked = (context: Context) => outcome({ identity: [allow(), deny({ Condition })], context });
  expect(asked(held)).toBe("denied");
  for (const key of Object.keys(held)) expect(asked({ ...held, [key]: "x" })).toBe("allowed");
});

test("keys are the same in any case of letters, as AddPermission's are written", () => {
  const statement = grant({
    Principal: { Service: "s3.amazonaws.com" },
    Condition: {
      StringEquals: { "AWS:SourceAccount": "111122223333" },
      ArnLike: { "AWS:SourceArn": source },
    },
  });
  const context = { "aws:SourceAccount": "111122223333", "aws:SourceArn": source };
  expect(outcome({ caller: s3, resourcePolicy: [statement], context })).toBe("allowed");
  expect(outcome({ caller: s3, resourcePolicy: [statement], context: { "aws:SourceArn": source } })).toBe(
    "not allowed",
  );
});

test.each<[string, object, Context, Context]>([
  [
    "the URL's kind",
    { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } },
    { "lambda:FunctionUrlAuthType": "AWS_IAM" },
    { "lambda:FunctionUrlAuthType": "NONE" },
  ],
  [
    "calls through a URL",
    { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
    { "lambda:InvokedViaFunctionUrl": "true" },
    { "lambda:InvokedViaFunctionUrl": "false" },
  ],
  [
    "an event source mapping's function",
    { ArnLike: { "lambda:FunctionArn": "arn:aws:lambda:*:*:function:a" } },
    { "lambda:FunctionArn": "arn:aws:lambda:r:1:function:a" },
    { "lambda:FunctionArn": "arn:aws:lambda:r:1:function:b" },
  ],
  [
    "whom a permission is given to",
    { StringEquals: { "lambda:Principal": "s3.amazonaws.com" } },
    { "lambda:Principal": "s3.amazonaws.com" },
    { "lambda:Principal": "*" },
  ],
  [
    "layers",
    { "ForAllValues:StringLike": { "lambda:Layer": "*:layer:ok:*" } },
    { "lambda:Layer": ["x:layer:ok:1"] },
    { "lambda:Layer": ["x:layer:ok:1", "x:layer:no:1"] },
  ],
  [
    "an organisation",
    { StringEquals: { "aws:PrincipalOrgID": "o-abcdefghij" } },
    { "aws:PrincipalOrgID": "o-abcdefghij" },
    {},
  ],
  ["a token", { StringEquals: { "lambda:EventSourceToken": "t" } }, { "lambda:EventSourceToken": "t" }, {}],
  [
    "an address",
    { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } },
    { "aws:SourceIp": "10.0.0.1" },
    { "aws:SourceIp": "192.0.2.1" },
  ],
  [
    "a time",
    { DateLessThan: { "aws:CurrentTime": now } },
    { "aws:CurrentTime": "2026-11-21T11:59:59.999Z" },
    { "aws:CurrentTime": "2026-11-21T12:00:00.000Z" },
  ],
  [
    "a principal",
    { ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::*:role/a" } },
    { "aws:PrincipalArn": "arn:aws:iam::1:role/a" },
    { "aws:PrincipalArn": "arn:aws:iam::1:role/b" },
  ],
])("a grant may depend on %s", (_what, Condition, held, broken) => {
  const identity = [allow({ Condition })];
  expect(outcome({ identity, context: held })).toBe("allowed");
  expect(outcome({ identity, context: broken })).toBe("not allowed");
});
