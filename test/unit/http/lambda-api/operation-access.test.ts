import { expect, test } from "vitest";
import { operations } from "../../../../src/http/lambda-api/index.ts";
import { accessesOf } from "../../../../src/http/lambda-api/operation-access.ts";

const scope = { region: "us-east-1", accountId: "000000000000" };
const lambda = (rest: string) => `arn:aws:lambda:us-east-1:000000000000:${rest}`;
const config = lambda("code-signing-config:csc-00000000000000000");
const role = "arn:aws:iam::000000000000:role/worker";

/** A value for each member that a request may name something by. */
const members: Readonly<Record<string, unknown>> = {
  FunctionName: "hello",
  Qualifier: "live",
  Name: "live",
  LayerName: "tools",
  VersionNumber: 3,
  UUID: "0F0F0F0F-0000-4000-8000-000000000000",
  CodeSigningConfigArn: config,
  Resource: lambda("function:hello"),
  Arn: lambda("layer:tools:3"),
};

function asked(name: string, input: Readonly<Record<string, unknown>> = members): string[] {
  const operation = operations.find((one) => one.name === name);
  if (operation === undefined) throw new Error(`There is no operation ${name}`);
  const own = [...operation.uriMembers, ...operation.queryMembers, ...operation.bodyMembers];
  const given = Object.fromEntries(Object.entries(input).filter(([member]) => own.includes(member)));
  return accessesOf(operation, given, scope, () => undefined).map(
    ({ action, resource }) => `${action} ${resource}`,
  );
}

/** By what AWS's Service Authorization Reference has them act on. */
const resources: Readonly<Record<string, readonly string[]>> = {
  "*": [
    "ListFunctions",
    "ListLayers",
    "CreateEventSourceMapping",
    "ListEventSourceMappings",
    "CreateCodeSigningConfig",
    "ListCodeSigningConfigs",
    "GetAccountSettings",
  ],
  [lambda("function:hello:live")]: [
    "GetFunction",
    "GetFunctionConfiguration",
    "DeleteFunction",
    "CreateFunctionUrlConfig",
    "GetFunctionUrlConfig",
    "UpdateFunctionUrlConfig",
    "DeleteFunctionUrlConfig",
    "AddPermission",
    "GetPolicy",
    "RemovePermission",
    "PutProvisionedConcurrencyConfig",
    "GetProvisionedConcurrencyConfig",
    "DeleteProvisionedConcurrencyConfig",
    "PutFunctionEventInvokeConfig",
    "UpdateFunctionEventInvokeConfig",
    "GetFunctionEventInvokeConfig",
    "DeleteFunctionEventInvokeConfig",
    "PutRuntimeManagementConfig",
    "GetRuntimeManagementConfig",
  ],
  [lambda("function:hello")]: [
    "CreateFunction",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
    "PublishVersion",
    "ListVersionsByFunction",
    "CreateAlias",
    "GetAlias",
    "UpdateAlias",
    "DeleteAlias",
    "ListAliases",
    "ListFunctionUrlConfigs",
    "TagResource",
    "UntagResource",
    "ListTags",
    "PutFunctionConcurrency",
    "GetFunctionConcurrency",
    "DeleteFunctionConcurrency",
    "ListProvisionedConcurrencyConfigs",
    "ListFunctionEventInvokeConfigs",
    "PutFunctionRecursionConfig",
    "GetFunctionRecursionConfig",
    "PutFunctionCodeSigningConfig",
    "GetFunctionCodeSigningConfig",
    "DeleteFunctionCodeSigningConfig",
  ],
  [lambda("layer:tools")]: ["PublishLayerVersion", "ListLayerVersions"],
  [lambda("layer:tools:3")]: [
    "GetLayerVersion",
    "DeleteLayerVersion",
    "AddLayerVersionPermission",
    "GetLayerVersionPolicy",
    "RemoveLayerVersionPermission",
  ],
  [lambda("event-source-mapping:0f0f0f0f-0000-4000-8000-000000000000")]: [
    "GetEventSourceMapping",
    "UpdateEventSourceMapping",
    "DeleteEventSourceMapping",
  ],
  [config]: [
    "GetCodeSigningConfig",
    "UpdateCodeSigningConfig",
    "DeleteCodeSigningConfig",
    "ListFunctionsByCodeSigningConfig",
  ],
};

const rows = Object.entries(resources).flatMap(([resource, names]) =>
  names.map((name) => [name, resource] as const),
);

test.each(rows)("%s acts on %s", (name, resource) => {
  expect(asked(name)[0]).toBe(`lambda:${name} ${resource}`);
});

test("every operation of the table says what it acts on", () => {
  expect(
    rows
      .map(([name]) => name)
      .concat("GetLayerVersionByArn")
      .toSorted(),
  ).toEqual(operations.map(({ name }) => name).toSorted());
});

test("some operations need more than one leave", () => {
  expect(asked("GetLayerVersionByArn")).toEqual([`lambda:GetLayerVersion ${lambda("layer:tools:3")}`]);
  expect(asked("PutFunctionCodeSigningConfig")).toEqual([
    `lambda:PutFunctionCodeSigningConfig ${lambda("function:hello")}`,
    `lambda:PutFunctionCodeSigningConfig ${config}`,
  ]);
  const given = { ...members, Role: role, Layers: [lambda("layer:a:1"), lambda("layer:b:2")] };
  expect(asked("CreateFunction", given).slice(1)).toEqual([
    `lambda:GetLayerVersion ${lambda("layer:a:1")}`,
    `lambda:GetLayerVersion ${lambda("layer:b:2")}`,
    `iam:PassRole ${role}`,
  ]);
});

