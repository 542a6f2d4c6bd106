/** One command of the AWS CLI: an operation, its options, and what its answer has. */
export interface Step {
  readonly operation: string;
  /** Without the dashes; a flag has the value "". */
  readonly options: Readonly<Record<string, string>>;
  readonly shows?: object;
}

export interface CliFixtures {
  /** Files for `fileb://`. */
  readonly functionZip: string;
  readonly layerZip: string;
  readonly payload: string;
  /** Where an invocation's answer goes. */
  readonly outFile: string;
}

/** Values that answers gave, for later steps. */
export interface Made {
  codeSigningConfigArn: string;
  mappingUuid: string;
}

const name = { "function-name": "hello" };
const arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
const layerArn = "arn:aws:lambda:us-east-1:000000000000:layer:tools";
const layer = { "layer-name": "tools", "version-number": "1" };
const publishers =
  "SigningProfileVersionArns=arn:aws:signer:us-east-1:000000000000:/signing-profiles/any/abcdef";

const step = (operation: string, options: Step["options"] = {}, shows?: object): Step => ({
  operation,
  options,
  ...(shows !== undefined && { shows }),
});
const ofFunction = (operation: string, options: Step["options"] = {}, shows?: object): Step =>
  step(operation, { ...name, ...options }, shows);

/**
 * A life of a function, its layer and its settings: every operation once. The steps of a phase need nothing of one
 * another; each phase needs those before.
 */
