import { expect, test } from "vitest";
import type { MappingSettings } from "../../../src/control/event-source-mapping-record.ts";
import { checkMembers, checkSettings, sourceKind } from "../../../src/control/event-source-mapping-rules.ts";
import { changedSettings, newSettings } from "../../../src/control/event-source-mapping-settings.ts";

const account = "us-east-1:000000000000";
const queue = { EventSourceArn: `arn:aws:sqs:${account}:jobs` };
const fifo = { EventSourceArn: `arn:aws:sqs:${account}:jobs.fifo` };
const latest = { StartingPosition: "LATEST" } as const;
const kinesis = { EventSourceArn: `arn:aws:kinesis:${account}:stream/clicks`, ...latest };
const dynamodb = { EventSourceArn: `arn:aws:dynamodb:${account}:table/t/stream/2026`, ...latest };
const access = { SourceAccessConfigurations: [{ Type: "BASIC_AUTH", URI: "secret" }] };
const msk = { EventSourceArn: `arn:aws:kafka:${account}:cluster/c/1`, Topics: ["t"], ...latest };
const kafka = {
  SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ["a:1"] } },
  Topics: ["t"],
  ...access,
};
const mq = { EventSourceArn: `arn:aws:mq:${account}:broker:b:1`, Queues: ["q"], ...access };
const documents = {
  EventSourceArn: `arn:aws:rds:${account}:cluster:c`,
  DocumentDBEventSourceConfig: { DatabaseName: "d" },
  ...access,
  ...latest,
};
const nowMs = 1_800_000_000_000;

function accept(given: MappingSettings): MappingSettings {
  const kind = sourceKind(given);
  const settings = newSettings(kind, given, "uuid");
  checkMembers(kind, given);
  checkSettings(kind, settings, nowMs);
  return settings;
}

test("each source is known by its ARN or its servers, and is enough with what it needs", () => {
  const sources = { queue, fifo, kinesis, dynamodb, msk, kafka, mq, documents };
  expect(Object.values(sources).map((source) => sourceKind(source))).toEqual([
    "queue",
    "fifoQueue",
    "kinesis",
    "dynamodb",
    "managedKafka",
    "selfManagedKafka",
    "mq",
    "documentdb",
  ]);
  for (const source of Object.values(sources)) expect(() => accept(source)).not.toThrow();
});

test.each([
  {},
  { EventSourceArn: "arn:aws:s3:::bucket" },
  { EventSourceArn: `arn:aws:dynamodb:${account}:table/t` },
  { EventSourceArn: `arn:aws:sns:${account}:topic` },
  { SelfManagedEventSource: {} },
  { ...kafka, ...queue },
])("%j is no source", (given) => {
  expect(() => sourceKind(given)).toThrow("Unrecognized event source.");
});

const unsupported = (member: string) =>
  `Unsupported ${member} parameter for given event source mapping type.`;
