import { InvalidParameterValueException, ResourceNotFoundException } from "../model/errors.ts";
import { checkInteger, checkText, functionLimits } from "../model/function-limits.ts";
import { checkEnvironmentVariables, checkRuntime } from "./configuration-rules.ts";
import type { CodeInput, ConfigurationInput, CreateFunctionInput } from "./function-requests.ts";
import type { Configuration, Durable, JsonLogging, LayerUse } from "./records.ts";
import { checkTenantIsolation } from "./tenants.ts";

/** From the ARNs that a request has to the layer versions; refuses those that cannot be had. */
export type LayerResolver = (arns: readonly string[]) => readonly LayerUse[];

/** The configuration of a new function (spec: api.md, section 6). */
export function newConfiguration(
  name: string,
  input: Pick<CreateFunctionInput, keyof ConfigurationInput | "Architectures" | "TenancyConfig">,
  resolveLayers: LayerResolver,
): Configuration {
  const { Runtime, Handler, Role } = input;
  if (Runtime === undefined || Handler === undefined) {
    throw new InvalidParameterValueException(
      "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    );
  }
  return changedConfiguration(
    {
      runtime: Runtime,
      handler: Handler,
      role: Role ?? "",
      description: "",
      timeoutSeconds: 3,
      memorySizeMb: 128,
      ephemeralStorageMb: 512,
      architecture: input.Architectures?.[0] ?? "x86_64",
      tracingMode: "PassThrough",
      snapStart: "None",
      logGroup: `/aws/lambda/${name}`,
      ...(input.TenancyConfig && { tenantIsolation: input.TenancyConfig.TenantIsolationMode }),
    },
    input,
    resolveLayers,
  );
}

/**
 * A given structure replaces the whole structure, but for LoggingConfig, which is merged.
 * @throws {InvalidParameterValueException} Values that Lambda refuses, and what Brisk does not have.
 */
export function changedConfiguration(
  before: Configuration,
  input: ConfigurationInput,
  resolveLayers: LayerResolver,
): Configuration {
  refuseUnsupported(input);
  checkBounds(input);
  if (input.Runtime !== undefined) checkRuntime(input.Runtime);
  if (input.Environment !== undefined) checkEnvironmentVariables(input.Environment.Variables ?? {});
  const {
    environmentVariables,
    deadLetterTarget,
    layers: layersBefore,
    jsonLogging,
    noVpc,
    ...kept
  } = before;
  const layers = input.Layers === undefined ? layersBefore : resolveLayers(input.Layers);
  const logging = changedLogging(jsonLogging, input.LoggingConfig);
  const vpc =
    input.VpcConfig === undefined
      ? noVpc
      : { ipv6AllowedForDualStack: input.VpcConfig.Ipv6AllowedForDualStack ?? false };
  const variables =
    input.Environment === undefined ? environmentVariables : (input.Environment.Variables ?? {});
  const target = input.DeadLetterConfig === undefined ? deadLetterTarget : input.DeadLetterConfig.TargetArn;
  const durable = input.DurableConfig === undefined ? before.durable : durableOf(input.DurableConfig);
  const after: Configuration = {
    ...kept,
    runtime: input.Runtime ?? before.runtime,
    handler: input.Handler ?? before.handler,
    role: input.Role ?? before.role,
    description: input.Description ?? before.description,
    timeoutSeconds: input.Timeout ?? before.timeoutSeconds,
    memorySizeMb: input.MemorySize ?? before.memorySizeMb,
    ephemeralStorageMb: input.EphemeralStorage?.Size ?? before.ephemeralStorageMb,
    tracingMode: input.TracingConfig ? (input.TracingConfig.Mode ?? "PassThrough") : before.tracingMode,
    snapStart: input.SnapStart ? (input.SnapStart.ApplyOn ?? "None") : before.snapStart,
    logGroup: input.LoggingConfig?.LogGroup ?? before.logGroup,
    ...(logging !== undefined && { jsonLogging: logging }),
    ...(vpc !== undefined && { noVpc: vpc }),
    ...(variables !== undefined && { environmentVariables: variables }),
    ...(target !== undefined && target !== "" && { deadLetterTarget: target }),
    ...(layers !== undefined && layers.length > 0 && { layers }),
    ...(durable !== undefined && { durable }),
  };
  checkTenantIsolation(after);
  return after;
}

function durableOf({
  RetentionPeriodInDays,
  ExecutionTimeout,
}: NonNullable<ConfigurationInput["DurableConfig"]>): Durable {
  return {
    ...(RetentionPeriodInDays !== undefined && { RetentionPeriodInDays }),
    ...(ExecutionTimeout !== undefined && { ExecutionTimeout }),
  };
}

/** Recorded: levels begin at INFO with JSON, go with it, and are kept by what does not name them. */
function changedLogging(
  before: JsonLogging | undefined,
  given: ConfigurationInput["LoggingConfig"],
): JsonLogging | undefined {
  const isJson = given?.LogFormat === undefined ? before !== undefined : given.LogFormat === "JSON";
  if (isJson) {
    return {
      applicationLevel: given?.ApplicationLogLevel ?? before?.applicationLevel ?? "INFO",
      systemLevel: given?.SystemLogLevel ?? before?.systemLevel ?? "INFO",
    };
  }
  if (given?.ApplicationLogLevel !== undefined || given?.SystemLogLevel !== undefined) {
    throw new InvalidParameterValueException(
      'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the LogFormat to "JSON" and try again.',
    );
  }
  return undefined;
}

/** The API's schemas have looked at this before; an embedding program's call comes without them. */
function checkBounds({
  Timeout,
  MemorySize,
  EphemeralStorage,
  Handler,
  Environment,
}: ConfigurationInput): void {
  if (Timeout !== undefined) checkInteger("timeout", Timeout, functionLimits.Timeout);
  if (MemorySize !== undefined) checkInteger("memorySize", MemorySize, functionLimits.MemorySize);
  if (EphemeralStorage !== undefined) {
    checkInteger("ephemeralStorage.size", EphemeralStorage.Size, functionLimits.EphemeralStorage);
  }
  if (Handler !== undefined) checkText("handler", Handler, functionLimits.Handler);
  for (const [name, value] of Object.entries(Environment?.Variables ?? {})) {
    checkText("environment.variables", name, functionLimits.variableName);
    if (typeof value !== "string") {
      throw new InvalidParameterValueException(`The environment variable ${name} is not a string`);
    }
  }
}

/**
 * @param what It is, for the refusal.
 * @throws {InvalidParameterValueException} There is no zip among it.
 */
export function zipOf(input: CodeInput, what = "function code"): Uint8Array {
  const { ZipFile, S3Bucket, S3Key, S3ObjectVersion, S3ObjectStorageMode, SourceKMSKeyArn } = input;
  const s3 = S3Bucket ?? S3Key ?? S3ObjectVersion ?? S3ObjectStorageMode;
  if (SourceKMSKeyArn !== undefined && SourceKMSKeyArn !== "") refuse("SourceKMSKeyArn");
  if (ZipFile === undefined && s3 === undefined) {
    throw new InvalidParameterValueException(`Please provide a source for ${what}.`);
  }
  if (ZipFile === undefined) {
    throw new InvalidParameterValueException(
      "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist",
    );
  }
  if (s3 !== undefined) {
    throw new InvalidParameterValueException(
      "Please do not provide other FunctionCode parameters when providing a ZipFile.",
    );
  }
  if (ZipFile.byteLength === 0) {
    throw new InvalidParameterValueException("Uploaded file must be a non-empty zip");
  }
  return ZipFile;
}

/** What would change how a function runs is refused rather than ignored; where AWS has a text for "there is none", it is used. */
function refuseUnsupported(input: ConfigurationInput): void {
  const [subnet] = input.VpcConfig?.SubnetIds ?? [];
  if (subnet !== undefined) {
    throw new InvalidParameterValueException(
      `Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID '${subnet}' does not exist`,
    );
  }
  const [group] = input.VpcConfig?.SecurityGroupIds ?? [];
  if (group !== undefined) {
    throw new InvalidParameterValueException(
      `Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The security group '${group}' does not exist`,
    );
  }
  if (input.FileSystemConfigs !== undefined && input.FileSystemConfigs.length > 0)
    refuse("FileSystemConfigs: there are no file systems to mount");
  for (const key of [input.KMSKeyArn, input.DurableConfig?.KMSKeyArn]) {
    if (key !== undefined && key !== "")
      refuse("KMSKeyArn: there is no KMS, what is stored is sealed under the server's master key");
  }
  if (input.ImageConfig !== undefined) refuse("ImageConfig: there are no container images");
  if (input.CapacityProviderConfig !== undefined) {
    const { CapacityProviderArn } = input.CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig;
    // Functions run on this machine: there is no provider that could be found.
    throw new ResourceNotFoundException(`Capacity provider not found: ${CapacityProviderArn}`);
  }
}

/** @throws {InvalidParameterValueException} A version for managed instances is asked for. */
export function refusePublishTo({ PublishTo }: { readonly PublishTo?: string | undefined }): void {
  if (PublishTo !== undefined) refuse(`PublishTo ${PublishTo}: it is of functions with a capacity provider`);
}

/** @throws {InvalidParameterValueException} */
export function refuse(what: string): never {
  throw new InvalidParameterValueException(`Brisk does not support ${what}`);
}
