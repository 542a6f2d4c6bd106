import { expect, test } from "vitest";
import type { z } from "zod";
import type { Operation } from "../../../../src/http/lambda-api/operation.ts";
import { operations } from "../../../../src/http/lambda-api/operations/index.ts";
import { refusalOf, unsupportedOperations } from "../../../../src/http/lambda-api/unsupported-operations.ts";
import * as errors from "../../../../src/model/errors.ts";
import { type ModelOperation, memberPaths, modelErrors, modelOperations } from "../../../service-model.ts";

/** They stream, and have a file of their own. */
const invocations = ["Invoke", "InvokeWithResponseStream"];
const byName = (operation: { readonly name: string }) => operation.name;
const inModel = (name: string): ModelOperation => {
  const found = modelOperations.find((operation) => operation.name === name);
  if (found === undefined) throw new Error(`The AWS SDK has no operation ${name}`);
  return found;
};

test("each operation of the AWS SDK is there or refused by its name, and none twice", () => {
  const ours = [...operations, ...unsupportedOperations].map(byName);
  expect([...ours, ...invocations].toSorted()).toEqual(modelOperations.map(byName).toSorted());
  expect(modelOperations.length).toBeGreaterThan(80);
});

test.each([...operations, ...unsupportedOperations])(
  "$name has the model's route",
  ({ name, method, path }) => {
    const model = inModel(name);
    expect(`${method} ${path}`).toBe(`${model.method} ${model.path}`);
  },
);

test.each(operations)("$name answers with the model's status", ({ name, status }) => {
  // The newest model says 200 with a body; recorded is 204.
  expect(status).toBe(name === "DeleteFunction" ? 204 : inModel(name).status);
});

test.each(operations)("$name has the model's members, no fewer and no more", (operation) => {
  const model = inModel(operation.name);
  expect(operation.uriMembers.toSorted()).toEqual(model.uri.toSorted());
  expect(operation.queryMembers.toSorted()).toEqual(model.query.toSorted());
  const wanted = memberPaths({ kind: "structure", members: model.body });
  expect(bodyPaths(operation).toSorted()).toEqual(wanted.toSorted());
});

test.each(unsupportedOperations)("$name is refused with an error that the model knows", (operation) => {
  const { code, messageMember, message } = refusalOf(operation);
  expect(modelErrors.get(code)).toContain(messageMember);
  expect(message).toMatch(new RegExp(`^Brisk does not support the operation ${operation.name}: .{20}`));
});

test("messages are spelled as the model has them, error by error", () => {
  const refusals = Object.values(errors).flatMap((value) => {
    const refusal = new (value as new (text: string) => errors.LambdaServiceException)("text");
    return refusal.code === "text" ? [] : [refusal];
  });
  expect(refusals.length).toBeGreaterThan(10);
  for (const { code, messageMember } of refusals) {
    // Not in the model: the framework's own.
    if (modelErrors.has(code))
      expect([code, modelErrors.get(code)]).toEqual([code, expect.arrayContaining([messageMember])]);
  }
});

function bodyPaths({ input, bodyMembers }: Operation): string[] {
  const { shape } = input as z.ZodObject;
  return bodyMembers.flatMap((name) => [name, ...schemaPaths(shape[name] as z.ZodType, name)]);
}

/** As {@link memberPaths}, of a zod schema. */
function schemaPaths(schema: z.ZodType, prefix: string): string[] {
  const { def } = schema as unknown as {
    def: {
      type: string;
      in?: z.ZodType;
      innerType?: z.ZodType;
      element?: z.ZodType;
      shape?: Record<string, z.ZodType>;
    };
  };
  const inner = def.in ?? def.innerType;
  if (inner !== undefined) return schemaPaths(inner, prefix);
  if (def.element !== undefined) return schemaPaths(def.element, `${prefix}[]`);
  // A map in the model, with one key that it may have.
  if (def.shape === undefined || prefix === "SelfManagedEventSource.Endpoints") return [];
  return Object.entries(def.shape).flatMap(([name, member]) => [
    `${prefix}.${name}`,
    ...schemaPaths(member, `${prefix}.${name}`),
  ]);
}
