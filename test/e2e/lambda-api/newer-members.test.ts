import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  CreateFunctionUrlConfigCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  PublishVersionCommand,
  PutProvisionedConcurrencyConfigCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { definition, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
});
afterEach(() => api.close());

const shown = (FunctionName = "hello") =>
  api.client.send(new GetFunctionConfigurationCommand({ FunctionName }));
async function update(input: Partial<UpdateFunctionConfigurationCommandInput>) {
  const command = new UpdateFunctionConfigurationCommand({ FunctionName: "hello", ...input });
  const answer = await api.client.send(command);
  await api.settled();
  return answer;
}
const invalid = (message: string) => ({ name: "InvalidParameterValueException", status: 400, message });
const LogGroup = "/aws/lambda/hello";
const json = (more: object = {}) => ({
  LogFormat: "JSON",
  ApplicationLogLevel: "INFO",
  SystemLogLevel: "INFO",
  LogGroup,
  ...more,
});

test("recorded: JSON logging begins at INFO, is merged, and goes with its levels", async () => {
  await api.createActive({ LoggingConfig: { LogFormat: "JSON" } });
  expect((await shown()).LoggingConfig).toEqual(json());
  for (const [given, wanted] of [
    [{ LogGroup: "cool_lambda" }, json({ LogGroup: "cool_lambda" })],
    [{ LogGroup }, json()],
    [{ LogFormat: "Text" }, { LogFormat: "Text", LogGroup }],
    [{ LogFormat: "JSON", ApplicationLogLevel: "DEBUG" }, json({ ApplicationLogLevel: "DEBUG" })],
    [{ SystemLogLevel: "WARN" }, json({ ApplicationLogLevel: "DEBUG", SystemLogLevel: "WARN" })],
    [{ LogFormat: "Text" }, { LogFormat: "Text", LogGroup }],
    [{ LogFormat: "JSON", SystemLogLevel: "DEBUG" }, json({ SystemLogLevel: "DEBUG" })],
  ] as const) {
    expect((await update({ LoggingConfig: given })).LoggingConfig).toEqual(wanted);
    expect((await shown()).LoggingConfig).toEqual(wanted);
  }
  const text = new UpdateFunctionConfigurationCommand({
    FunctionName: "hello",
    LoggingConfig: { LogFormat: "Text", ApplicationLogLevel: "DEBUG" },
  });
  expect(await api.refusal(text)).toEqual(
    invalid(
      'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the LogFormat to "JSON" and try again.',
    ),
  );
});

test("recorded: a VPC that is taken back is shown as none; one that was never given is not shown", async () => {
  await api.createActive();
  expect(await shown()).not.toHaveProperty("VpcConfig");
  const none = { SubnetIds: [], SecurityGroupIds: [], VpcId: "", Ipv6AllowedForDualStack: false };
  expect((await update({ VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } })).VpcConfig).toEqual(none);
  expect((await update({ Description: "other" })).VpcConfig).toEqual(none);
  const subnet = new UpdateFunctionConfigurationCommand({
    FunctionName: "hello",
    VpcConfig: { SubnetIds: ["subnet-1"] },
  });
  expect(await api.refusal(subnet)).toEqual(
    invalid(
      "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'subnet-1' does not exist",
    ),
  );
  const badSubnet = new UpdateFunctionConfigurationCommand({
    FunctionName: "hello",
    VpcConfig: { SubnetIds: ["bad"] },
  });
  expect(await api.refusal(badSubnet)).toEqual({
    name: "ValidationException",
    status: 400,
    message:
      "1 validation error detected: Value '[bad]' at 'vpcConfig.subnetIds' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: subnet-[0-9a-z]*]",
  });
});

const provider = "arn:aws:lambda:us-east-1:000000000000:capacity-provider:mine";
const refused: readonly (readonly [Partial<CreateFunctionCommandInput>, string])[] = [
  [
    { PublishTo: "LATEST_PUBLISHED" },
    "PublishTo LATEST_PUBLISHED: it is of functions with a capacity provider",
  ],
  [
    { DurableConfig: { KMSKeyArn: "arn:aws:kms:us-east-1:000000000000:key/mine" } },
    "KMSKeyArn: there is no KMS, what is stored is sealed under the server's master key",
  ],
  [{ ImageConfig: { Command: ["run"] } }, "ImageConfig: there are no container images"],
  [
    {
      FileSystemConfigs: [
        {
          Arn: "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-01234567890123456",
          LocalMountPath: "/mnt/files",
        },
      ],
    },
    "FileSystemConfigs: there are no file systems to mount",
  ],
];

test.each(refused)("%j is refused, and says why", async (more, reason) => {
  expect(await api.refusal(new CreateFunctionCommand(definition(more)))).toEqual(
    invalid(`Brisk does not support ${reason}`),
  );
});

