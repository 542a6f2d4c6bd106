import {
  type AliasConfiguration,
  CreateAliasCommand,
  type CreateAliasCommandInput,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  ListAliasesCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arn, type LambdaApiUnderTest, role, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
  await api.createActive({ Publish: true });
  await publish({ Timeout: 9 });
});
afterEach(() => api.close());

const hello = { FunctionName: "hello" };
const custom = { ...hello, Name: "custom" };

async function publish(changes: Partial<UpdateFunctionConfigurationCommandInput>): Promise<void> {
  await api.client.send(new UpdateFunctionConfigurationCommand({ ...hello, ...changes }));
  await api.settled();
  await api.client.send(new PublishVersionCommand(hello));
}

const weigh = (AdditionalVersionWeights: Record<string, number>) => ({
  RoutingConfig: { AdditionalVersionWeights },
});

/** The alias as it came, without what every answer has. */
async function sent(answer: Promise<AliasConfiguration & { $metadata: object }>): Promise<object> {
  const { $metadata, ...alias } = await answer;
  return JSON.parse(JSON.stringify(alias));
}

test("recording alias_lifecycle: weights are shown until an empty RoutingConfig clears them", async () => {
  const alias = { ...hello, Name: "aliasname1_1" };
  const created = await sent(
    api.client.send(
      new CreateAliasCommand({
        ...alias,
        FunctionVersion: "1",
        Description: "custom-alias",
        ...weigh({ 2: 0.2 }),
      }),
    ),
  );
  expect(created).toEqual({
    AliasArn: `${arn}:aliasname1_1`,
    Name: "aliasname1_1",
    FunctionVersion: "1",
    Description: "custom-alias",
    RoutingConfig: { AdditionalVersionWeights: { "2": 0.2 } },
    RevisionId: expect.any(String),
  });
  expect(await sent(api.client.send(new GetAliasCommand(alias)))).toEqual(created);
  const { Configuration } = await api.client.send(
    new GetFunctionCommand({ ...hello, Qualifier: "aliasname1_1" }),
  );
  expect(Configuration).toMatchObject({ Version: "1", FunctionArn: `${arn}:aliasname1_1` });
  await api.client.send(new CreateAliasCommand({ ...hello, Name: "aliasname2", FunctionVersion: "2" }));
  const list = async (FunctionVersion?: string) =>
    (await api.client.send(new ListAliasesCommand({ ...hello, FunctionVersion }))).Aliases ?? [];
  expect((await list())[0]).toEqual(created);
  expect((await list())[1]).not.toHaveProperty("RoutingConfig");
  const updated = await sent(api.client.send(new UpdateAliasCommand({ ...alias, ...weigh({}) })));
  const { RoutingConfig, ...unweighted } = created as AliasConfiguration;
  expect(updated).toEqual({ ...unweighted, RevisionId: expect.any(String) });
  expect(updated).not.toMatchObject({ RevisionId: unweighted.RevisionId });
  expect(await sent(api.client.send(new GetAliasCommand(alias)))).toEqual(updated);
  expect((await list())[0]).toEqual(updated);
  // An update without changes makes a new RevisionId, too.
  const again = await api.client.send(new UpdateAliasCommand(alias));
  expect(again.RevisionId).not.toBe((updated as AliasConfiguration).RevisionId);
  expect((await list("1")).map(({ Name }) => Name)).toEqual(["aliasname1_1"]);
  const { $metadata } = await api.client.send(new DeleteAliasCommand(alias));
  expect($metadata.httpStatusCode).toBe(204);
});

const weightRange =
  "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]";
