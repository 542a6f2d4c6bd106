import { describe, expect, test } from "vitest";
import { readPolicy } from "../../../src/model/policy/index.ts";
import {
  isPublicUrl,
  type Permission,
  type PolicyStatement,
  toStatement,
} from "../../../src/model/resource-policy.ts";

const resource = "arn:aws:lambda:us-east-1:000000000000:function:hello";

function statement(more: Partial<Permission>, to = resource): PolicyStatement {
  const made = toStatement(
    { statementId: "s", action: "lambda:InvokeFunction", principal: "*", ...more },
    to,
  );
  if (made === undefined) throw new Error("The principal was refused");
  return made;
}

describe("toStatement()", () => {
  test.each([
    ["*", "*"],
    ["s3.amazonaws.com", { Service: "s3.amazonaws.com" }],
    ["123456789012", { AWS: "arn:aws:iam::123456789012:root" }],
    ["arn:aws:iam::123456789012:user/eve", { AWS: "arn:aws:iam::123456789012:user/eve" }],
  ])("writes the principal %s", (principal, written) => {
    expect(statement({ principal }).Principal).toEqual(written);
  });

  test.each(["nobody", "", "evil.com", "s3.amazonaws.com.evil.com", "arn:aws:s3:::b"])(
    "knows no principal %j",
    (principal) => {
      expect(toStatement({ statementId: "s", action: "*", principal }, resource)).toBeUndefined();
    },
  );

  test("writes conditions under their operators", () => {
    const written = statement({
      sourceArn: "arn:aws:s3:::b",
      sourceAccount: "123456789012",
      principalOrgId: "o-abcdefghij",
      eventSourceToken: "token",
      functionUrlAuthType: "NONE",
      invokedViaFunctionUrl: true,
    });
    expect(written.Condition).toEqual({
      StringEquals: {
        "AWS:SourceAccount": "123456789012",
        "aws:PrincipalOrgID": "o-abcdefghij",
        "lambda:FunctionUrlAuthType": "NONE",
        "lambda:EventSourceToken": "token",
      },
      ArnLike: { "AWS:SourceArn": "arn:aws:s3:::b" },
      Bool: { "lambda:InvokedViaFunctionUrl": "true" },
    });
    expect("Condition" in statement({})).toBe(false);
  });
});

describe("isPublicUrl()", () => {
  const url = statement({ action: "lambda:InvokeFunctionUrl", functionUrlAuthType: "NONE" });
  const invoke = statement({ action: "lambda:InvokeFunction", invokedViaFunctionUrl: true });
  const isPublic = (...statements: PolicyStatement[]) =>
    isPublicUrl(
      readPolicy({ Statement: statements.map((one, at) => ({ ...one, Sid: `s${at}` })) }, "resource"),
      resource,
      "NONE",
    );

  test("needs both grants", () => {
    expect(isPublicUrl(undefined, resource, "NONE")).toBe(false);
    expect(isPublic(url)).toBe(false);
    expect(isPublic(invoke)).toBe(false);
    expect(isPublic(url, invoke)).toBe(true);
    expect(isPublic(statement({ action: "lambda:*" }))).toBe(true);
    expect(isPublic(statement({ action: "*" }))).toBe(true);
  });

  test("takes no grant to somebody, to another resource, or under a condition that does not hold", () => {
    expect(isPublic(url, statement({ principal: "s3.amazonaws.com" }))).toBe(false);
    expect(isPublic(url, statement({}, `${resource}:live`))).toBe(false);
    expect(isPublic(url, statement({ sourceAccount: "123456789012" }))).toBe(false);
    expect(isPublic(url, statement({ principalOrgId: "o-abcdefghij" }))).toBe(false);
    expect(isPublic(url, statement({ invokedViaFunctionUrl: false }))).toBe(false);
    expect(
      isPublic(invoke, statement({ action: "lambda:InvokeFunctionUrl", functionUrlAuthType: "AWS_IAM" })),
    ).toBe(false);
    expect(isPublic(url, statement({ action: "lambda:GetFunction" }))).toBe(false);
  });
});
