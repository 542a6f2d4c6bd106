import { InvalidParameterValueException } from "../model/errors.ts";
import type { MappingSettings } from "./event-source-mapping-record.ts";

type Member = keyof MappingSettings;

/** Where a mapping's records come from. */
export type SourceKind =
  | "queue"
  | "fifoQueue"
  | "kinesis"
  | "dynamodb"
  | "managedKafka"
  | "selfManagedKafka"
  | "mq"
  | "documentdb";

interface SourceRules {
  readonly defaults: MappingSettings;
  /** Beside those that every source takes. */
  readonly members: readonly Member[];
  readonly required: readonly Member[];
  readonly most: { readonly BatchSize: number };
  /** Why the state changed, in the words that AWS has for it. Recorded. */
  readonly reason: "USER_INITIATED" | "User action";
}

const everySource: readonly Member[] = [
  "EventSourceArn",
  "BatchSize",
  "MaximumBatchingWindowInSeconds",
  "FilterCriteria",
  "KMSKeyArn",
  "MetricsConfig",
];
const failureHandling: readonly Member[] = [
  "DestinationConfig",
  "MaximumRecordAgeInSeconds",
  "MaximumRetryAttempts",
  "BisectBatchOnFunctionError",
  "FunctionResponseTypes",
];
const position: readonly Member[] = ["StartingPosition", "StartingPositionTimestamp"];
const kafka: readonly Member[] = [
  ...position,
  ...failureHandling,
  "Topics",
  "SourceAccessConfigurations",
  "ProvisionedPollerConfig",
  "LoggingConfig",
];

const queue: SourceRules = {
  defaults: { BatchSize: 10, MaximumBatchingWindowInSeconds: 0, FunctionResponseTypes: [] },
  members: ["FunctionResponseTypes", "ScalingConfig", "ProvisionedPollerConfig"],
  required: [],
  most: { BatchSize: 10_000 },
  reason: "USER_INITIATED",
};
const stream: SourceRules = {
  defaults: {
    BatchSize: 100,
    MaximumBatchingWindowInSeconds: 0,
    ParallelizationFactor: 1,
    DestinationConfig: { OnFailure: {} },
    MaximumRecordAgeInSeconds: -1,
    BisectBatchOnFunctionError: false,
    MaximumRetryAttempts: -1,
    TumblingWindowInSeconds: 0,
    FunctionResponseTypes: [],
  },
  members: [...position, ...failureHandling, "ParallelizationFactor", "TumblingWindowInSeconds"],
  required: ["StartingPosition"],
  most: { BatchSize: 10_000 },
  reason: "User action",
};
// Without a window of their own these wait 500 ms, which no number of seconds says.
const broker: SourceRules = {
  defaults: { BatchSize: 100 },
  members: ["SourceAccessConfigurations"],
  required: ["SourceAccessConfigurations"],
  most: { BatchSize: 10_000 },
  reason: "USER_INITIATED",
};

/** What each source takes (spec: event-sources.md, section 2). */
export const sourceRules: Readonly<Record<SourceKind, SourceRules>> = {
  queue,
  fifoQueue: { ...queue, most: { BatchSize: 10 } },
  kinesis: stream,
  dynamodb: stream,
  managedKafka: {
    ...broker,
    members: [...kafka, "AmazonManagedKafkaEventSourceConfig"],
    required: ["Topics", "StartingPosition"],
  },
  selfManagedKafka: {
    ...broker,
    // Recorded: the position that is taken when none is given.
    defaults: { BatchSize: 100, StartingPosition: "TRIM_HORIZON" },
    members: [...kafka, "SelfManagedEventSource", "SelfManagedKafkaEventSourceConfig"],
    required: ["SourceAccessConfigurations", "Topics"],
  },
  mq: {
    ...broker,
    members: ["Queues", "SourceAccessConfigurations"],
    required: ["SourceAccessConfigurations", "Queues"],
  },
  documentdb: {
    ...broker,
    members: [...position, "SourceAccessConfigurations", "DocumentDBEventSourceConfig"],
    required: ["SourceAccessConfigurations", "DocumentDBEventSourceConfig", "StartingPosition"],
  },
};

