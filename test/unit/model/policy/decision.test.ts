import { describe, expect, test } from "vitest";
import {
  type Asked,
  accountId,
  allow,
  anybody,
  ask,
  deny,
  eve,
  functionArn,
  grant,
  outcome,
  root,
  s3,
  session,
  stranger,
} from "./request.ts";

type Case = readonly [what: string, asked: Asked, expected: ReturnType<typeof outcome>];

const account = `arn:aws:iam::${accountId}:root`;
const worker = `arn:aws:iam::${accountId}:role/worker`;

const byPolicies: readonly Case[] = [
  ["no policies at all", {}, "not allowed"],
  ["an Allow of the identity", { identity: [allow()] }, "allowed"],
  ["an Allow of something else", { identity: [allow({ Action: "lambda:GetFunction" })] }, "not allowed"],
  ["Allow and Deny", { identity: [allow(), deny({ Action: "lambda:Invoke*" })] }, "denied"],
  ["Deny before Allow", { identity: [deny(), allow()] }, "denied"],
  ["a Deny of something else", { identity: [allow(), deny({ Action: "lambda:Get*" })] }, "allowed"],
  ["the resource alone allows", { resourcePolicy: [grant()] }, "allowed"],
  [
    "the resource denies",
    { identity: [allow()], resourcePolicy: [{ ...grant(), Effect: "Deny" }] },
    "denied",
  ],
  ["the identity denies", { identity: [deny()], resourcePolicy: [grant()] }, "denied"],
  ["the root without policies", { caller: root }, "allowed"],
  [
    "the root, denied by the resource",
    { caller: root, resourcePolicy: [{ ...grant(), Effect: "Deny" }] },
    "denied",
  ],
  ["another account, its own side alone", { caller: stranger, identity: [allow()] }, "not allowed"],
  ["another account, our side alone", { caller: stranger, resourcePolicy: [grant()] }, "not allowed"],
  [
    "another account, both sides",
    { caller: stranger, identity: [allow()], resourcePolicy: [grant()] },
    "allowed",
  ],
  [
    "a service, the resource allows",
    { caller: s3, resourcePolicy: [grant({ Principal: { Service: "s3.amazonaws.com" } })] },
    "allowed",
  ],
  ["a service, nothing allows", { caller: s3 }, "not allowed"],
  ["anybody, the resource allows everybody", { caller: anybody, resourcePolicy: [grant()] }, "allowed"],
  [
    "anybody, the resource allows somebody",
    { caller: anybody, resourcePolicy: [grant({ Principal: { AWS: account } })] },
    "not allowed",
  ],
];

const byPrincipal: readonly Case[] = [
  ['{"AWS": "*"}', { resourcePolicy: [grant({ Principal: { AWS: "*" } })] }, "allowed"],
  [
    "a user's ARN",
    { resourcePolicy: [grant({ Principal: { AWS: `arn:aws:iam::${accountId}:user/eve` } })] },
    "allowed",
  ],
  [
    "another user's ARN",
    { resourcePolicy: [grant({ Principal: { AWS: `arn:aws:iam::${accountId}:user/ev` } })] },
    "not allowed",
  ],
  [
    "a list",
    {
      resourcePolicy: [grant({ Principal: { AWS: ["999999999999", `arn:aws:iam::${accountId}:user/eve`] } })],
    },
    "allowed",
  ],
  [
    "the own account, which leaves it to the user's policies",
    { resourcePolicy: [grant({ Principal: { AWS: account } })] },
    "not allowed",
  ],
  [
    "the own account, to its root",
    { caller: root, resourcePolicy: [grant({ Principal: { AWS: accountId } })] },
    "allowed",
  ],
  [
    "the own account, denied",
    { identity: [allow()], resourcePolicy: [{ ...grant({ Principal: { AWS: account } }), Effect: "Deny" }] },
    "denied",
  ],
  [
    "another account, by its number",
    {
      caller: stranger,
      identity: [allow()],
      resourcePolicy: [grant({ Principal: { AWS: "999999999999" } })],
    },
    "allowed",
  ],
  [
    "another account's number, to ours",
    { resourcePolicy: [grant({ Principal: { AWS: "999999999999" } })] },
    "not allowed",
  ],
  [
    "a role's ARN, to its session",
    { caller: session, resourcePolicy: [grant({ Principal: { AWS: worker } })] },
    "allowed",
  ],
  [
    "a session's ARN",
    {
      caller: session,
      resourcePolicy: [grant({ Principal: { AWS: `arn:aws:sts::${accountId}:assumed-role/worker/hello` } })],
    },
    "allowed",
  ],
  [
    "another session's ARN",
    {
      caller: session,
      resourcePolicy: [grant({ Principal: { AWS: `arn:aws:sts::${accountId}:assumed-role/worker/other` } })],
    },
    "not allowed",
  ],
  [
    "a service, to a user",
    { resourcePolicy: [grant({ Principal: { Service: "s3.amazonaws.com" } })] },
    "not allowed",
  ],
  [
    "another service",
    { caller: s3, resourcePolicy: [grant({ Principal: { Service: "sns.amazonaws.com" } })] },
    "not allowed",
  ],
  [
    "NotPrincipal of another",
    {
      identity: [allow()],
      resourcePolicy: [{ ...grant({ NotPrincipal: { AWS: worker } }), Effect: "Deny" }],
    },
    "denied",
  ],
  [
    "NotPrincipal of the caller",
    {
      identity: [allow()],
      resourcePolicy: [
        { ...grant({ NotPrincipal: { AWS: `arn:aws:iam::${accountId}:user/eve` } }), Effect: "Deny" },
      ],
    },
    "allowed",
  ],
];

