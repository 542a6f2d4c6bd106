import { type EventSourceMappingView, eventSourceMappingArn } from "../../control/index.ts";
import { type ArnScope, functionArn } from "../../model/function-arn.ts";

/** The model's EventSourceMappingConfiguration, its members in the model's order whatever the order of changes was. */
export function presentMapping(
  scope: ArnScope,
  { record, state, reason, lastResult }: EventSourceMappingView,
): Readonly<Record<string, unknown>> {
  const { settings } = record;
  return {
    UUID: record.uuid,
    StartingPosition: settings.StartingPosition,
    StartingPositionTimestamp: settings.StartingPositionTimestamp,
    BatchSize: settings.BatchSize,
    MaximumBatchingWindowInSeconds: settings.MaximumBatchingWindowInSeconds,
    ParallelizationFactor: settings.ParallelizationFactor,
    EventSourceArn: settings.EventSourceArn,
    FilterCriteria: settings.FilterCriteria,
    MetricsConfig: settings.MetricsConfig,
    LoggingConfig: settings.LoggingConfig,
    ScalingConfig: settings.ScalingConfig,
    FunctionArn: functionArn(scope, record.functionName, record.qualifier),
    // A number here, where other shapes have a string.
    LastModified: record.lastModifiedMs / 1000,
    LastProcessingResult: lastResult,
    State: state,
    StateTransitionReason: reason,
    DestinationConfig: settings.DestinationConfig,
    Topics: settings.Topics,
    Queues: settings.Queues,
    SourceAccessConfigurations: settings.SourceAccessConfigurations,
    SelfManagedEventSource: settings.SelfManagedEventSource,
    MaximumRecordAgeInSeconds: settings.MaximumRecordAgeInSeconds,
    BisectBatchOnFunctionError: settings.BisectBatchOnFunctionError,
    MaximumRetryAttempts: settings.MaximumRetryAttempts,
    TumblingWindowInSeconds: settings.TumblingWindowInSeconds,
    FunctionResponseTypes: settings.FunctionResponseTypes,
    AmazonManagedKafkaEventSourceConfig: settings.AmazonManagedKafkaEventSourceConfig,
    SelfManagedKafkaEventSourceConfig: settings.SelfManagedKafkaEventSourceConfig,
    DocumentDBEventSourceConfig: settings.DocumentDBEventSourceConfig,
    EventSourceMappingArn: eventSourceMappingArn(scope, record.uuid),
    ProvisionedPollerConfig: settings.ProvisionedPollerConfig,
  };
}
