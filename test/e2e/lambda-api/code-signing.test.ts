import {
  CreateCodeSigningConfigCommand,
  type CreateCodeSigningConfigCommandInput,
  CreateFunctionCommand,
  DeleteCodeSigningConfigCommand,
  DeleteFunctionCodeSigningConfigCommand,
  DeleteFunctionCommand,
  GetCodeSigningConfigCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  ListCodeSigningConfigsCommand,
  ListFunctionsByCodeSigningConfigCommand,
  ListTagsCommand,
  PutFunctionCodeSigningConfigCommand,
  paginateListCodeSigningConfigs,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateCodeSigningConfigCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arn, definition, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
  await api.createActive();
});
afterEach(() => api.close());

const profile = "arn:aws:signer:us-east-1:000000000000:/signing-profiles/test";
const AllowedPublishers = { SigningProfileVersionArns: [profile] };
const absent = "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0123456789abcdefg";
const missingFunction = {
  name: "ResourceNotFoundException",
  status: 404,
  message: `Function not found: ${arn.replace("hello", "no")}`,
};

async function create(more: Partial<CreateCodeSigningConfigCommandInput> = {}): Promise<string> {
  const command = new CreateCodeSigningConfigCommand({ AllowedPublishers, ...more });
  return (await api.client.send(command)).CodeSigningConfig?.CodeSigningConfigArn ?? "";
}
const attach = (CodeSigningConfigArn: string, FunctionName = "hello") =>
  new PutFunctionCodeSigningConfigCommand({ CodeSigningConfigArn, FunctionName });
const detach = (FunctionName = "hello") => new DeleteFunctionCodeSigningConfigCommand({ FunctionName });
const update = (CodeSigningConfigArn: string, policy?: "Warn" | "Enforce") =>
  new UpdateCodeSigningConfigCommand({
    CodeSigningConfigArn,
    ...(policy !== undefined && { CodeSigningPolicies: { UntrustedArtifactOnDeployment: policy } }),
  });
const get = (CodeSigningConfigArn: string) => new GetCodeSigningConfigCommand({ CodeSigningConfigArn });
const remove = (CodeSigningConfigArn: string) => new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn });
const users = async (CodeSigningConfigArn: string) => {
  const command = new ListFunctionsByCodeSigningConfigCommand({ CodeSigningConfigArn });
  return (await api.client.send(command)).FunctionArns;
};
const attached = async () => {
  const command = new GetFunctionCodeSigningConfigCommand({ FunctionName: "hello" });
  const { $metadata, ...body } = await api.client.send(command);
  expect($metadata.httpStatusCode).toBe(200);
  return body;
};

test("recorded: a configuration is made, changed, shown, attached, listed, detached and deleted", async () => {
  const Description = "Testing CodeSigning Config";
  const created = await api.client.send(
    new CreateCodeSigningConfigCommand({
      Description,
      AllowedPublishers,
      CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Enforce" },
    }),
  );
  expect(created.$metadata.httpStatusCode).toBe(201);
  const config = created.CodeSigningConfig;
  const CodeSigningConfigArn = config?.CodeSigningConfigArn ?? "";
  expect(config).toEqual({
    CodeSigningConfigId: expect.stringMatching(/^csc-[a-z0-9]{17}$/),
    CodeSigningConfigArn: `arn:aws:lambda:us-east-1:000000000000:code-signing-config:${config?.CodeSigningConfigId}`,
    Description,
    AllowedPublishers,
    CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Enforce" },
    LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
  });
  const changed = (await api.client.send(update(CodeSigningConfigArn, "Warn"))).CodeSigningConfig;
  expect(changed).toEqual({
    ...config,
    CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Warn" },
    LastModified: expect.any(String),
  });
  expect((await api.client.send(get(CodeSigningConfigArn))).CodeSigningConfig).toEqual(changed);
  const { $metadata, ...put } = await api.client.send(attach(CodeSigningConfigArn, arn));
  expect(put).toEqual({ CodeSigningConfigArn, FunctionName: "hello" });
  expect(await attached()).toEqual({ CodeSigningConfigArn, FunctionName: "hello" });
  const { CodeSigningConfigs } = await api.client.send(new ListCodeSigningConfigsCommand({}));
  expect(CodeSigningConfigs).toEqual([changed]);
  expect(await users(CodeSigningConfigArn)).toEqual([arn]);
  expect((await api.client.send(detach())).$metadata.httpStatusCode).toBe(204);
  expect(await attached()).toEqual({ FunctionName: "hello" });
  expect((await api.client.send(remove(CodeSigningConfigArn))).$metadata.httpStatusCode).toBe(204);
  expect((await api.client.send(new ListCodeSigningConfigsCommand({}))).CodeSigningConfigs).toEqual([]);
});

