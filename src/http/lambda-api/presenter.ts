import {
  type AccountSettings,
  type AliasRecord,
  type Allocation,
  type CodeSigningRecord,
  codeSigningId,
  type EventInvokeRecord,
  type FunctionUrlRecord,
  latest,
  type ProvisionedRecord,
  type RuntimeManagementView,
  runtimeVersionArn,
  type VersionRecord,
} from "../../control/index.ts";
import { type ArnScope, functionArn } from "../../model/function-arn.ts";
import type { SnapshotState } from "../../snapstart/index.ts";
import { snapshotReason } from "./snapshot-reason.ts";

/** Account limits that are constants of the service (spec: limits.md). */
const totalCodeBytes = 80_530_636_800;
const unzippedBytes = 262_144_000;
const zippedBytes = 52_428_800;

/** Our records as the model's output shapes. Members that are absent there are undefined here. */
export class Presenter {
  readonly #scope: ArnScope;
  readonly #urlFor: (urlId: string) => string;
  readonly #snapshotOf: (version: VersionRecord) => SnapshotState;

  constructor(
    scope: ArnScope,
    urlFor: (urlId: string) => string,
    snapshotOf: (version: VersionRecord) => SnapshotState,
  ) {
    this.#scope = scope;
    this.#urlFor = urlFor;
    this.#snapshotOf = snapshotOf;
  }