const kindsByArn: readonly (readonly [SourceKind, RegExp])[] = [
  ["fifoQueue", /^sqs:[^:]*:[^:]*:[\w-]+\.fifo$/],
  ["queue", /^sqs:[^:]*:[^:]*:[\w-]+$/],
  ["kinesis", /^kinesis:[^:]*:[^:]*:stream\/.+$/],
  ["dynamodb", /^dynamodb:[^:]*:[^:]*:table\/[^/]+\/stream\/.+$/],
  ["managedKafka", /^kafka:[^:]*:[^:]*:(cluster|vpc-connection)\/.+$/],
  ["mq", /^mq:[^:]*:[^:]*:broker:.+$/],
  ["documentdb", /^rds:[^:]*:[^:]*:cluster:.+$/],
];

/** @throws {InvalidParameterValueException} None that Lambda reads from, or two at once. */
export function sourceKind({ EventSourceArn, SelfManagedEventSource }: MappingSettings): SourceKind {
  const resource = EventSourceArn?.split(":").slice(2).join(":") ?? "";
  const kind =
    SelfManagedEventSource === undefined
      ? kindsByArn.find(([, form]) => form.test(resource))?.[0]
      : "selfManagedKafka";
  const servers = SelfManagedEventSource?.Endpoints?.KAFKA_BOOTSTRAP_SERVERS;
  const isWhole = kind !== "selfManagedKafka" || (servers !== undefined && EventSourceArn === undefined);
  if (kind === undefined || !isWhole) throw new InvalidParameterValueException("Unrecognized event source.");
  return kind;
}

/** Whether two mappings would take the same records from one another. */
export function isSameSource(a: MappingSettings, b: MappingSettings): boolean {
  return (
    sharesSome(endpointsOf(a), endpointsOf(b)) &&
    (a.Topics === undefined || sharesSome(a.Topics, b.Topics ?? [])) &&
    (a.Queues === undefined || sharesSome(a.Queues, b.Queues ?? [])) &&
    a.DocumentDBEventSourceConfig?.DatabaseName === b.DocumentDBEventSourceConfig?.DatabaseName &&
    a.DocumentDBEventSourceConfig?.CollectionName === b.DocumentDBEventSourceConfig?.CollectionName
  );
}

function endpointsOf({ EventSourceArn, SelfManagedEventSource }: MappingSettings): readonly string[] {
  if (EventSourceArn !== undefined) return [EventSourceArn];
  return SelfManagedEventSource?.Endpoints?.KAFKA_BOOTSTRAP_SERVERS ?? [];
}

function sharesSome(a: readonly string[], b: readonly string[]): boolean {
  return a.some((one) => b.includes(one));
}

/** @throws {InvalidParameterValueException} Members that the source does not have. */
export function checkMembers(kind: SourceKind, given: MappingSettings): void {
  if (given.StartingPosition !== undefined && (kind === "queue" || kind === "fifoQueue")) {
    throw new InvalidParameterValueException("StartingPosition is not valid for SQS event sources.");
  }
  const known = [...everySource, ...sourceRules[kind].members];
  const unknown = (Object.keys(given) as Member[]).find((member) => !known.includes(member));
  if (unknown !== undefined) throw unsupported(unknown);
  // Recorded: where records that failed go to, not what became of the others.
  if (given.DestinationConfig?.OnSuccess !== undefined) throw unsupported("DestinationConfig");
}

