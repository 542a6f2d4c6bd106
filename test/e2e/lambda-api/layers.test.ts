import { createHash } from "node:crypto";
import {
  AddLayerVersionPermissionCommand,
  type AddLayerVersionPermissionCommandInput,
  DeleteLayerVersionCommand,
  GetAccountSettingsCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  ListLayersCommand,
  type ListLayersCommandInput,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  type PublishLayerVersionCommandInput,
  paginateListLayers,
  paginateListLayerVersions,
  RemoveLayerVersionPermissionCommand,
  type RemoveLayerVersionPermissionCommandInput,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
});
afterEach(() => api.close());

const arn = "arn:aws:lambda:us-east-1:000000000000:layer:tools";
const zip = Buffer.from("layer one");
const missing = {
  name: "ResourceNotFoundException",
  status: 404,
  message: "The resource you requested does not exist.",
};
const belowOne = {
  name: "InvalidParameterValueException",
  status: 400,
  message: "Layer Version Cannot be less than 1",
};
const missingVersion = (of: string) => ({
  name: "ResourceNotFoundException",
  status: 404,
  message: `Layer version ${of} does not exist.`,
});

const publishing = (more: Partial<PublishLayerVersionCommandInput> = {}) =>
  new PublishLayerVersionCommand({ LayerName: "tools", Content: { ZipFile: zip }, ...more });
const getting = (VersionNumber: number, LayerName = "tools") =>
  new GetLayerVersionCommand({ LayerName, VersionNumber });
const deleting = (VersionNumber: number, LayerName = "tools") =>
  new DeleteLayerVersionCommand({ LayerName, VersionNumber });
const listingVersions = (LayerName = "tools") => new ListLayerVersionsCommand({ LayerName });
const body = <T extends { $metadata: { httpStatusCode?: number } }>({ $metadata, ...rest }: T) => {
  return { status: $metadata.httpStatusCode, ...rest };
};
const publish = async (more?: Partial<PublishLayerVersionCommandInput>) =>
  (await api.client.send(publishing(more))).LayerVersionArn;
const versions = async (LayerName = "tools") =>
  (await api.client.send(listingVersions(LayerName))).LayerVersions?.map(({ Version }) => Version);

test("recorded: a layer's versions are published, shown, listed newest first, and deleted; no number is given twice", async () => {
  const CompatibleRuntimes = ["nodejs22.x", "python3.12"] as const;
  const given = {
    Description: "some tools",
    LicenseInfo: "MIT",
    CompatibleRuntimes: [...CompatibleRuntimes],
  };
  const published = await api.client.send(publishing({ ...given, CompatibleArchitectures: ["x86_64"] }));
  const listed = {
    LayerVersionArn: `${arn}:1`,
    Version: 1,
    Description: "some tools",
    CreatedDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
    CompatibleRuntimes,
    CompatibleArchitectures: ["x86_64"],
    LicenseInfo: "MIT",
  };
  const Content = {
    CodeSha256: createHash("sha256").update(zip).digest("base64"),
    CodeSize: zip.byteLength,
    Location: expect.stringContaining(`${api.origin}/_brisk/code/`),
  };
  const shown = { ...listed, LayerArn: arn, Content };
  expect(body(published)).toEqual({ status: 201, ...shown });
  expect(await (await fetch(published.Content?.Location ?? "")).text()).toBe("layer one");
  // The same again is a new version all the same.
  expect(await publish(given)).toBe(`${arn}:2`);

  expect(body(await api.client.send(getting(1)))).toEqual({ status: 200, ...shown });
  expect(body(await api.client.send(getting(1, arn)))).toEqual({ status: 200, ...shown });
  const byArn = await api.client.send(new GetLayerVersionByArnCommand({ Arn: `${arn}:1` }));
  expect(body(byArn)).toEqual({ status: 200, ...shown });
  const { CompatibleArchitectures: _, ...second } = { ...listed, Version: 2, LayerVersionArn: `${arn}:2` };
  expect(body(await api.client.send(listingVersions()))).toEqual({
    status: 200,
    LayerVersions: [second, listed],
  });
  expect(body(await api.client.send(new ListLayersCommand({})))).toEqual({
    status: 200,
    Layers: [{ LayerName: "tools", LayerArn: arn, LatestMatchingVersion: second }],
  });

  for (const version of [1, 2]) {
    expect(body(await api.client.send(deleting(version)))).toEqual({ status: 204 });
  }
  expect(await versions()).toEqual([]);
  expect(body(await api.client.send(new ListLayersCommand({})))).toEqual({ status: 200, Layers: [] });
  expect(await publish()).toBe(`${arn}:3`);
});