  /** @param qualifier Shown in the ARN, as the request gave it. */
  functionConfiguration(version: VersionRecord, qualifier?: string) {
    const { state, lastUpdateStatus, lastUpdateReason, configuration } = version;
    const stateReason = version.stateReason ?? snapshotReason(version, this.#snapshotOf(version));
    return {
      ...this.listedConfiguration(version, qualifier),
      State: state,
      StateReason: stateReason?.message,
      StateReasonCode: stateReason?.code,
      LastUpdateStatus: lastUpdateStatus,
      LastUpdateStatusReason: lastUpdateReason?.message,
      LastUpdateStatusReasonCode: lastUpdateReason?.code,
      RuntimeVersionConfig: {
        RuntimeVersionArn: runtimeVersionArn(this.#scope.region, configuration.runtime),
      },
    };
  }

  /** As lists have it: without states. */
  listedConfiguration(version: VersionRecord, qualifier?: string) {
    const { configuration, code } = version;
    const { environmentVariables, deadLetterTarget, jsonLogging, noVpc, layers, tenantIsolation, durable } =
      configuration;
    return {
      FunctionName: version.functionName,
      FunctionArn: functionArn(this.#scope, version.functionName, qualifier),
      Runtime: configuration.runtime,
      Role: configuration.role,
      Handler: configuration.handler,
      CodeSize: code.bytes,
      Description: configuration.description,
      Timeout: configuration.timeoutSeconds,
      MemorySize: configuration.memorySizeMb,
      LastModified: lambdaDate(version.lastModifiedMs),
      CodeSha256: Buffer.from(code.hash, "hex").toString("base64"),
      Version: version.version,
      VpcConfig:
        noVpc === undefined
          ? undefined
          : {
              SubnetIds: [],
              SecurityGroupIds: [],
              VpcId: "",
              Ipv6AllowedForDualStack: noVpc.ipv6AllowedForDualStack,
            },
      DeadLetterConfig: deadLetterTarget === undefined ? undefined : { TargetArn: deadLetterTarget },
      Environment: environmentVariables === undefined ? undefined : { Variables: environmentVariables },
      TracingConfig: { Mode: configuration.tracingMode },
      RevisionId: version.revisionId,
      Layers: layers?.map(({ arn, code }) => ({ Arn: arn, CodeSize: code.bytes })),
      PackageType: "Zip",
      Architectures: [configuration.architecture],
      EphemeralStorage: { Size: configuration.ephemeralStorageMb },
      // Whoever asked for it: also where the server makes one for a version that did not.
      SnapStart: {
        ApplyOn: configuration.snapStart,
        OptimizationStatus: this.#snapshotOf(version).kind === "ready" ? "On" : "Off",
      },
      LoggingConfig: {
        LogFormat: jsonLogging === undefined ? "Text" : "JSON",
        ApplicationLogLevel: jsonLogging?.applicationLevel,
        SystemLogLevel: jsonLogging?.systemLevel,
        LogGroup: configuration.logGroup,
      },
      TenancyConfig: tenantIsolation && { TenantIsolationMode: tenantIsolation },
      DurableConfig: durable,
    };
  }

  /** A version's reply ARN names it when it is a published one. */
  publishedConfiguration(version: VersionRecord) {
    return this.functionConfiguration(version, version.version === latest ? undefined : version.version);
  }

  alias(alias: AliasRecord) {
    const { additional } = alias;
    return {
      AliasArn: functionArn(this.#scope, alias.functionName, alias.name),
      Name: alias.name,
      FunctionVersion: alias.functionVersion,
      Description: alias.description,
      RoutingConfig:
        additional === undefined
          ? undefined
          : { AdditionalVersionWeights: { [additional.version]: additional.weight } },
      RevisionId: alias.revisionId,
    };
  }

  functionUrl(url: FunctionUrlRecord) {
    return {
      FunctionUrl: this.#urlFor(url.urlId),
      FunctionArn: functionArn(this.#scope, url.functionName, url.alias),
      AuthType: url.authType,
      Cors: url.cors,
      CreationTime: new Date(url.createdMs).toISOString(),
      LastModifiedTime: new Date(url.lastModifiedMs).toISOString(),
      InvokeMode: url.invokeMode,
    };
  }

  arn(functionName: string, qualifier?: string): string {
    return functionArn(this.#scope, functionName, qualifier);
  }

  provisionedConcurrency(record: ProvisionedRecord, allocation: Allocation) {
    return {
      RequestedProvisionedConcurrentExecutions: record.requested,
      AvailableProvisionedConcurrentExecutions: allocation.available,
      AllocatedProvisionedConcurrentExecutions: allocation.allocated,
      Status: allocation.status,
      StatusReason: allocation.statusReason,
      LastModified: lambdaDate(record.lastModifiedMs),
    };
  }

  eventInvokeConfig(record: EventInvokeRecord) {
    return {
      // A number here, where other shapes have a string.
      LastModified: record.lastModifiedMs / 1000,
      FunctionArn: this.arn(record.functionName, record.qualifier),
      MaximumRetryAttempts: record.maximumRetryAttempts,
      MaximumEventAgeInSeconds: record.maximumEventAgeSeconds,
      DestinationConfig: {
        OnSuccess: { Destination: record.onSuccess },
        OnFailure: { Destination: record.onFailure },
      },
    };
  }

  runtimeManagement(view: RuntimeManagementView) {
    return {
      UpdateRuntimeOn: view.updateRuntimeOn,
      FunctionArn: this.arn(view.functionName, view.qualifier),
      RuntimeVersionArn: view.runtimeVersionArn ?? null,
    };
  }

  codeSigningConfig(record: CodeSigningRecord) {
    return {
      CodeSigningConfigId: codeSigningId(record.arn),
      CodeSigningConfigArn: record.arn,
      Description: record.description,
      AllowedPublishers: { SigningProfileVersionArns: record.publishers },
      CodeSigningPolicies: { UntrustedArtifactOnDeployment: record.untrusted },
      LastModified: lambdaDate(record.lastModifiedMs),
    };
  }

  accountSettings(settings: AccountSettings) {
    return {
      AccountLimit: {
        TotalCodeSize: totalCodeBytes,
        CodeSizeUnzipped: unzippedBytes,
        CodeSizeZipped: zippedBytes,
        ConcurrentExecutions: settings.concurrentExecutions,
        UnreservedConcurrentExecutions: settings.unreservedConcurrentExecutions,
      },
      AccountUsage: { TotalCodeSize: settings.totalCodeBytes, FunctionCount: settings.functionCount },
    };
  }
}

/** As FunctionConfiguration and layers have dates. */
export function lambdaDate(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "+0000");
}