const statementFor = (more: object): Asked => ({ identity: [allow(more)] });
const byAction: readonly Case[] = [
  ["*", statementFor({ Action: "*" }), "allowed"],
  ["lambda:*", statementFor({ Action: "lambda:*" }), "allowed"],
  ["another service", statementFor({ Action: "s3:*" }), "not allowed"],
  ["the name", statementFor({ Action: "lambda:InvokeFunction" }), "allowed"],
  ["the name in other letters", statementFor({ Action: "LAMBDA:invokefunction" }), "allowed"],
  ["a beginning of the name", statementFor({ Action: "lambda:Invoke" }), "not allowed"],
  ["a star at the end", statementFor({ Action: "lambda:Invoke*" }), "allowed"],
  ["a star that matches nothing", statementFor({ Action: "lambda:InvokeFunction*" }), "allowed"],
  ["a star within", statementFor({ Action: "lambda:*Function" }), "allowed"],
  ["question marks", statementFor({ Action: "lambda:Invoke????????" }), "allowed"],
  ["one question mark too many", statementFor({ Action: "lambda:Invoke?????????" }), "not allowed"],
  ["one of a list", statementFor({ Action: ["lambda:GetFunction", "lambda:InvokeFunction"] }), "allowed"],
  ["NotAction of another", statementFor({ NotAction: "lambda:GetFunction" }), "allowed"],
  ["NotAction of this", statementFor({ NotAction: ["iam:*", "lambda:Invoke*"] }), "not allowed"],
  ["Deny by NotAction", { identity: [allow(), deny({ NotAction: "lambda:Get*" })] }, "denied"],
];

const arn = (rest: string, where = `us-east-1:${accountId}`) => `arn:aws:lambda:${where}:function:${rest}`;
const onAlias = (Resource: string): Asked => ({ ...statementFor({ Resource }), resource: arn("hello:PROD") });
const byResource: readonly Case[] = [
  ["the ARN", statementFor({ Resource: functionArn }), "allowed"],
  ["another function", statementFor({ Resource: arn("hell") }), "not allowed"],
  ["names are told apart by case", statementFor({ Resource: arn("Hello") }), "not allowed"],
  ["a beginning with a star", statementFor({ Resource: arn("he*") }), "allowed"],
  ["any region and account", statementFor({ Resource: arn("hello", "*:*") }), "allowed"],
  ["an incomplete ARN with a star", statementFor({ Resource: "arn:aws:lambda:*" }), "allowed"],
  [
    "a star within a segment stays in it",
    statementFor({ Resource: "arn:aws:lambda:us-*1:function:hello" }),
    "not allowed",
  ],
  ["a star at a segment's end does not", statementFor({ Resource: "arn:aws:lambda:us-*:hello" }), "allowed"],
  [
    "a question mark is no colon",
    statementFor({ Resource: `arn:aws:lambda:us-east-1:${accountId}:function?hello` }),
    "not allowed",
  ],
  ["a question mark in a name", statementFor({ Resource: arn("h?llo") }), "allowed"],
  ["a function, not its alias", onAlias(functionArn), "not allowed"],
  ["a function and a star, with its alias", onAlias(arn("hello*")), "allowed"],
  ["aliases alone", onAlias(arn("hello:*")), "allowed"],
  ["aliases alone, and the function", statementFor({ Resource: arn("hello:*") }), "not allowed"],
  ["a list", statementFor({ Resource: [arn("a"), functionArn] }), "allowed"],
  ["NotResource of another", statementFor({ NotResource: arn("secret*") }), "allowed"],
  ["NotResource of this", statementFor({ NotResource: arn("h*") }), "not allowed"],
];

test.each([
  ...byPolicies.map((one) => ["policies", ...one] as const),
  ...byPrincipal.map((one) => ["principal", ...one] as const),
  ...byAction.map((one) => ["action", ...one] as const),
  ...byResource.map((one) => ["resource", ...one] as const),
])("%s: %s", (_kind, _what, asked, expected) => {
  expect(outcome(asked)).toBe(expected);
});

describe("decide() says whose policies", () => {
  test.each<[Asked, object]>([
    [{}, { isExplicit: false, policies: "identity" }],
    [{ identity: [deny()] }, { isExplicit: true, policies: "identity" }],
    [{ resourcePolicy: [{ ...grant(), Effect: "Deny" }] }, { isExplicit: true, policies: "resource" }],
    [{ caller: anybody }, { isExplicit: false, policies: "resource" }],
    [
      { caller: stranger, identity: [allow()] },
      { isExplicit: false, policies: "resource" },
    ],
    [{ caller: eve }, { isExplicit: false, policies: "identity" }],
  ])("%j", (asked, expected) => {
    expect(ask(asked)).toEqual({ isAllowed: false, ...expected });
  });
});