const refusals: [name: string, input: Partial<CreateAliasCommandInput>, refusal: object][] = [
  [
    "routing_config_exc_toomany",
    weigh({ 1: 0.8, 2: 0.2 }),
    {
      name: "InvalidParameterValueException",
      status: 400,
      message: "Number of items in AdditionalVersionWeights cannot be greater than 1",
    },
  ],
  [
    "routing_config_exc_toohigh",
    weigh({ 2: 2 }),
    {
      name: "ValidationException",
      status: 400,
      message: `1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: ${weightRange}`,
    },
  ],
  [
    "routing_config_exc_subzero",
    weigh({ 2: -1 }),
    {
      name: "ValidationException",
      status: 400,
      message: `1 validation error detected: Value '{2=-1.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: ${weightRange}`,
    },
  ],
  [
    "routing_config_exc_sameversion",
    weigh({ 1: 0.5 }),
    {
      name: "InvalidParameterValueException",
      status: 400,
      message: "Invalid function version 1. Function version 1 is already included in routing configuration.",
    },
  ],
  [
    "target_version_doesnotexist",
    { FunctionVersion: "10", ...weigh({ 2: 0.5 }) },
    { name: "ResourceNotFoundException", status: 404, message: `Function not found: ${arn}:10` },
  ],
  [
    "routing_config_exc_version_doesnotexist",
    weigh({ 10: 0.5 }),
    { name: "ResourceNotFoundException", status: 404, message: `Function not found: ${arn}:10` },
  ],
  [
    "target_version_exc_version_latest",
    { FunctionVersion: "$LATEST", ...weigh({ 1: 0.5 }) },
    {
      name: "InvalidParameterValueException",
      status: 400,
      message: "$LATEST is not supported for an alias pointing to more than 1 version",
    },
  ],
  [
    "routing_config_exc_version_latest",
    weigh({ $LATEST: 0.5 }),
    {
      name: "ValidationException",
      status: 400,
      message:
        "1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]",
    },
  ],
  [
    "routing_config_exc_fn_doesnotexist",
    { FunctionName: "hello-unknown", ...weigh({ 2: 0.5 }) },
    { name: "ResourceNotFoundException", status: 404, message: `Function not found: ${arn}-unknown:1` },
  ],
];

test.each(refusals)("recording notfound_and_invalid_routingconfigs: %s", async (_name, input, refusal) => {
  expect(await api.refusal(new CreateAliasCommand({ ...custom, FunctionVersion: "1", ...input }))).toEqual(
    refusal,
  );
  expect((await api.client.send(new ListAliasesCommand(hello))).Aliases).toEqual([]);
});

test("recording notfound_and_invalid_routingconfigs: create_alias_empty_routingconfig", async () => {
  const empty = { ...custom, FunctionVersion: "1", ...weigh({}) };
  expect(await api.client.send(new CreateAliasCommand(empty))).not.toHaveProperty("RoutingConfig");
});

test("recording notfound_and_invalid_routingconfigs: routing_config_exc_already_exist", async () => {
  const created = { ...custom, FunctionVersion: "1", ...weigh({ 2: 0.5 }) };
  await api.client.send(new CreateAliasCommand(created));
  expect(await api.refusal(new CreateAliasCommand(created))).toEqual({
    name: "ResourceConflictException",
    status: 409,
    message: `Alias already exists: ${arn}:custom`,
  });
});

test("an update keeps the weights that it does not name, and checks them against what it changes", async () => {
  await api.client.send(new CreateAliasCommand({ ...custom, FunctionVersion: "1", ...weigh({ 2: 0.5 }) }));
  const update = (more: object) => new UpdateAliasCommand({ ...custom, ...more });
  const described = await api.client.send(update({ Description: "canary" }));
  expect(described.RoutingConfig).toEqual({ AdditionalVersionWeights: { "2": 0.5 } });
  expect(await api.refusal(update({ FunctionVersion: "2" }))).toMatchObject({
    message: "Invalid function version 2. Function version 2 is already included in routing configuration.",
  });
  expect(await api.refusal(update({ FunctionVersion: "$LATEST" }))).toMatchObject({
    message: "$LATEST is not supported for an alias pointing to more than 1 version",
  });
  await publish({ Timeout: 10 });
  const moved = await api.client.send(update({ FunctionVersion: "3" }));
  expect(moved).toMatchObject({
    FunctionVersion: "3",
    Description: "canary",
    RoutingConfig: { AdditionalVersionWeights: { "2": 0.5 } },
  });
  // CodeDeploy's last step.
  const swapped = await api.client.send(update({ FunctionVersion: "2", ...weigh({}) }));
  expect(swapped).toMatchObject({ FunctionVersion: "2" });
  expect(swapped).not.toHaveProperty("RoutingConfig");
  await api.client.send(update(weigh({ 3: 1 })));
  const cleared = await api.client.send(update({ RoutingConfig: {} }));
  expect(cleared).not.toHaveProperty("RoutingConfig");
});