test("what is refused is checked first, by the model's constraints", async () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ PublishTo: "ELSEWHERE" }, "Value 'ELSEWHERE' at 'publishTo'"],
    [{ DurableConfig: { RetentionPeriodInDays: 91 } }, "Value '91' at 'durableConfig.retentionPeriodInDays'"],
    [{ TenancyConfig: {} }, "Value null at 'tenancyConfig.tenantIsolationMode'"],
    [
      {
        CapacityProviderConfig: {
          LambdaManagedInstancesCapacityProviderConfig: { CapacityProviderArn: "x" },
        },
      },
      "Value 'x' at 'capacityProviderConfig.lambdaManagedInstancesCapacityProviderConfig.capacityProviderArn'",
    ],
    [
      { FileSystemConfigs: [{ Arn: "x", LocalMountPath: "/mnt/x" }] },
      "Value 'x' at 'fileSystemConfigs.1.member.arn'",
    ],
  ];
  for (const [more, start] of cases) {
    const { name, message } = await api.refusal(new CreateFunctionCommand(definition(more)));
    expect([name, message]).toEqual([
      "ValidationException",
      expect.stringContaining(`1 validation error detected: ${start} failed to satisfy constraint: `),
    ]);
  }
});

test("a capacity provider is looked for, and is not there", async () => {
  const managed = { LambdaManagedInstancesCapacityProviderConfig: { CapacityProviderArn: provider } };
  const create = new CreateFunctionCommand(definition({ CapacityProviderConfig: managed }));
  expect(await api.refusal(create)).toEqual({
    name: "ResourceNotFoundException",
    status: 404,
    message: `Capacity provider not found: ${provider}`,
  });
});

test("durable settings are kept and shown, and an update replaces them whole", async () => {
  const given = { ExecutionTimeout: 60, RetentionPeriodInDays: 3 };
  await api.createActive({ DurableConfig: given });
  expect((await shown()).DurableConfig).toEqual(given);
  expect((await update({ Description: "other" })).DurableConfig).toEqual(given);
  expect((await update({ DurableConfig: { ExecutionTimeout: 5 } })).DurableConfig).toEqual({
    ExecutionTimeout: 5,
  });
});

test("tenant isolation is kept and shown, and goes with nothing that shares environments", async () => {
  const TenancyConfig = { TenantIsolationMode: "PER_TENANT" } as const;
  await api.createActive({ TenancyConfig, Publish: true });
  expect((await shown()).TenancyConfig).toEqual(TenancyConfig);
  const unsupported = (what: string) =>
    invalid(`${what} is not supported for functions with tenant isolation mode.`);
  const FunctionName = "hello";
  const Qualifier = "1";
  const snapStart = new UpdateFunctionConfigurationCommand({
    FunctionName,
    SnapStart: { ApplyOn: "PublishedVersions" },
  });
  expect(await api.refusal(snapStart)).toEqual(unsupported("SnapStart"));
  const url = new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: "NONE" });
  expect(await api.refusal(url)).toEqual(unsupported("A function URL"));
  const provisioned = { FunctionName, Qualifier, ProvisionedConcurrentExecutions: 1 };
  expect(await api.refusal(new PutProvisionedConcurrencyConfigCommand(provisioned))).toEqual(
    unsupported("Provisioned concurrency"),
  );
  const EventSourceArn = "arn:aws:sqs:us-east-1:000000000000:queue";
  expect(await api.refusal(new CreateEventSourceMappingCommand({ FunctionName, EventSourceArn }))).toEqual(
    unsupported("An event source mapping"),
  );
});

test("an invocation that counts on a durable execution, or on tenants where there are none, is refused", async () => {
  await api.createActive();
  const input = { FunctionName: "hello" };
  expect(await api.refusal(new InvokeCommand({ ...input, DurableExecutionName: "order-1" }))).toEqual(
    invalid("Brisk does not support DurableExecutionName: there are no durable executions"),
  );
  const tenant = invalid(
    "The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and try again.",
  );
  expect(await api.refusal(new InvokeCommand({ ...input, TenantId: "blue" }))).toEqual(tenant);
  expect(await api.refusal(new InvokeWithResponseStreamCommand({ ...input, TenantId: "blue" }))).toEqual(
    tenant,
  );
});

test("versions for managed instances are refused wherever they are asked for", async () => {
  await api.createActive();
  const message =
    "Brisk does not support PublishTo LATEST_PUBLISHED: it is of functions with a capacity provider";
  const input = { FunctionName: "hello", PublishTo: "LATEST_PUBLISHED" } as const;
  expect(await api.refusal(new PublishVersionCommand(input))).toEqual(invalid(message));
  const code = new UpdateFunctionCodeCommand({ ...input, ZipFile: Buffer.from("zip") });
  expect(await api.refusal(code)).toEqual(invalid(message));
});