export const phases: readonly ((made: Made, files: CliFixtures) => readonly Step[])[] = [
  (_, { functionZip, layerZip }) => [
    ofFunction(
      "CreateFunction",
      {
        runtime: "nodejs22.x",
        role: "arn:aws:iam::000000000000:role/any",
        handler: "index.handler",
        "zip-file": `fileb://${functionZip}`,
        environment: "Variables={GREETING=hello}",
        "memory-size": "256",
      },
      { FunctionArn: arn, State: "Pending", MemorySize: 256 },
    ),
    step(
      "PublishLayerVersion",
      { "layer-name": "tools", "zip-file": `fileb://${layerZip}`, "compatible-runtimes": "nodejs22.x" },
      { LayerVersionArn: `${layerArn}:1`, CompatibleRuntimes: ["nodejs22.x"] },
    ),
    step("CreateCodeSigningConfig", { "allowed-publishers": publishers }),
    step("GetAccountSettings", {}, { AccountLimit: { CodeSizeZipped: 52_428_800 } }),
  ],
  ({ codeSigningConfigArn }) => [
    ofFunction("GetFunction", {}, { Configuration: { FunctionName: "hello" } }),
    ofFunction("GetFunctionConfiguration", {}, { Environment: { Variables: { GREETING: "hello" } } }),
    step("ListFunctions", {}, { Functions: [{ FunctionName: "hello" }] }),
    ofFunction("PublishVersion", { description: "one" }, { Version: "1", Description: "one" }),
    ofFunction("PutFunctionRecursionConfig", { "recursive-loop": "Allow" }, { RecursiveLoop: "Allow" }),
    ofFunction(
      "PutFunctionEventInvokeConfig",
      { "maximum-retry-attempts": "1" },
      { MaximumRetryAttempts: 1 },
    ),
    ofFunction("AddPermission", {
      "statement-id": "s",
      action: "lambda:InvokeFunction",
      principal: "s3.amazonaws.com",
    }),
    step("TagResource", { resource: arn, tags: "team=a,stage=test" }),
    ofFunction("CreateFunctionUrlConfig", { "auth-type": "NONE" }, { AuthType: "NONE" }),
    ofFunction(
      "PutFunctionConcurrency",
      { "reserved-concurrent-executions": "5" },
      { ReservedConcurrentExecutions: 5 },
    ),
    ofFunction("PutRuntimeManagementConfig", { "update-runtime-on": "FunctionUpdate" }),
    ofFunction("PutFunctionCodeSigningConfig", { "code-signing-config-arn": codeSigningConfigArn }),
    step("GetCodeSigningConfig", { "code-signing-config-arn": codeSigningConfigArn }),
    step(
      "ListCodeSigningConfigs",
      {},
      { CodeSigningConfigs: [{ CodeSigningConfigArn: codeSigningConfigArn }] },
    ),
    step(
      "CreateEventSourceMapping",
      { ...name, "event-source-arn": "arn:aws:sqs:us-east-1:000000000000:queue", "batch-size": "5" },
      { BatchSize: 5 },
    ),
    step("GetLayerVersion", layer, { Version: 1 }),
    step("GetLayerVersionByArn", { arn: `${layerArn}:1` }, { Version: 1 }),
    step("ListLayers", {}, { Layers: [{ LayerName: "tools" }] }),
    step("ListLayerVersions", { "layer-name": "tools" }, { LayerVersions: [{ Version: 1 }] }),
    step("AddLayerVersionPermission", {
      ...layer,
      "statement-id": "s",
      action: "lambda:GetLayerVersion",
      principal: "*",
    }),
  ],
  ({ codeSigningConfigArn, mappingUuid }, { payload, outFile }) => [
    ofFunction("Invoke", { payload: `fileb://${payload}`, "": outFile }, { StatusCode: 200 }),
    ofFunction("UpdateFunctionConfiguration", { timeout: "9" }, { Timeout: 9 }),
    ofFunction("ListVersionsByFunction", {}, { Versions: [{ Version: "$LATEST" }, { Version: "1" }] }),
    ofFunction("CreateAlias", { name: "live", "function-version": "1" }, { FunctionVersion: "1" }),
    ofFunction("GetFunctionRecursionConfig", {}, { RecursiveLoop: "Allow" }),
    ofFunction("GetFunctionEventInvokeConfig", {}, { MaximumRetryAttempts: 1 }),
    ofFunction("ListFunctionEventInvokeConfigs", {}, { FunctionEventInvokeConfigs: [{}] }),
    ofFunction("GetPolicy"),
    step("ListTags", { resource: arn }, { Tags: { team: "a", stage: "test" } }),
    ofFunction("GetFunctionUrlConfig", {}, { InvokeMode: "BUFFERED" }),
    ofFunction("ListFunctionUrlConfigs", {}, { FunctionUrlConfigs: [{ AuthType: "NONE" }] }),
    ofFunction("GetFunctionConcurrency", {}, { ReservedConcurrentExecutions: 5 }),
    ofFunction("GetRuntimeManagementConfig", {}, { UpdateRuntimeOn: "FunctionUpdate" }),
    ofFunction("GetFunctionCodeSigningConfig", {}, { CodeSigningConfigArn: codeSigningConfigArn }),
    step(
      "ListFunctionsByCodeSigningConfig",
      { "code-signing-config-arn": codeSigningConfigArn },
      { FunctionArns: [arn] },
    ),
    step(
      "UpdateCodeSigningConfig",
      { "code-signing-config-arn": codeSigningConfigArn, description: "ours" },
      { CodeSigningConfig: { Description: "ours" } },
    ),
    step("GetEventSourceMapping", { uuid: mappingUuid }, { UUID: mappingUuid }),
    step("ListEventSourceMappings", name, { EventSourceMappings: [{ UUID: mappingUuid }] }),
    step("GetLayerVersionPolicy", layer),
  ],
  ({ mappingUuid }, { functionZip }) => [
    ofFunction("UpdateFunctionCode", { "zip-file": `fileb://${functionZip}` }, { Version: "$LATEST" }),
    ofFunction("GetAlias", { name: "live" }, { FunctionVersion: "1" }),
    ofFunction("UpdateAlias", { name: "live", description: "now" }, { Description: "now" }),
    ofFunction("ListAliases", {}, { Aliases: [{ Name: "live" }] }),
    ofFunction(
      "UpdateFunctionEventInvokeConfig",
      { "maximum-event-age-in-seconds": "60" },
      { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 },
    ),
    ofFunction("UpdateFunctionUrlConfig", { "invoke-mode": "RESPONSE_STREAM" }),
    step("UpdateEventSourceMapping", { uuid: mappingUuid, "batch-size": "6" }, { BatchSize: 6 }),
    ofFunction(
      "PutProvisionedConcurrencyConfig",
      { qualifier: "1", "provisioned-concurrent-executions": "1" },
      { RequestedProvisionedConcurrentExecutions: 1 },
    ),
  ],
  ({ mappingUuid }) => [
    ofFunction("GetProvisionedConcurrencyConfig", { qualifier: "1" }),
    ofFunction("ListProvisionedConcurrencyConfigs", {}, { ProvisionedConcurrencyConfigs: [{}] }),
    ofFunction("RemovePermission", { "statement-id": "s" }),
    step("UntagResource", { resource: arn, "tag-keys": "team" }),
    ofFunction("DeleteFunctionUrlConfig"),
    ofFunction("DeleteFunctionConcurrency"),
    ofFunction("DeleteFunctionEventInvokeConfig"),
    ofFunction("DeleteFunctionCodeSigningConfig"),
    step("DeleteEventSourceMapping", { uuid: mappingUuid }, { State: "Deleting" }),
    step("RemoveLayerVersionPermission", { ...layer, "statement-id": "s" }),
  ],
  ({ codeSigningConfigArn }) => [
    ofFunction("DeleteProvisionedConcurrencyConfig", { qualifier: "1" }),
    ofFunction("DeleteAlias", { name: "live" }),
    step("DeleteCodeSigningConfig", { "code-signing-config-arn": codeSigningConfigArn }),
    step("DeleteLayerVersion", layer),
  ],
  () => [ofFunction("DeleteFunction")],
];