const age = "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)";
const refusals: readonly (readonly [MappingSettings, string])[] = [
  [{ ...queue, ...latest }, "StartingPosition is not valid for SQS event sources."],
  [{ ...queue, ParallelizationFactor: 2 }, unsupported("ParallelizationFactor")],
  [{ ...queue, Topics: ["t"] }, unsupported("Topics")],
  [{ ...queue, LoggingConfig: { SystemLogLevel: "INFO" } }, unsupported("LoggingConfig")],
  [{ ...queue, DestinationConfig: { OnFailure: {} } }, unsupported("DestinationConfig")],
  [{ ...kinesis, DestinationConfig: { OnSuccess: {} } }, unsupported("DestinationConfig")],
  [{ ...kinesis, ScalingConfig: { MaximumConcurrency: 2 } }, unsupported("ScalingConfig")],
  [{ ...kinesis, ProvisionedPollerConfig: { MinimumPollers: 2 } }, unsupported("ProvisionedPollerConfig")],
  ...[`arn:aws:lambda:${account}:function:f`, "kafka://topic"].map(
    (Destination) =>
      [
        { ...kinesis, DestinationConfig: { OnFailure: { Destination } } },
        `The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination=${Destination})) is invalid.`,
      ] as const,
  ),
  [{ ...mq, ...latest }, unsupported("StartingPosition")],
  [{ ...mq, FunctionResponseTypes: ["ReportBatchItemFailures"] }, unsupported("FunctionResponseTypes")],
  [{ ...msk, Queues: ["q"] }, unsupported("Queues")],
  [{ ...msk, TumblingWindowInSeconds: 5 }, unsupported("TumblingWindowInSeconds")],
  [{ ...documents, MaximumRetryAttempts: 1 }, unsupported("MaximumRetryAttempts")],
  [{ ...kinesis, MaximumRecordAgeInSeconds: 0 }, age],
  [{ ...kinesis, MaximumRecordAgeInSeconds: 59 }, age],
  [{ ...fifo, BatchSize: 11 }, "Cannot set BatchSize to 11: at most 10 is allowed for this event source"],
  [{ ...fifo, MaximumBatchingWindowInSeconds: 1 }, "Batching window is not supported for FIFO queues"],
  [
    { ...kinesis, StartingPosition: "AT_TIMESTAMP" },
    "Required 'startingPositionTimestamp' parameter is missing.",
  ],
  [
    { ...kinesis, StartingPositionTimestamp: 1 },
    "Cannot set StartingPositionTimestamp: StartingPosition is LATEST, not AT_TIMESTAMP",
  ],
  [
    { ...kinesis, StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp: nowMs / 1000 + 1 },
    "StartingPositionTimestamp cannot be in the future",
  ],
  [{ EventSourceArn: mq.EventSourceArn, ...access }, "Required 'queues' parameter is missing."],
  [
    { EventSourceArn: mq.EventSourceArn, Queues: ["q"] },
    "Required 'sourceAccessConfigurations' parameter is missing.",
  ],
  [{ ...documents, DocumentDBEventSourceConfig: {} }, "Required 'databaseName' parameter is missing."],
  [
    { ...queue, ScalingConfig: { MaximumConcurrency: 2 }, ProvisionedPollerConfig: { MinimumPollers: 2 } },
    "Cannot set both ScalingConfig and ProvisionedPollerConfig: a queue is scaled by one of them",
  ],
  [
    { ...queue, ProvisionedPollerConfig: { MinimumPollers: 1 } },
    "Cannot provision fewer than 2 pollers for this event source",
  ],
  [
    { ...msk, ProvisionedPollerConfig: { MaximumPollers: 2001 } },
    "Cannot provision 2001 pollers: at most 2000 are allowed",
  ],
  [
    { ...msk, ProvisionedPollerConfig: { MinimumPollers: 5, MaximumPollers: 4 } },
    "Cannot set MinimumPollers to 5: MaximumPollers is 4",
  ],
  [{ ...queue, ProvisionedPollerConfig: { PollerGroupName: "g" } }, unsupported("ProvisionedPollerConfig")],
  [
    { ...queue, MetricsConfig: { Metrics: ["EventCount", "ErrorCount"] } },
    "Cannot measure ErrorCount: Kafka's event source mappings alone have it",
  ],
  [
    { ...kafka, ...latest, SelfManagedKafkaEventSourceConfig: { ConsumptionMode: "Queue" } },
    "Cannot set StartingPosition to LATEST: the ConsumptionMode Queue has none",
  ],
  [{ ...queue, KMSKeyArn: "arn:aws:kms:a:b:key/c" }, "Brisk does not support KMSKeyArn"],
];
test.each(refusals)("%j is refused", (given, message) => {
  expect(() => accept(given)).toThrow(message);
});

test("all that a source has is kept as it was given", () => {
  const given: MappingSettings = {
    ...msk,
    ...access,
    BatchSize: 10_000,
    MaximumBatchingWindowInSeconds: 300,
    StartingPosition: "AT_TIMESTAMP",
    StartingPositionTimestamp: 1_700_000_000.5,
    DestinationConfig: { OnFailure: { Destination: "kafka://failures" } },
    MaximumRecordAgeInSeconds: 60,
    MaximumRetryAttempts: 10,
    BisectBatchOnFunctionError: true,
    FunctionResponseTypes: ["ReportBatchItemFailures"],
    FilterCriteria: { Filters: [{ Pattern: '{"value":[1]}' }] },
    MetricsConfig: { Metrics: ["EventCount", "KafkaMetrics"] },
    LoggingConfig: { SystemLogLevel: "DEBUG" },
    ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 2000, PollerGroupName: "g" },
    AmazonManagedKafkaEventSourceConfig: {
      ConsumerGroupId: "group",
      SchemaRegistryConfig: { SchemaRegistryURI: "https://registry" },
    },
  };
  expect(accept(given)).toEqual(given);
});

test("a share group of Kafka's has no starting position", () => {
  const mode = { SelfManagedKafkaEventSourceConfig: { ConsumptionMode: "Queue" } } as const;
  expect(accept({ ...kafka, ...mode })).not.toHaveProperty("StartingPosition");
});

test("an update replaces a member, takes back what is empty, and leaves what was chosen for good", () => {
  const scaled = accept({ ...queue, ScalingConfig: { MaximumConcurrency: 5 } });
  expect(changedSettings(scaled, { ScalingConfig: {} })).toEqual(accept(queue));
  const pattern = { FilterCriteria: { Filters: [{ Pattern: '{"a":[1]}' }] } };
  expect(changedSettings(accept({ ...queue, ...pattern }), { FilterCriteria: {} })).toEqual(accept(queue));
  const before = accept(documents);
  expect(changedSettings(before, { DocumentDBEventSourceConfig: { FullDocument: "UpdateLookup" } })).toEqual({
    ...before,
    DocumentDBEventSourceConfig: { DatabaseName: "d", FullDocument: "UpdateLookup" },
  });
  expect(() =>
    changedSettings(before, { DocumentDBEventSourceConfig: { DatabaseName: "e", CollectionName: "c" } }),
  ).toThrow("Invalid parameters: collectionName, databaseName");
  expect(() =>
    changedSettings(accept(kafka), { SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: "other" } }),
  ).toThrow(/Cannot change ConsumerGroupId from uuid to other/);
});
