import { anyArnPattern, arnOrEmpty, destinationPattern } from "./members.ts";
import {
  bool,
  enumList,
  int,
  list,
  oneOf,
  optional,
  str,
  structure,
  structures,
  timestamp,
} from "./shapes.ts";

// Members of event source mappings, with the model's constraints (spec: api.md, section 9).

const serverPattern =
  "(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\\-]*[a-zA-Z0-9])\\.)*([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9\\-]*[A-Za-z0-9]):[0-9]{1,5}";
const uri = "[ a-zA-Z0-9-\\/*:_+=.@-]*";

export const mappingUuid = { UUID: str({ min: 36, max: 36 }) };
export const eventSourceArn = {
  EventSourceArn: optional(str({ min: 0, max: 10_000, pattern: anyArnPattern })),
};

const destination = optional(
  structure({ Destination: optional(str({ min: 0, max: 350, pattern: destinationPattern })) }),
);

const registryAccess = structure({
  Type: optional(oneOf("BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE")),
  URI: optional(str({ min: 0, max: 10_000, pattern: anyArnPattern })),
});
const kafkaConfig = {
  ConsumerGroupId: optional(str({ min: 1, max: 200, pattern: uri })),
  SchemaRegistryConfig: optional(
    structure({
      SchemaRegistryURI: optional(str({ min: 1, max: 10_000, pattern: "[a-zA-Z0-9-\\/*:_+=.@-]*" })),
      EventRecordFormat: optional(oneOf("JSON", "SOURCE")),
      AccessConfigs: optional(structures(registryAccess)),
      SchemaValidationConfigs: optional(
        structures(structure({ Attribute: optional(oneOf("KEY", "VALUE")) })),
      ),
    }),
  ),
};

const sourceAccess = structure({
  Type: optional(
    oneOf(
      "BASIC_AUTH",
      "VPC_SUBNET",
      "VPC_SECURITY_GROUP",
      "SASL_SCRAM_512_AUTH",
      "SASL_SCRAM_256_AUTH",
      "VIRTUAL_HOST",
      "CLIENT_CERTIFICATE_TLS_AUTH",
      "SERVER_ROOT_CA_CERTIFICATE",
    ),
  ),
  URI: optional(str({ min: 1, max: 200, pattern: uri })),
});

/** What can be changed of a mapping. */
export const mappingMembers = {
  Enabled: optional(bool()),
  BatchSize: optional(int({ min: 1, max: 10_000 })),
  FilterCriteria: optional(
    structure({
      Filters: optional(
        structures(structure({ Pattern: optional(str({ min: 0, max: 4096, pattern: "[\\s\\S]*" })) })),
      ),
    }),
  ),
  KMSKeyArn: optional(str({ min: 0, max: 10_000, pattern: arnOrEmpty })),
  MetricsConfig: optional(
    structure({
      Metrics: optional(enumList(["EventCount", "ErrorCount", "KafkaMetrics"], { min: 0, max: 3 })),
    }),
  ),
  LoggingConfig: optional(structure({ SystemLogLevel: optional(oneOf("DEBUG", "INFO", "WARN")) })),
  ScalingConfig: optional(structure({ MaximumConcurrency: optional(int({ min: 2, max: 1000 })) })),
  MaximumBatchingWindowInSeconds: optional(int({ min: 0, max: 300 })),
  ParallelizationFactor: optional(int({ min: 1, max: 10 })),
  DestinationConfig: optional(structure({ OnSuccess: destination, OnFailure: destination })),
  MaximumRecordAgeInSeconds: optional(int({ min: -1, max: 604_800 })),
  BisectBatchOnFunctionError: optional(bool()),
  MaximumRetryAttempts: optional(int({ min: -1, max: 10_000 })),
  TumblingWindowInSeconds: optional(int({ min: 0, max: 900 })),
  SourceAccessConfigurations: optional(structures(sourceAccess, { min: 0, max: 23 })),
  FunctionResponseTypes: optional(enumList(["ReportBatchItemFailures"], { min: 0, max: 1 })),
  AmazonManagedKafkaEventSourceConfig: optional(structure(kafkaConfig)),
  SelfManagedKafkaEventSourceConfig: optional(
    structure({ ...kafkaConfig, ConsumptionMode: optional(oneOf("Queue", "Stream")) }),
  ),
  DocumentDBEventSourceConfig: optional(
    structure({
      DatabaseName: optional(str({ min: 1, max: 63, pattern: "[^ /\\.$\\x22]*" })),
      CollectionName: optional(
        str({ min: 1, max: 57, pattern: "(^(?!(system\\x2e)))(^[_a-zA-Z0-9])([^$]*)" }),
      ),
      FullDocument: optional(oneOf("UpdateLookup", "Default")),
    }),
  ),
  ProvisionedPollerConfig: optional(
    structure({
      MinimumPollers: optional(int({ min: 1, max: 200 })),
      MaximumPollers: optional(int({ min: 1, max: 10_000 })),
      PollerGroupName: optional(str({ min: 0, max: 128, pattern: "[a-zA-Z0-9-_]*" })),
    }),
  ),
};

/** Where a mapping's records come from, and from which one on: chosen when it is created. */
export const mappingSource = {
  ...eventSourceArn,
  // Recorded: in this order.
  StartingPosition: optional(oneOf("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")),
  StartingPositionTimestamp: optional(timestamp()),
  Topics: optional(list({ min: 1, max: 249, pattern: "[^.]([a-zA-Z0-9\\-_.]+)" }, { min: 1, max: 1 })),
  Queues: optional(list({ min: 1, max: 1000, pattern: "[\\s\\S]*" }, { min: 1, max: 1 })),
  SelfManagedEventSource: optional(
    structure({
      // A map in the model, with one key that it may have.
      Endpoints: optional(
        structure({
          KAFKA_BOOTSTRAP_SERVERS: optional(
            list({ min: 1, max: 300, pattern: serverPattern }, { min: 1, max: 10 }),
          ),
        }),
      ),
    }),
  ),
};