test("recorded: what is not there, and an update that changes nothing", async () => {
  const message = `The Lambda code signing configuration ${absent} can not be found.`;
  const missing = { name: "ResourceNotFoundException", status: 404, message };
  expect(await api.refusal(get(absent))).toEqual(missing);
  expect(await api.refusal(remove(absent))).toEqual(missing);
  expect(await api.refusal(update(absent, "Warn"))).toEqual(missing);
  expect(await api.refusal(update(absent))).toEqual(missing);
  expect(
    await api.refusal(new ListFunctionsByCodeSigningConfigCommand({ CodeSigningConfigArn: absent })),
  ).toEqual(missing);
  // Without a Type, which the other kind of refusal has.
  const raw = await fetch(`${api.origin}/2020-04-22/code-signing-configs/${absent}`);
  expect(await raw.json()).toEqual({ Message: message });
  for (const name of ["hello", "no"]) {
    expect(await api.refusal(attach(absent, name))).toEqual({
      name: "CodeSigningConfigNotFoundException",
      status: 404,
      message: `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${absent}.`,
    });
  }
  const made = await create({ Description: "kept" });
  expect(await api.refusal(attach(made, "no"))).toEqual(missingFunction);
  expect(await api.refusal(detach("no"))).toEqual(missingFunction);
  expect(await api.refusal(new GetFunctionCodeSigningConfigCommand({ FunctionName: "no" }))).toEqual(
    missingFunction,
  );
  expect((await api.client.send(detach())).$metadata.httpStatusCode).toBe(204);
  expect(await attached()).toEqual({ FunctionName: "hello" });
  expect(await users(made)).toEqual([]);
  expect((await api.client.send(update(made))).CodeSigningConfig).toMatchObject({
    Description: "kept",
    AllowedPublishers,
    CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Warn" },
  });
});

test("Enforce lets no code pass, since no signature can be checked; Warn lets all pass", async () => {
  const config = await create({ CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Enforce" } });
  await api.client.send(attach(config));
  const revision = async () => {
    const { Configuration } = await api.client.send(new GetFunctionCommand({ FunctionName: "hello" }));
    return Configuration?.RevisionId;
  };
  const before = await revision();
  const code = (DryRun?: boolean) =>
    new UpdateFunctionCodeCommand({ FunctionName: "hello", ZipFile: Buffer.from("zip two"), DryRun });
  const refused = {
    name: "CodeVerificationFailedException",
    status: 400,
    message: `Cannot deploy code of "hello": its code signing configuration ${config} is set to Enforce, and Brisk cannot check signatures`,
  };
  expect(await api.refusal(code())).toEqual(refused);
  expect(await api.refusal(code(true))).toEqual(refused);
  const other = definition({ FunctionName: "other", CodeSigningConfigArn: config });
  expect(await api.refusal(new CreateFunctionCommand(other))).toMatchObject({
    name: "CodeVerificationFailedException",
  });
  expect(await api.refusal(new GetFunctionCommand({ FunctionName: "other" }))).toMatchObject({ status: 404 });
  expect(await revision()).toBe(before);
  // What brings no code is no deployment, and a function that has none of it is free.
  await api.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "hello", Timeout: 9 }));
  await api.settled();
  await api.createActive({ FunctionName: "free" });
  await api.client.send(update(config, "Warn"));
  await api.client.send(code());
  await api.settled();
  await api.client.send(new CreateFunctionCommand(other));
  expect(await users(config)).toEqual([arn, arn.replace("hello", "other")]);
});

test("a configuration that a function has is not deleted, and one that is deleted is not had", async () => {
  const config = await create();
  await api.createActive({ FunctionName: "other", CodeSigningConfigArn: config });
  expect(await api.refusal(remove(config))).toEqual({
    name: "ResourceConflictException",
    status: 409,
    message: `Cannot delete the code signing configuration ${config}: the function other uses it`,
  });
  await api.client.send(new DeleteFunctionCommand({ FunctionName: "other" }));
  await Promise.allSettled([
    api.client.send(attach(config)),
    api.client.send(remove(config)),
    api.client.send(attach(config)),
  ]);
  const still = await api.client.send(new ListCodeSigningConfigsCommand({}));
  const had = (await attached()).CodeSigningConfigArn;
  expect(still.CodeSigningConfigs?.length).toBe(had === undefined ? 0 : 1);
  const third = new CreateFunctionCommand(
    definition({ FunctionName: "third", CodeSigningConfigArn: absent }),
  );
  expect(await api.refusal(third)).toMatchObject({ name: "CodeSigningConfigNotFoundException" });
});

test("configurations have tags, and pages", async () => {
  const first = await create({ Tags: { team: "blue" } });
  const resource = { Resource: first };
  await api.client.send(new TagResourceCommand({ ...resource, Tags: { stage: "test" } }));
  const tags = async () => (await api.client.send(new ListTagsCommand(resource))).Tags;
  expect(await tags()).toEqual({ team: "blue", stage: "test" });
  await api.client.send(new UntagResourceCommand({ ...resource, TagKeys: ["team"] }));
  expect(await tags()).toEqual({ stage: "test" });
  expect(await api.refusal(new ListTagsCommand({ Resource: absent }))).toMatchObject({ status: 404 });
  const all = [first, await create(), await create()].sort();
  const listed: (string | undefined)[] = [];
  const paging = { client: api.client, pageSize: 2 };
  for await (const page of paginateListCodeSigningConfigs(paging, {})) {
    expect(page.CodeSigningConfigs?.length).toBeLessThanOrEqual(2);
    listed.push(...(page.CodeSigningConfigs ?? []).map((config) => config.CodeSigningConfigArn));
  }
  expect(listed).toEqual(all);
});

test("publishers are one to twenty ARNs", async () => {
  const refused = (SigningProfileVersionArns: string[]) =>
    api.refusal(new CreateCodeSigningConfigCommand({ AllowedPublishers: { SigningProfileVersionArns } }));
  const invalid = { name: "ValidationException", status: 400 };
  expect(await refused([])).toEqual({
    ...invalid,
    message:
      "1 validation error detected: Value '[]' at 'allowedPublishers.signingProfileVersionArns' failed to satisfy constraint: Member must have length greater than or equal to 1",
  });
  expect(await refused(Array.from({ length: 21 }, () => profile))).toMatchObject(invalid);
  expect(await refused(["nobody"])).toMatchObject(invalid);
  expect(await api.refusal(get("csc-any"))).toMatchObject(invalid);
});