/** @throws {InvalidParameterValueException} A mapping from this source with these settings cannot be. */
export function checkSettings(kind: SourceKind, settings: MappingSettings, nowMs: number): void {
  for (const member of sourceRules[kind].required) {
    if (settings[member] === undefined) throw missing(member);
  }
  checkBatches(kind, settings);
  checkDestination(kind, settings);
  checkPosition(kind, settings, nowMs);
  if (settings.KMSKeyArn !== undefined) refuse("Brisk does not support KMSKeyArn");
  const age = settings.MaximumRecordAgeInSeconds ?? -1;
  if (age !== -1 && age < 60) {
    refuse("MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)");
  }
  const { MinimumPollers, MaximumPollers, PollerGroupName } = settings.ProvisionedPollerConfig ?? {};
  if (
    settings.ProvisionedPollerConfig !== undefined &&
    settings.ScalingConfig?.MaximumConcurrency !== undefined
  ) {
    refuse("Cannot set both ScalingConfig and ProvisionedPollerConfig: a queue is scaled by one of them");
  }
  const isQueue = kind === "queue" || kind === "fifoQueue";
  const fewest = isQueue ? 2 : 1;
  const most = isQueue ? 10_000 : 2000;
  if ((MinimumPollers ?? fewest) < fewest || (MaximumPollers ?? fewest) < fewest) {
    refuse(`Cannot provision fewer than ${fewest} pollers for this event source`);
  }
  if ((MaximumPollers ?? 0) > most)
    refuse(`Cannot provision ${MaximumPollers} pollers: at most ${most} are allowed`);
  if (MinimumPollers !== undefined && MaximumPollers !== undefined && MinimumPollers > MaximumPollers) {
    refuse(`Cannot set MinimumPollers to ${MinimumPollers}: MaximumPollers is ${MaximumPollers}`);
  }
  if (PollerGroupName !== undefined && isQueue) throw unsupported("ProvisionedPollerConfig");
  const kafkaMetric = settings.MetricsConfig?.Metrics?.find((metric) => metric !== "EventCount");
  if (kafkaMetric !== undefined && kind !== "managedKafka" && kind !== "selfManagedKafka") {
    refuse(`Cannot measure ${kafkaMetric}: Kafka's event source mappings alone have it`);
  }
  if (kind === "documentdb" && settings.DocumentDBEventSourceConfig?.DatabaseName === undefined) {
    throw missing("DatabaseName");
  }
}

function checkBatches(kind: SourceKind, settings: MappingSettings): void {
  const { BatchSize = 0, MaximumBatchingWindowInSeconds: windowSeconds = 0 } = settings;
  const most = sourceRules[kind].most.BatchSize;
  if (kind === "fifoQueue" && windowSeconds > 0) refuse("Batching window is not supported for FIFO queues");
  if (BatchSize > most) {
    refuse(`Cannot set BatchSize to ${BatchSize}: at most ${most} is allowed for this event source`);
  }
  if (kind === "queue" && BatchSize > 10 && windowSeconds === 0) {
    refuse("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10");
  }
}

/** In the words that AWS has for event invoke configs. An empty destination is none. */
function checkDestination(kind: SourceKind, { DestinationConfig }: MappingSettings): void {
  const destination = DestinationConfig?.OnFailure?.Destination ?? "";
  const isKafka = kind === "managedKafka" || kind === "selfManagedKafka";
  const form = isKafka ? /^$|^kafka:|^arn:[^:]+:(sqs|sns|s3):/ : /^$|^arn:[^:]+:(sqs|sns|s3):/;
  if (form.test(destination)) return;
  refuse(
    `The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination=${destination})) is invalid.`,
  );
}

function checkPosition(kind: SourceKind, settings: MappingSettings, nowMs: number): void {
  const { StartingPosition, StartingPositionTimestamp: seconds } = settings;
  if (
    settings.SelfManagedKafkaEventSourceConfig?.ConsumptionMode === "Queue" &&
    StartingPosition !== undefined
  ) {
    refuse(`Cannot set StartingPosition to ${StartingPosition}: the ConsumptionMode Queue has none`);
  }
  if (StartingPosition === "AT_TIMESTAMP" && kind === "dynamodb") {
    refuse(`Unsupported starting position for arn type: ${settings.EventSourceArn}`);
  }
  if (StartingPosition === "AT_TIMESTAMP" && seconds === undefined)
    throw missing("StartingPositionTimestamp");
  if (StartingPosition !== "AT_TIMESTAMP" && seconds !== undefined) {
    refuse(`Cannot set StartingPositionTimestamp: StartingPosition is ${StartingPosition}, not AT_TIMESTAMP`);
  }
  if (seconds !== undefined && seconds * 1000 > nowMs)
    refuse("StartingPositionTimestamp cannot be in the future");
}

function unsupported(member: Member): InvalidParameterValueException {
  return new InvalidParameterValueException(
    `Unsupported ${member} parameter for given event source mapping type.`,
  );
}

/** Recorded: in two ways. */
function missing(member: Member | "DatabaseName"): InvalidParameterValueException {
  const name = member.slice(0, 1).toLowerCase() + member.slice(1);
  return new InvalidParameterValueException(
    member === "StartingPosition"
      ? `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null.`
      : `Required '${name}' parameter is missing.`,
  );
}

function refuse(message: string): never {
  throw new InvalidParameterValueException(message);
}
