import { expect, test } from "vitest";
import { AttachedPolicies } from "../../../src/access/attached-policies.ts";
import { type Access, Authorizer } from "../../../src/access/authorizer.ts";
import { managedPolicies } from "../../../src/access/managed-policies.ts";
import type { Principal } from "../../../src/access/principal.ts";
import { type Policy, readPolicy } from "../../../src/model/policy/index.ts";

const scope = { region: "us-east-1", accountId: "000000000000" };
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
const arn = "arn:aws:iam::000000000000:user/eve";
const clock = { now: () => Date.UTC(2026, 0, 1), monotonicMs: () => 0 };

function eve(...statements: readonly object[]): Principal {
  const document = { Version: "2012-10-17", Statement: statements };
  return withPolicies(statements.length === 0 ? [] : [readPolicy(document, "identity")]);
}

function withPolicies(policies: readonly Policy[]): Principal {
  return {
    caller: { kind: "identity", accountId: scope.accountId, arn, principalArn: arn, isRoot: false },
    type: "User",
    userId: "AIDAEXAMPLEEXAMPLE23",
    userName: "eve",
    policies,
    sourceFunctionArn: undefined,
  };
}

const invoke: Access = { action: "lambda:InvokeFunction", resource: functionArn };

function ask(principal: Principal, access: Access = invoke, resourcePolicy?: Policy): string {
  const authorizer = authorizerWith(resourcePolicy);
  return answerOf(() => authorizer.authorize(principal, origin, access));
}

/** As `ask`, before the request's body was read. */
function askEarly(principal: Principal, resource?: string, resourcePolicy?: Policy): string {
  const authorizer = authorizerWith(resourcePolicy);
  return answerOf(() => authorizer.authorizeEarly(principal, origin, { action: invoke.action, resource }));
}

const origin = { sourceIp: "192.0.2.1", isSecure: true };

function authorizerWith(policy: Policy | undefined): Authorizer {
  const resources = { policy: () => policy, tags: () => ({ Team: "blue", "Kosten Stelle=ä": "7" }) };
  return new Authorizer({ resources, scope, clock });
}

function answerOf(authorize: () => void): string {
  try {
    authorize();
    return "allowed";
  } catch (error) {
    expect(error).toMatchObject({ name: "AccessDeniedException", status: 403, messageMember: "Message" });
    return (error as Error).message;
  }
}

test("a refusal has AWS's words", () => {
  const begin = `User: ${arn} is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn}`;
  const deny = { Effect: "Deny", Action: "*", Resource: "*" };
  expect(ask(eve())).toBe(
    `${begin} because no identity-based policy allows the lambda:InvokeFunction action`,
  );
  expect(ask(eve(deny))).toBe(`${begin} with an explicit deny in an identity-based policy`);
  const resource = readPolicy({ Statement: { ...deny, Principal: "*" } }, "resource");
  expect(ask(eve(), invoke, resource)).toBe(`${begin} with an explicit deny in a resource-based policy`);
});

test.each<[condition: object, isHeld: boolean]>([
  [{ IpAddress: { "aws:SourceIp": "192.0.2.0/24" } }, true],
  [{ IpAddress: { "aws:SourceIp": "198.51.100.0/24" } }, false],
  [{ Bool: { "aws:SecureTransport": "true" } }, true],
  [{ DateLessThan: { "aws:CurrentTime": "2026-01-01T00:00:01Z" } }, true],
  [{ DateLessThan: { "aws:CurrentTime": "2026-01-01T00:00:00Z" } }, false],
  [{ NumericEquals: { "aws:EpochTime": "1767225600" } }, true],
  [{ StringEquals: { "aws:username": "eve" } }, true],
  [{ StringEquals: { "aws:userid": "AIDAEXAMPLEEXAMPLE23" } }, true],
  [{ ArnEquals: { "aws:PrincipalArn": arn } }, true],
  [{ StringEquals: { "aws:PrincipalAccount": scope.accountId } }, true],
  [{ StringEquals: { "aws:PrincipalType": "User" } }, true],
  [{ StringEquals: { "aws:RequestedRegion": "us-east-1" } }, true],
  [{ Null: { "aws:PrincipalOrgID": "true", "lambda:SourceFunctionArn": "true" } }, true],
  [{ StringEquals: { "lambda:Own": "1" } }, true],
  [{ Null: { "a:constructor": "true", "a:__proto__": "true" } }, true],
  [{ StringEquals: { "aws:ResourceTag/team": "blue" } }, true],
  [{ StringEquals: { "aws:ResourceTag/Team": "green" } }, false],
  [{ StringEquals: { "aws:ResourceTag/kosten stelle=Ä": "7" } }, true],
  [{ Null: { "aws:ResourceTag/constructor": "true" } }, true],
])("every request has %j: %s", (Condition, isHeld) => {
  const principal = eve({ Effect: "Allow", Action: "*", Resource: "*", Condition });
  expect(ask(principal, { ...invoke, context: { "lambda:own": "1" } }) === "allowed").toBe(isHeld);
});