test("recorded: lists of compatible runtimes and architectures are shown as they were given, empty or not at all", async () => {
  const empty = await api.client.send(publishing({ CompatibleRuntimes: [], CompatibleArchitectures: [] }));
  expect(empty).toMatchObject({ CompatibleRuntimes: [], CompatibleArchitectures: [], Description: "" });
  const bare = await api.client.send(publishing());
  expect(Object.keys(bare).sort()).toEqual(
    ["$metadata", "Content", "CreatedDate", "Description", "LayerArn", "LayerVersionArn", "Version"].sort(),
  );
});

test("recorded: what does not exist", async () => {
  await publish();
  expect(body(await api.client.send(listingVersions("no")))).toEqual({ status: 200, LayerVersions: [] });
  expect(await api.refusal(getting(1, "no"))).toEqual(missing);
  expect(await api.refusal(getting(2))).toEqual(missing);
  expect(await api.refusal(new GetLayerVersionByArnCommand({ Arn: `${arn}:2` }))).toEqual(missing);
  for (const version of [-1, 0]) {
    expect(await api.refusal(getting(version))).toEqual(belowOne);
    expect(await api.refusal(deleting(version))).toEqual(belowOne);
  }
  for (const absent of [deleting(1, "no"), deleting(2), deleting(1), deleting(1)]) {
    expect(body(await api.client.send(absent))).toEqual({ status: 204 });
  }
});

test("recorded: names, runtimes and architectures that are none", async () => {
  const invalid = (message: string) => ({ name: "ValidationException", status: 400, message });
  const runtimes =
    "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2";
  for (const [CompatibleRuntimes, CompatibleArchitectures] of [
    [["invalidruntime"], ["invalidarch"]],
    [
      ["invalidruntime", "invalidruntime2", "nodejs20.x"],
      ["invalidarch", "x86_64"],
    ],
  ]) {
    const command = publishing({ CompatibleRuntimes, CompatibleArchitectures } as object);
    expect(await api.refusal(command)).toEqual(
      invalid(
        `2 validation errors detected: Value '[${CompatibleRuntimes?.join(", ")}]' at 'compatibleRuntimes' failed to satisfy constraint: Member must satisfy enum value set: [${runtimes}]; Value '[${CompatibleArchitectures?.join(", ")}]' at 'compatibleArchitectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]`,
      ),
    );
  }
  const listing = (input: object) => new ListLayersCommand(input as ListLayersCommandInput);
  const runtime = await api.refusal(listing({ CompatibleRuntime: "runtimedoesnotexist" }));
  expect(runtime.message).toMatch(
    /^1 validation error detected: Value 'runtimedoesnotexist' at 'compatibleRuntime' failed to satisfy constraint: Member must satisfy enum value set: \[ruby3\.5, ruby2\.6, .*, python3\.6, python2\.7\]$/,
  );
  expect(await api.refusal(listing({ CompatibleArchitecture: "archdoesnotexist" }))).toEqual(
    invalid(
      "1 validation error detected: Value 'archdoesnotexist' at 'compatibleArchitecture' failed to satisfy constraint: Member must satisfy enum value set: [x86_64, arm64]",
    ),
  );
  // An ARN without a version.
  expect(await api.refusal(new GetLayerVersionByArnCommand({ Arn: arn }))).toEqual(
    invalid(
      `1 validation error detected: Value '${arn}' at 'arn' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)`,
    ),
  );
  const all = [
    "nodejs24.x",
    "nodejs12.x",
    "java8",
    "go1.x",
    "ruby2.7",
    "provided",
    "python3.7",
    "dotnetcore3.1",
  ];
  expect(await publish({ CompatibleRuntimes: all } as object)).toBe(`${arn}:1`);
});

test("content has to be a zip of at most 50 MB, and none of it comes from S3", async () => {
  const refused = async (Content: PublishLayerVersionCommandInput["Content"]) =>
    api.refusal(publishing({ Content }));
  expect(await refused({ ZipFile: Buffer.from("broken") })).toMatchObject({
    name: "InvalidParameterValueException",
    message: "Could not unzip uploaded file. Please check your file, then try to upload again.",
  });
  expect(await refused({ ZipFile: Buffer.alloc(0) })).toMatchObject({
    message: "Uploaded file must be a non-empty zip",
  });
  expect(await refused({})).toMatchObject({ message: "Please provide a source for layer content." });
  expect(await refused({ S3Bucket: "bucket", S3Key: "key" })).toMatchObject({
    message:
      "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist",
  });
  expect(await refused({ ZipFile: Buffer.alloc(52_428_801) })).toEqual({
    name: "RequestEntityTooLargeException",
    status: 413,
    message: "Zipped size must be smaller than 52428800 bytes",
  });
  expect(await versions()).toEqual([]);
  // Nothing of what was refused is kept.
  expect(await api.store.listBlobs()).toEqual([]);
});

