import { expect, test } from "vitest";
import { type Asked, accountId, allow, type Context, outcome, variable } from "./request.ts";

const arn = (rest: string) => `arn:aws:lambda:us-east-1:${accountId}:function:${rest}`;
const users = (Resource: string, context: Context = { "aws:username": "hello" }): Asked => ({
  identity: [allow({ Resource })],
  context,
});
const byVariable: readonly (readonly [what: string, asked: Asked, expected: ReturnType<typeof outcome>])[] = [
  ["a variable", users(arn(variable("aws:username"))), "allowed"],
  ["with a star beside it", users(arn(`${variable("aws:username")}*`)), "allowed"],
  ["its key in other letters", users(arn(variable("AWS:UserName"))), "allowed"],
  ["of another", users(arn(variable("aws:username")), { "aws:username": "hell" }), "not allowed"],
  [
    "a star in its value is a star, no wildcard",
    users(arn(variable("aws:username")), { "aws:username": "h*" }),
    "not allowed",
  ],
  [
    "of a tag whose key has blanks and letters of any script",
    users(arn(variable("aws:ResourceTag/Kosten Stelle=ä")), { "aws:ResourceTag/Kosten Stelle=ä": "hello" }),
    "allowed",
  ],
  ["without a value", users(arn(variable("aws:username")), {}), "not allowed"],
  ["without a value, with a default", users(arn(variable("aws:username, 'hello'")), {}), "allowed"],
  [
    "with several values",
    users(arn(variable("aws:username")), { "aws:username": ["hello", "x"] }),
    "not allowed",
  ],
  ["an escaped star", { ...users(arn(variable("*"))), resource: arn("*") }, "allowed"],
  ["an escaped star is no wildcard", users(arn(`hell${variable("*")}`)), "not allowed"],
  [
    "in a document of 2008, where they are text",
    { ...users(arn(variable("aws:username"))), version: "2008-10-17" },
    "not allowed",
  ],
];

test.each(byVariable)("%s", (_what, asked, expected) => {
  expect(outcome(asked)).toBe(expected);
});
