import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sdk from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operations } from "../../../src/http/lambda-api/operations/index.ts";
import { unsupportedOperations } from "../../../src/http/lambda-api/unsupported-operations.ts";
import { modelOperations } from "../../service-model.ts";
import { type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeAll(async () => {
  api = await serveLambdaApi();
});
afterAll(() => api.close());

type Command = new (input: object) => Parameters<LambdaApiUnderTest["refusal"]>[0];
const commandOf = (name: string) => (sdk as unknown as Record<string, Command>)[`${name}Command`]!;

/** What the SDK's documentation of a command says that it throws. */
function documentedErrors(name: string): string[] {
  const types = join(dirname(fileURLToPath(import.meta.resolve("@aws-sdk/client-lambda"))), "../dist-types");
  const text = readFileSync(join(types, `commands/${name}Command.d.ts`), "utf8");
  return [...text.matchAll(/@throws \{@link (\w+)\}/g)].map(([, error]) => error!);
}

/** Values for what is in the path, without which the SDK sends nothing. */
const inPath: Readonly<Record<string, string>> = {
  DurableExecutionArn:
    "arn:aws:lambda:us-east-1:000000000000:function:hello:1/durable-execution/name/01234567",
  CallbackId: "AAAA",
  ResourceArn: "arn:aws:lambda:us-east-1:000000000000:function:hello",
};
const inputOf = (uri: readonly string[]) =>
  Object.fromEntries(uri.map((name) => [name, inPath[name] ?? "1"]));

test.each(unsupportedOperations)(
  "the SDK's $name is refused, with an error that it documents",
  async ({ name }) => {
    const { uri, query } = modelOperations.find((operation) => operation.name === name)!;
    const input = { ...inputOf(uri), ...Object.fromEntries(query.map((member) => [member, undefined])) };
    const refusal = await api.refusal(new (commandOf(name))(input));
    expect(documentedErrors(name)).toContain(refusal.name);
    expect(refusal).toMatchObject({
      status: 400,
      message: expect.stringContaining(`Brisk does not support the operation ${name}: `),
    });
  },
);

test.each(operations)("the SDK's $name reaches its operation", async ({ name }) => {
  const { uri } = modelOperations.find((operation) => operation.name === name)!;
  let answered = 200;
  let error: Error | undefined;
  try {
    const { $metadata } = (await api.client.send(
      new (commandOf(name))(inputOf(uri)) as never,
    )) as sdk.ListFunctionsResponse & { $metadata: { httpStatusCode: number } };
    answered = $metadata.httpStatusCode;
  } catch (caught) {
    error = caught as Error;
  }
  expect(answered).toBeLessThan(300);
  // Nothing of what is asked for is there: the operation's own refusal, or the model's constraints.
  if (error !== undefined) {
    expect([...documentedErrors(name), "ValidationException"]).toContain(error.name);
    expect(error.message).not.toContain("does not support the operation");
  }
});
