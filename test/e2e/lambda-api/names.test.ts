import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definition, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeAll(async () => {
  api = await serveLambdaApi();
});
afterAll(() => api.close());

interface Named {
  readonly FunctionName: string;
  readonly Qualifier?: string;
}

// Recorded: what each of the four makes of a name, where no function is there (function_name_and_qualifier_validation).
const prefix = "arn:aws:lambda:us-east-1:000000000000:function";
const arn = `${prefix}:my-function`;
const long = (length: number) => "a".repeat(length);
const isNoName =
  /^1 validation error detected: Value '.*' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: \(/;
const noName = { name: "ValidationException", status: 400, message: expect.stringMatching(isNoName) };
const noNames = { get: noName, delete: noName, invoke: noName, create: noName };
const qualifierPattern = {
  name: "ValidationException",
  status: 400,
  message:
    "1 validation error detected: Value 'invalid!' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+",
};
const longQualifier = {
  name: "ValidationException",
  status: 400,
  message: `1 validation error detected: Value '${long(129)}' at 'qualifier' failed to satisfy constraint: Member must have length less than or equal to 128`,
};
const notFound = (of: string) => ({
  name: "ResourceNotFoundException",
  status: 404,
  message: `Function not found: ${of}`,
});
const invalid = (message: string) => ({ name: "InvalidParameterValueException", status: 400, message });
const mismatch = invalid(
  "The derived qualifier from the function name does not match the specified qualifier.",
);

const cases: readonly (readonly [id: string, named: Named, answers: Readonly<Record<string, object>>])[] = [
  ["invalid_characters_in_function_name", { FunctionName: "my-function!" }, noNames],
  ["function_name_is_single_invalid", { FunctionName: "*" }, noNames],
  [
    "invalid_characters_in_qualifier",
    { FunctionName: "my-function", Qualifier: "invalid!" },
    { get: qualifierPattern, delete: qualifierPattern, invoke: qualifierPattern, create: noName },
  ],
  [
    "qualifier_too_long",
    { FunctionName: "my-function", Qualifier: long(129) },
    {
      get: longQualifier,
      delete: longQualifier,
      invoke: longQualifier,
      create: {
        name: "ValidationException",
        status: 400,
        message: `1 validation error detected: Value 'my-function:${long(129)}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 140`,
      },
    },
  ],
  ["invalid_account_id_in_partial_arn", { FunctionName: "invalid-account:function:my-function" }, noNames],
  [
    "invalid_region_in_arn",
    { FunctionName: "arn:aws:lambda:invalid-region:000000000000:function:my-function" },
    noNames,
  ],
  [
    "non_lambda_arn",
    { FunctionName: "arn:aws:ec2:us-east-1:000000000000:instance:i-1234567890abcdef0" },
    noNames,
  ],
  [
    "function_name_too_long",
    { FunctionName: long(65) },
    {
      get: notFound(`${prefix}:${long(65)}`),
      delete: notFound(`${prefix}:${long(65)}`),
      invoke: notFound(`${prefix}:${long(65)}:$LATEST`),
      create: invalid(
        `1 validation error detected: Value '${long(65)}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
      ),
    },
  ],
  ["full_arn_with_multiple_qualifiers", { FunctionName: `${arn}:1:2` }, noNames],
  [
    "incomplete_arn",
    { FunctionName: prefix },
    {
      get: notFound(`${prefix}:function`),
      delete: notFound(`${prefix}:function`),
      invoke: notFound(`${prefix}:function:$LATEST`),
    },
  ],
  ["partial_arn_with_extra_qualifier", { FunctionName: "function:my-function:$LATEST:extra" }, noNames],
  [
    "latest_version_with_additional_qualifier",
    { FunctionName: `${arn}:$LATEST`, Qualifier: "1" },
    { get: mismatch, delete: mismatch, invoke: mismatch, create: noName },
  ],
  [
    "lowercase_latest_qualifier",
    { FunctionName: arn, Qualifier: "$latest" },
    {
      get: notFound(`${arn}:$latest`),
      delete: notFound(arn),
      invoke: notFound(`${arn}:$latest`),
      create: noName,
    },
  ],
  ["missing_region_in_arn", { FunctionName: "arn:aws:lambda::000000000000:function:my-function" }, noNames],
  ["missing_account_id_in_arn", { FunctionName: "arn:aws:lambda:us-east-1::function:my-function" }, noNames],
  ["misspelled_latest_in_arn", { FunctionName: `${arn}:$LATES` }, noNames],
  [
    "function_name_and_qualifier_too_long",
    { FunctionName: "my-function", Qualifier: long(65) },
    {
      get: notFound(`${arn}:${long(65)}`),
      delete: invalid("Deletion of aliases is not currently supported."),
      invoke: notFound(`${arn}:${long(65)}`),
    },
  ],
];

type Refusable = Parameters<LambdaApiUnderTest["refusal"]>[0];
const commands: Readonly<Record<string, (named: Named) => Refusable>> = {
  get: (named) => new GetFunctionCommand(named) as Refusable,
  delete: (named) => new DeleteFunctionCommand(named) as Refusable,
  invoke: (named) => new InvokeCommand(named) as Refusable,
  create: ({ FunctionName, Qualifier }) => {
    const name = Qualifier === undefined ? FunctionName : `${FunctionName}:${Qualifier}`;
    return new CreateFunctionCommand(definition({ FunctionName: name })) as Refusable;
  },
};

test.each(cases)("recording %s", async (_id, named, answers) => {
  for (const [command, answer] of Object.entries(answers)) {
    expect([command, await api.refusal(commands[command]!(named))]).toEqual([command, answer]);
  }
});

test("recordings full_arn_and_qualifier_too_long_and_invalid_region: qualifiers come before names, and CreateFunction lists all", async () => {
  const FunctionName = `arn:aws:lambda:invalid-region:000000000000:function:my-function-${long(170)}`;
  const both = await api.refusal(commands["get"]!({ FunctionName, Qualifier: long(129) }));
  expect(both).toMatchObject({
    name: "ValidationException",
    message: expect.stringMatching(
      /^2 validation errors detected: Value 'a{129}' at 'qualifier' failed .* 128; Value 'arn.*' at 'functionName' failed to satisfy constraint: Member must satisfy regular/,
    ),
  });
  expect(await api.refusal(commands["create"]!({ FunctionName }))).toMatchObject({
    name: "ValidationException",
    message: expect.stringMatching(
      /^2 validation errors detected: .*Member must satisfy regular .*Member must have length less than or equal to 140$/,
    ),
  });
});

test("recording delete_on_nonexisting_version: a version that is not there is no error, a function that is not is", async () => {
  await api.createActive();
  const version = { FunctionName: "hello", Qualifier: "1233" };
  for (let times = 0; times < 2; times++) {
    const { $metadata } = await api.client.send(new DeleteFunctionCommand(version));
    expect($metadata.httpStatusCode).toBe(204);
  }
  await api.client.send(new DeleteFunctionCommand({ FunctionName: "hello" }));
  const gone = notFound(`${prefix}:hello`);
  expect(await api.refusal(commands["delete"]!({ FunctionName: "hello" }))).toEqual(gone);
  expect(await api.refusal(commands["delete"]!(version))).toEqual(gone);
});
