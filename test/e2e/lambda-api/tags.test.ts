import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arn, definition, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
});
afterEach(() => api.close());

const tag = (Tags: Record<string, string>, Resource = arn) => new TagResourceCommand({ Resource, Tags });
const untag = (TagKeys: string[], Resource = arn) => new UntagResourceCommand({ Resource, TagKeys });
const numbered = (from: number, to: number) =>
  Object.fromEntries(Array.from({ length: to - from }, (_, n) => [`${from + n}_key`, `${from + n}_value`]));

/** The tags as both operations show them, which have to agree. */
async function shown(): Promise<Record<string, string> | undefined> {
  const { Tags } = await api.client.send(new ListTagsCommand({ Resource: arn }));
  const reply = await api.client.send(new GetFunctionCommand({ FunctionName: "hello" }));
  // GetFunction leaves the member away when there is none.
  expect(reply.Tags ?? {}).toEqual(Tags);
  if (Object.keys(Tags ?? {}).length === 0) expect(reply).not.toHaveProperty("Tags");
  return Tags;
}

test("recorded: tags are added, overwritten and taken away, unknown keys without an error", async () => {
  await api.createActive({ Tags: { key_a: "value_a" } });
  expect(await shown()).toEqual({ key_a: "value_a" });
  const added = await api.client.send(tag({ key_b: "value_b", key_c: "value_c", "a:b/c=d+e-f@g ä": "x y" }));
  expect(added.$metadata.httpStatusCode).toBe(204);
  expect(await shown()).toEqual({
    key_a: "value_a",
    key_b: "value_b",
    key_c: "value_c",
    "a:b/c=d+e-f@g ä": "x y",
  });
  await api.client.send(tag({ key_c: "value_x", empty: "" }));
  expect(await shown()).toMatchObject({ key_b: "value_b", key_c: "value_x", empty: "" });
  const removed = await api.client.send(untag(["key_c", "a:b/c=d+e-f@g ä", "nomatch"]));
  expect(removed.$metadata.httpStatusCode).toBe(204);
  expect(await shown()).toEqual({ key_a: "value_a", key_b: "value_b", empty: "" });
  await api.client.send(untag(["key_a", "key_b", "empty"]));
  expect(await shown()).toEqual({});
});

test("recorded: every change of tags gives $LATEST another RevisionId", async () => {
  await api.createActive({ Publish: true });
  const revision = async (Qualifier?: string) => {
    const reply = await api.client.send(new GetFunctionCommand({ FunctionName: "hello", Qualifier }));
    return reply.Configuration?.RevisionId;
  };
  const published = await revision("1");
  const seen = new Set([await revision()]);
  for (const change of [tag({ a: "1" }), tag({ a: "2" }), untag(["a"])]) {
    await api.client.send(change as TagResourceCommand);
    seen.add(await revision());
  }
  expect(seen.size).toBe(4);
  expect(await revision("1")).toBe(published);
});

test("a function that is tagged while its code is built becomes Active", async () => {
  api.bundler.hold();
  await api.client.send(new CreateFunctionCommand(definition()));
  await api.client.send(tag({ early: "bird" }));
  api.bundler.release();
  await api.settled();
  expect(await shown()).toEqual({ early: "bird" });
});

test("recorded: tags of versions and aliases are refused, and so are no tags and more than 50", async () => {
  await api.createActive({ Publish: true });
  for (const resource of [`${arn}:1`, `${arn}:$LATEST`, `${arn}:live`]) {
    for (const command of [
      tag({ a: "b" }, resource),
      untag(["a"], resource),
      new ListTagsCommand({ Resource: resource }),
    ]) {
      expect(await api.refusal(command as TagResourceCommand)).toEqual({
        name: "InvalidParameterValueException",
        status: 400,
        message: "Tags on function aliases and versions are not supported. Please specify a function ARN.",
      });
    }
  }
  expect(await api.refusal(tag({}))).toEqual({
    name: "InvalidParameterValueException",
    status: 400,
    message: "An error occurred and the request cannot be processed.",
  });
  expect(await api.refusal(untag([]))).toEqual({
    name: "ValidationException",
    status: 400,
    message:
      "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
  });
  const tooMany = {
    name: "InvalidParameterValueException",
    status: 400,
    message: "Number of tags exceeds resource tag limit.",
  };
  expect(await api.refusal(tag(numbered(0, 51)))).toEqual(tooMany);
  await api.client.send(tag(numbered(0, 50)));
  expect(await api.refusal(tag(numbered(50, 51)))).toEqual(tooMany);
  await api.client.send(tag({ "0_key": "another" }));
  expect(await shown()).toEqual({ ...numbered(0, 50), "0_key": "another" });
  const create = new CreateFunctionCommand(definition({ FunctionName: "other", Tags: numbered(0, 51) }));
  expect(await api.refusal(create)).toEqual(tooMany);
});

test("recorded: what is not there is told by its kind, and other ARNs by the pattern", async () => {
  await api.createActive();
  await api.client.send(new DeleteFunctionCommand({ FunctionName: "hello" }));
  const mapping =
    "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:01234567-89ab-cdef-0123-456789abcdef";
  const provider = "arn:aws:lambda:us-east-1:000000000000:capacity-provider:any";
  for (const [resource, message] of [
    [arn, `Function not found: ${arn}`],
    [mapping, `Event source mapping not found: ${mapping}`],
    [provider, `Capacity provider not found: ${provider}`],
  ] as const) {
    for (const command of [
      tag({ A: "B" }, resource),
      untag(["A"], resource),
      new ListTagsCommand({ Resource: resource }),
    ]) {
      expect(await api.refusal(command as TagResourceCommand)).toEqual({
        name: "ResourceNotFoundException",
        status: 404,
        message,
      });
    }
  }
  for (const resource of ["arn:aws:something", `${mapping}:alias`, arn.replace(":function:", ":foobar:")]) {
    expect(await api.refusal(new ListTagsCommand({ Resource: resource }))).toMatchObject({
      name: "ValidationException",
      status: 400,
      message: expect.stringMatching(
        /^1 validation error detected: Value 'arn:.*' at 'resource' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:/,
      ),
    });
  }
});