test("before a body was read only what no body could change is refused", () => {
  const refused = (resource: string) =>
    `User: ${arn} is not authorized to perform: lambda:InvokeFunction on resource: ${resource} because no identity-based policy allows the lambda:InvokeFunction action`;
  const Condition = { StringEquals: { "lambda:Principal": "*" } };
  const mine = eve({ Effect: "Allow", Action: "lambda:Invoke*", Resource: functionArn, Condition });
  expect(askEarly(mine)).toBe("allowed");
  expect(askEarly(mine, functionArn)).toBe("allowed");
  expect(askEarly(mine, `${functionArn}-other`)).toBe(refused(`${functionArn}-other`));
  expect(askEarly(eve({ Effect: "Allow", Action: "lambda:Get*", Resource: "*" }))).toBe(refused("*"));
  expect(askEarly(eve({ Effect: "Deny", Action: "*", Resource: "*" }), functionArn)).toBe(
    refused(functionArn),
  );
  const named = readPolicy(
    { Statement: { Effect: "Allow", Action: "*", Resource: "*", Principal: "*" } },
    "resource",
  );
  expect(askEarly(eve(), functionArn, named)).toBe("allowed");
  // As of a function that has a public URL: nobody may do more to it for that.
  for (const other of [
    { Action: "lambda:InvokeFunctionUrl", Principal: "*" },
    { Action: "lambda:*", Principal: { AWS: `${arn}-other` } },
  ]) {
    const Statement = { Effect: "Allow", Resource: functionArn, ...other };
    expect(askEarly(eve(), functionArn, readPolicy({ Statement }, "resource"))).toBe(refused(functionArn));
  }
});

test.each([...managedPolicies.keys()])("the managed policy %s can be read", (name) => {
  expect(new AttachedPolicies([{ name }]).policies).toHaveLength(1);
});

test.each([
  ["AdministratorAccess", "brisk:CreateKey", true],
  ["AWSLambda_FullAccess", "lambda:DeleteFunction", true],
  ["AWSLambda_FullAccess", "brisk:GetLogs", true],
  ["AWSLambda_FullAccess", "brisk:CreateKey", false],
  ["AWSLambda_FullAccess", "brisk:PutRolePolicy", false],
  ["AWSLambda_FullAccess", "iam:PassRole", true],
  ["AWSLambda_ReadOnlyAccess", "lambda:GetFunction", true],
  ["AWSLambda_ReadOnlyAccess", "lambda:ListFunctions", true],
  ["AWSLambda_ReadOnlyAccess", "lambda:InvokeFunction", false],
  ["AWSLambda_ReadOnlyAccess", "brisk:GetAudit", false],
  ["AWSLambdaRole", "lambda:InvokeFunction", true],
  ["AWSLambdaRole", "lambda:InvokeFunctionUrl", false],
  ["AWSLambdaBasicExecutionRole", "lambda:InvokeFunction", false],
])("%s and %s: %s", (name, action, isAllowed) => {
  const context = { "iam:passedtoservice": "lambda.amazonaws.com" };
  const { policies } = new AttachedPolicies([{ name }]);
  expect(ask(withPolicies(policies), { action, resource: functionArn, context }) === "allowed").toBe(
    isAllowed,
  );
});

test("policies are bounded in number and size, and named as AWS names them", () => {
  const document = { Statement: { Effect: "Allow", Action: "lambda:GetFunction", Resource: "*" } };
  const named = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `p${i}`, document }));
  const full = new AttachedPolicies().with(named(10));
  expect(() => full.with([{ name: "more", document }])).toThrow("Cannot attach 11 policies: at most 10");
  expect(full.with([{ name: "p3", document }]).list).toHaveLength(10);
  expect(() => full.with([{ name: "a b", document }])).toThrow("Cannot name a policy");
  expect(() => full.with([{ name: "AWSLambdaRole", document }])).toThrow("that is a managed policy");
  const long = {
    Statement: { ...document.Statement, Resource: Array(100).fill(`${functionArn}-${"x".repeat(60)}`) },
  };
  expect(() => new AttachedPolicies().with([{ name: "long", document: long }])).toThrow(
    "at most 6144 are allowed",
  );
});
