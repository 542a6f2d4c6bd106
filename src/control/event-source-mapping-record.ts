import type { ArnScope } from "../model/function-arn.ts";

/**
 * What a mapping was asked for, with the defaults of its source, in the model's own members: they are checked, kept and
 * shown, and whoever polls reads them here.
 */
export interface MappingSettings {
  readonly EventSourceArn?: string;
  readonly SelfManagedEventSource?: { readonly Endpoints?: KafkaEndpoints | undefined };
  readonly StartingPosition?: "TRIM_HORIZON" | "LATEST" | "AT_TIMESTAMP";
  /** Unix epoch, seconds. */
  readonly StartingPositionTimestamp?: number;
  readonly BatchSize?: number;
  readonly MaximumBatchingWindowInSeconds?: number;
  readonly ParallelizationFactor?: number;
  readonly FilterCriteria?: {
    readonly Filters?: readonly { readonly Pattern?: string | undefined }[] | undefined;
  };
  readonly KMSKeyArn?: string;
  readonly MetricsConfig?: { readonly Metrics?: readonly string[] | undefined };
  readonly LoggingConfig?: { readonly SystemLogLevel?: string | undefined };
  readonly ScalingConfig?: { readonly MaximumConcurrency?: number | undefined };
  readonly DestinationConfig?: {
    readonly OnSuccess?: { readonly Destination?: string | undefined } | undefined;
    readonly OnFailure?: { readonly Destination?: string | undefined } | undefined;
  };
  readonly Topics?: readonly string[];
  readonly Queues?: readonly string[];
  readonly SourceAccessConfigurations?: readonly {
    readonly Type?: string | undefined;
    readonly URI?: string | undefined;
  }[];
  readonly MaximumRecordAgeInSeconds?: number;
  readonly BisectBatchOnFunctionError?: boolean;
  readonly MaximumRetryAttempts?: number;
  readonly TumblingWindowInSeconds?: number;
  readonly FunctionResponseTypes?: readonly "ReportBatchItemFailures"[];
  readonly AmazonManagedKafkaEventSourceConfig?: KafkaConfig;
  readonly SelfManagedKafkaEventSourceConfig?: KafkaConfig & {
    readonly ConsumptionMode?: "Queue" | "Stream" | undefined;
  };
  readonly DocumentDBEventSourceConfig?: {
    readonly DatabaseName?: string | undefined;
    readonly CollectionName?: string | undefined;
    readonly FullDocument?: string | undefined;
  };
  readonly ProvisionedPollerConfig?: {
    readonly MinimumPollers?: number | undefined;
    readonly MaximumPollers?: number | undefined;
    readonly PollerGroupName?: string | undefined;
  };
}

interface KafkaEndpoints {
  readonly KAFKA_BOOTSTRAP_SERVERS?: readonly string[] | undefined;
}

interface KafkaConfig {
  readonly ConsumerGroupId?: string | undefined;
  readonly SchemaRegistryConfig?: object | undefined;
}

/** A change of a mapping that is under way. */
interface MappingChange {
  readonly state: "Creating" | "Enabling" | "Disabling" | "Updating" | "Deleting";
  /** Unix epoch ms; from then on the change is done. */
  readonly endMs: number;
}

/**
 * A function, a version or an alias that is to be invoked with what comes from a queue or stream. Its function may be deleted
 * while it stays, as on AWS.
 *
 *   create ──► Creating ──► Enabled ◄── Enabling, Disabling ──► Disabled ◄── create with Enabled false
 *                              └──────── Updating, and back ───────┘              both ──► Deleting ──► gone
 *
 * `EventSourceMappings` alone starts changes. Nothing moves a record on when its change ends: who looks later sees what
 * comes after, which is why a restart in between needs no care.
 */
export interface EventSourceMappingRecord {
  readonly uuid: string;
  readonly functionName: string;
  /** As the request gave it; absent: the function itself. */
  readonly qualifier?: string;
  readonly enabled: boolean;
  /** Absent, or over: the mapping is Enabled or Disabled. */
  readonly change?: MappingChange;
  readonly settings: MappingSettings;
  readonly tags: Readonly<Record<string, string>>;
  readonly lastModifiedMs: number;
}

export type MappingState = "Enabled" | "Disabled" | MappingChange["state"];

export function eventSourceMappingArn({ region, accountId }: ArnScope, uuid: string): string {
  return `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${uuid}`;
}

/** @returns Undefined when the mapping is gone. */
export function mappingState(
  { enabled, change }: EventSourceMappingRecord,
  nowMs: number,
): MappingState | undefined {
  if (change !== undefined && nowMs < change.endMs) return change.state;
  if (change?.state === "Deleting") return undefined;
  return enabled ? "Enabled" : "Disabled";
}