test("lists show what is compatible with a runtime and an architecture, and for layers the newest that is", async () => {
  await publish({ CompatibleRuntimes: ["nodejs22.x"], CompatibleArchitectures: ["x86_64", "arm64"] });
  await publish({ CompatibleRuntimes: ["nodejs24.x"], CompatibleArchitectures: ["arm64"] });
  await publish({ LayerName: "plain" });
  const layers = async (filter: ListLayersCommandInput) =>
    (await api.client.send(new ListLayersCommand(filter))).Layers?.map(
      ({ LatestMatchingVersion }) => LatestMatchingVersion?.LayerVersionArn,
    );
  expect(await layers({})).toEqual([`${arn.replace("tools", "plain")}:1`, `${arn}:2`]);
  expect(await layers({ CompatibleRuntime: "nodejs22.x" })).toEqual([`${arn}:1`]);
  expect(await layers({ CompatibleArchitecture: "arm64" })).toEqual([`${arn}:2`]);
  expect(await layers({ CompatibleRuntime: "nodejs24.x", CompatibleArchitecture: "x86_64" })).toEqual([]);
  const command = new ListLayerVersionsCommand({ LayerName: "tools", CompatibleArchitecture: "x86_64" });
  expect((await api.client.send(command)).LayerVersions?.map(({ Version }) => Version)).toEqual([1]);
});

test("lists come in pages", async () => {
  for (let n = 0; n < 12; n++) await publish();
  for (const LayerName of ["a", "b", "c"]) await publish({ LayerName });
  const found: unknown[] = [];
  const paged = { client: api.client, pageSize: 5 };
  for await (const { LayerVersions } of paginateListLayerVersions(paged, { LayerName: "tools" })) {
    expect(LayerVersions?.length).toBeLessThanOrEqual(5);
    found.push(...(LayerVersions ?? []).map(({ Version }) => Version));
  }
  expect(found).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  const names: unknown[] = [];
  for await (const { Layers } of paginateListLayers({ ...paged, pageSize: 3 }, {})) {
    names.push(...(Layers ?? []).map(({ LayerName }) => LayerName));
  }
  expect(names).toEqual(["a", "b", "c", "tools"]);
});

const permission = (more: Partial<AddLayerVersionPermissionCommandInput> = {}) =>
  new AddLayerVersionPermissionCommand({
    LayerName: "tools",
    VersionNumber: 1,
    StatementId: "s1",
    Action: "lambda:GetLayerVersion",
    Principal: "*",
    ...more,
  });
const policyOf = (VersionNumber = 1, LayerName = "tools") =>
  new GetLayerVersionPolicyCommand({ LayerName, VersionNumber });
const removal = (more: Partial<RemoveLayerVersionPermissionCommandInput> = {}) =>
  new RemoveLayerVersionPermissionCommand({
    LayerName: "tools",
    VersionNumber: 1,
    StatementId: "s1",
    ...more,
  });

test("recorded: the policy of a layer version", async () => {
  await publish();
  const statement = (Sid: string, more: object = {}) => ({
    Sid,
    Effect: "Allow",
    Principal: "*",
    Action: "lambda:GetLayerVersion",
    Resource: `${arn}:1`,
    ...more,
  });
  const document = async () => {
    const { Policy = "", RevisionId } = await api.client.send(policyOf());
    return { policy: JSON.parse(Policy), RevisionId };
  };
  const first = await api.client.send(permission());
  expect(first.$metadata.httpStatusCode).toBe(201);
  expect(first.Statement).toBe(JSON.stringify(statement("s1")));
  expect(await document()).toEqual({
    policy: { Version: "2012-10-17", Id: "default", Statement: [statement("s1")] },
    RevisionId: first.RevisionId,
  });
  const second = await api.client.send(permission({ StatementId: "s2", RevisionId: first.RevisionId }));
  expect(second.RevisionId).not.toBe(first.RevisionId);
  const account = await api.client.send(permission({ StatementId: "s3", Principal: "111111111111" }));
  const Principal = { AWS: "arn:aws:iam::111111111111:root" };
  expect(JSON.parse(account.Statement ?? "")).toEqual(statement("s3", { Principal }));
  const organization = await api.client.send(
    permission({ StatementId: "s4", OrganizationId: "o-0123456789" }),
  );
  const Condition = { StringEquals: { "aws:PrincipalOrgID": "o-0123456789" } };
  expect(JSON.parse(organization.Statement ?? "")).toEqual(statement("s4", { Condition }));

  const { RevisionId } = organization;
  const removed = await api.client.send(removal({ StatementId: "s2", RevisionId }));
  expect(removed.$metadata.httpStatusCode).toBe(204);
  const after = await document();
  expect(after.policy.Statement.map(({ Sid }: { Sid: string }) => Sid)).toEqual(["s1", "s3", "s4"]);
  expect(after.RevisionId).not.toBe(RevisionId);
  for (const StatementId of ["s1", "s3", "s4"]) await api.client.send(removal({ StatementId }));
  expect(await api.refusal(policyOf())).toMatchObject({ status: 404 });
});