test("whoever makes a thing with tags has to be allowed to tag it", () => {
  const Tags = { Team: "blue" };
  const more = (name: string, tags: object) => asked(name, { ...members, Tags: tags }).slice(1);
  expect(more("CreateFunction", Tags)).toEqual([`lambda:TagResource ${lambda("function:hello")}`]);
  expect(more("CreateEventSourceMapping", Tags)).toEqual([
    `lambda:TagResource ${lambda("event-source-mapping:*")}`,
  ]);
  expect(more("CreateCodeSigningConfig", Tags)).toEqual([
    `lambda:TagResource ${lambda("code-signing-config:*")}`,
  ]);
  for (const name of ["CreateFunction", "CreateEventSourceMapping", "CreateCodeSigningConfig"]) {
    expect(more(name, {})).toEqual([]);
  }
  expect(more("TagResource", Tags)).toEqual([]);
});

test("one thing has one spelling, however a request names it", () => {
  for (const FunctionName of [
    "hello",
    "function:hello",
    "000000000000:function:hello",
    lambda("function:hello"),
    "arn:aws-cn:lambda:us-east-1:000000000000:function:hello",
  ]) {
    expect(asked("GetFunction", { FunctionName })).toEqual([
      `lambda:GetFunction ${lambda("function:hello")}`,
    ]);
    // A qualifier that the operation does not look at gives nobody another function's rights.
    expect(asked("UpdateFunctionCode", { FunctionName: `${FunctionName}:live` })).toEqual([
      `lambda:UpdateFunctionCode ${lambda("function:hello")}`,
    ]);
  }
  expect(asked("GetFunction", { FunctionName: "hello:live" })).toEqual([
    `lambda:GetFunction ${lambda("function:hello:live")}`,
  ]);
  for (const LayerName of [
    "tools",
    lambda("layer:tools"),
    "arn:aws-cn:lambda:us-east-1:000000000000:layer:tools",
  ]) {
    expect(asked("PublishLayerVersion", { LayerName })).toEqual([
      `lambda:PublishLayerVersion ${lambda("layer:tools")}`,
    ]);
  }
  expect(asked("ListTags", { Resource: config.replace("arn:aws:", "arn:aws-cn:") })).toEqual([
    `lambda:ListTags ${config}`,
  ]);
});

test("what a request brings is there for conditions", () => {
  const contextOf = (name: string, input: object) => {
    const operation = operations.find((one) => one.name === name);
    const [access] = accessesOf(operation!, { ...input }, scope, () => undefined);
    return Object.fromEntries(
      Object.entries(access?.context ?? {}).filter(([, value]) => value !== undefined),
    );
  };
  expect(
    contextOf("AddPermission", { FunctionName: "hello", Principal: "*", FunctionUrlAuthType: "NONE" }),
  ).toEqual({
    "lambda:principal": "*",
    "lambda:functionurlauthtype": "NONE",
  });
  expect(contextOf("CreateFunctionUrlConfig", { FunctionName: "hello", AuthType: "AWS_IAM" })).toEqual({
    "lambda:functionurlauthtype": "AWS_IAM",
    "lambda:functionarn": lambda("function:hello"),
  });
  expect(contextOf("CreateEventSourceMapping", { FunctionName: "hello:live" })).toEqual({
    "lambda:functionarn": lambda("function:hello"),
  });
  expect(contextOf("TagResource", { Resource: lambda("function:hello"), Tags: { "A b": "c" } })).toEqual({
    "aws:requesttag/a b": "c",
    "aws:tagkeys": ["A b"],
  });
  expect(contextOf("UntagResource", { Resource: lambda("function:hello"), TagKeys: ["a"] })).toEqual({
    "aws:tagkeys": ["a"],
  });
  expect(
    contextOf("CreateFunction", { FunctionName: "hello", Layers: ["l"], VpcConfig: { SubnetIds: ["s"] } }),
  ).toEqual({
    "lambda:layer": ["l"],
    "lambda:subnetids": ["s"],
  });
});

test("an event source mapping is its function's, and whoever moves it needs both functions", () => {
  const UUID = members["UUID"] as string;
  const functionsOf = (name: string, more: object = {}) => {
    const operation = operations.find((one) => one.name === name);
    const input = { UUID, ...more };
    return accessesOf(operation!, input, scope, (uuid) => (uuid === UUID ? "hello" : undefined)).map(
      ({ context }) => context?.["lambda:functionarn"],
    );
  };
  const hello = lambda("function:hello");
  for (const name of ["GetEventSourceMapping", "UpdateEventSourceMapping", "DeleteEventSourceMapping"]) {
    expect(functionsOf(name)).toEqual([hello]);
    expect(functionsOf(name, { UUID: "another" })).toEqual([undefined]);
  }
  expect(functionsOf("UpdateEventSourceMapping", { FunctionName: "other" })).toEqual([
    lambda("function:other"),
    hello,
  ]);
});
