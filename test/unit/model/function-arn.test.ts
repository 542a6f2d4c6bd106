import { describe, expect, test } from "vitest";
import { functionArn, parseFunctionReference } from "../../../src/model/function-arn.ts";

const scope = { region: "us-east-1", accountId: "123456789012" };

describe("parseFunctionReference()", () => {
  test.each([
    ["hello", undefined],
    ["function:hello", undefined],
    ["123456789012:function:hello", undefined],
    ["us-east-1:123456789012:function:hello", undefined],
    ["arn:aws:lambda:us-east-1:123456789012:function:hello", undefined],
    ["hello:live", "live"],
    ["hello:$LATEST", "$LATEST"],
    ["123456789012:function:hello:7", "7"],
    ["arn:aws:lambda:us-east-1:123456789012:function:hello:live", "live"],
  ])("reads %s", (given, qualifier) => {
    expect(parseFunctionReference(scope, given)).toEqual({ name: "hello", qualifier });
  });

  test("takes the qualifier beside the name, and the same one twice", () => {
    expect(parseFunctionReference(scope, "hello", "live").qualifier).toBe("live");
    expect(parseFunctionReference(scope, "hello:live", "live").qualifier).toBe("live");
    expect(() => parseFunctionReference(scope, "hello:live", "1")).toThrow(
      "The derived qualifier from the function name does not match the specified qualifier.",
    );
  });

  test("refuses another region and another account", () => {
    expect(() =>
      parseFunctionReference(scope, functionArn({ ...scope, region: "eu-west-1" }, "hello")),
    ).toThrow("Functions from 'eu-west-1' are not reachable in this region ('us-east-1')");
    expect(() => parseFunctionReference(scope, "000000000000:function:hello")).toThrow(
      expect.objectContaining({ code: "AccessDeniedException" }),
    );
  });

  test.each([
    "",
    " ",
    "a b",
    "a/b",
    "../x",
    "a:b:c",
    "hello:",
    ":1",
    "x".repeat(257),
    "arn:aws:s3:::bucket",
    "hello\n",
  ])("refuses %j with the pattern", (given) => {
    expect(() => parseFunctionReference(scope, given)).toThrow(
      expect.objectContaining({ code: "ValidationException" }),
    );
  });
});