test("recorded: what is refused of a layer version's policy", async () => {
  await publish();
  expect(await api.refusal(policyOf())).toEqual({
    name: "ResourceNotFoundException",
    status: 404,
    message: "No policy is associated with the given resource.",
  });
  await api.client.send(permission());
  expect(await api.refusal(permission({ Action: "*", StatementId: "s2" }))).toEqual({
    name: "ValidationException",
    status: 400,
    message:
      "1 validation error detected: Value '*' at 'action' failed to satisfy constraint: Member must satisfy regular expression pattern: lambda:GetLayerVersion",
  });
  expect(await api.refusal(permission())).toEqual({
    name: "ResourceConflictException",
    status: 409,
    message:
      "The statement id (s1) provided already exists. Please provide a new statement id, or remove the existing statement.",
  });
  const stale = {
    name: "PreconditionFailedException",
    status: 412,
    message:
      "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id",
  };
  expect(await api.refusal(permission({ StatementId: "s2", RevisionId: "wrong" }))).toEqual(stale);
  expect(await api.refusal(removal({ RevisionId: "wrong" }))).toEqual(stale);
  expect(await api.refusal(removal({ StatementId: "doesnotexist" }))).toEqual({
    name: "ResourceNotFoundException",
    status: 404,
    message: "Statement doesnotexist is not found in resource policy.",
  });
  for (const [LayerName, VersionNumber] of [["no", 1] as const, ["tools", 2] as const]) {
    const absent = missingVersion(`${arn.replace("tools", LayerName)}:${VersionNumber}`);
    expect(await api.refusal(permission({ LayerName, VersionNumber }))).toEqual(absent);
    expect(await api.refusal(policyOf(VersionNumber, LayerName))).toEqual(absent);
    expect(await api.refusal(removal({ LayerName, VersionNumber }))).toEqual(absent);
  }
  expect(
    await api.refusal(
      permission({ StatementId: "s2", Principal: "111111111111", OrganizationId: "o-0123456789" }),
    ),
  ).toMatchObject({ name: "InvalidParameterValueException", status: 400 });
});

test("a policy goes with its layer version", async () => {
  await publish();
  await api.client.send(permission());
  await api.client.send(deleting(1));
  expect(await api.refusal(policyOf())).toEqual(missingVersion(`${arn}:1`));
});

test("layers of other accounts and regions are not here", async () => {
  const other = "arn:aws:lambda:us-east-1:999999999999:layer:tools";
  const denied = (action: string, resource: string) => ({
    name: "AccessDeniedException",
    status: 403,
    message: `User: arn:aws:iam::000000000000:root is not authorized to perform: lambda:${action} on resource: ${resource} because no resource-based policy allows the lambda:${action} action`,
  });
  expect(await api.refusal(getting(1, other))).toEqual(denied("GetLayerVersion", `${other}:1`));
  expect(await api.refusal(new GetLayerVersionByArnCommand({ Arn: `${other}:1` }))).toEqual(
    denied("GetLayerVersion", `${other}:1`),
  );
  expect(await api.refusal(listingVersions(other))).toEqual(denied("ListLayerVersions", other));
  expect(await api.refusal(publishing({ LayerName: other }))).toEqual(denied("PublishLayerVersion", other));
  expect(await api.refusal(getting(1, arn.replace("us-east-1", "eu-west-1")))).toMatchObject({
    name: "InvalidParameterValueException",
    status: 400,
  });
  const own = "arn:aws:lambda:::awslayer:AmazonLinux2";
  expect(await api.refusal(new GetLayerVersionByArnCommand({ Arn: own }))).toEqual(missing);
});

test("layers count as stored code, and what nobody has any more goes", async () => {
  const used = async () =>
    (await api.client.send(new GetAccountSettingsCommand({}))).AccountUsage?.TotalCodeSize;
  await publish();
  await publish();
  expect(await used()).toBe(2 * zip.byteLength);
  expect(await api.store.listBlobs()).toHaveLength(1);
  await api.client.send(deleting(1));
  expect(await api.store.listBlobs()).toHaveLength(1);
  await api.client.send(deleting(2));
  expect(await used()).toBe(0);
  await api.functions.close();
  expect(await api.store.listBlobs()).toEqual([]);
});