test("weights are changed under RevisionId as everything else", async () => {
  const created = await api.client.send(
    new CreateAliasCommand({ ...custom, FunctionVersion: "1", ...weigh({ 2: 0.1 }) }),
  );
  const { RevisionId } = created;
  const shifted = await api.client.send(
    new UpdateAliasCommand({ ...custom, ...weigh({ 2: 0.5 }), RevisionId }),
  );
  const late = new UpdateAliasCommand({ ...custom, ...weigh({ 2: 0.9 }), RevisionId });
  expect(await api.refusal(late)).toEqual({
    name: "PreconditionFailedException",
    status: 412,
    message:
      "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
  });
  expect(await sent(api.client.send(new GetAliasCommand(custom)))).toEqual(
    await sent(Promise.resolve(shifted)),
  );
});

test("versions with different roles or dead-letter queues do not share an alias", async () => {
  const share = (version: string) =>
    api.refusal(new CreateAliasCommand({ ...custom, FunctionVersion: "1", ...weigh({ [version]: 0.5 }) }));
  await publish({ Role: `${role}-other` });
  expect(await share("3")).toEqual({
    name: "InvalidParameterValueException",
    status: 400,
    message: "Specified versions must be associated with the same execution role",
  });
  await publish({
    Role: role,
    DeadLetterConfig: { TargetArn: "arn:aws:sqs:us-east-1:000000000000:lost" },
  });
  expect(await share("4")).toMatchObject({
    name: "InvalidParameterValueException",
    message: "Specified versions must be associated with the same dead-letter queue, or with none",
  });
});

test("a list for one version has the aliases that give it a share, and such a version is not deleted", async () => {
  await api.client.send(new CreateAliasCommand({ ...custom, FunctionVersion: "1", ...weigh({ 2: 0.1 }) }));
  for (const FunctionVersion of ["1", "2"]) {
    const { Aliases } = await api.client.send(new ListAliasesCommand({ ...hello, FunctionVersion }));
    expect(Aliases?.map(({ Name }) => Name)).toEqual(["custom"]);
  }
  expect(await api.refusal(new DeleteFunctionCommand({ ...hello, Qualifier: "2" }))).toMatchObject({
    name: "ResourceConflictException",
    status: 409,
  });
});

test("X-Amz-Executed-Version is the version that was drawn, for streams too", async () => {
  await api.client.send(new CreateAliasCommand({ ...custom, FunctionVersion: "1", ...weigh({ 2: 0.3 }) }));
  const requests = 400;
  const byAlias = { ...hello, Qualifier: "custom" };
  const invokes = [
    () => api.client.send(new InvokeCommand(byAlias)),
    () => api.client.send(new InvokeWithResponseStreamCommand(byAlias)),
  ];
  for (const invoke of invokes) {
    const counts: Record<string, number> = { 1: 0, 2: 0 };
    const before = api.invoker.invocations.length;
    for (let request = 0; request < requests; request++) {
      const { ExecutedVersion = "" } = await invoke();
      const { spec, invokedFunctionArn } = api.invoker.last.request;
      expect([spec.version, invokedFunctionArn]).toEqual([ExecutedVersion, `${arn}:custom`]);
      counts[ExecutedVersion]! += 1;
    }
    expect(api.invoker.invocations.length - before).toBe(requests);
    // Never more than 65 draws are owed.
    expect(Math.abs(counts["2"]! - requests * 0.3)).toBeLessThanOrEqual(65);
    expect(counts["1"]! + counts["2"]!).toBe(requests);
  }
});
