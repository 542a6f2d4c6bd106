import { eventSourceArn, mappingMembers, mappingSource, mappingUuid } from "../event-source-members.ts";
import { presentMapping } from "../event-source-presenter.ts";
import { functionName, paging, tags } from "../members.ts";
import { type Operation, operation } from "../operation.ts";
import { page } from "../pages.ts";
import { optional } from "../shapes.ts";

const note = "Nothing polls yet: an Enabled mapping says so in `LastProcessingResult`.";
const kmsKey = "unless it is empty; what is stored is sealed under the server's master key";
const onlyKept = [
  "BatchSize",
  "FilterCriteria",
  "MetricsConfig",
  "LoggingConfig",
  "ScalingConfig",
  "MaximumBatchingWindowInSeconds",
  "ParallelizationFactor",
  "DestinationConfig",
  "MaximumRecordAgeInSeconds",
  "BisectBatchOnFunctionError",
  "MaximumRetryAttempts",
  "TumblingWindowInSeconds",
  "SourceAccessConfigurations",
  "FunctionResponseTypes",
  "AmazonManagedKafkaEventSourceConfig",
  "SelfManagedKafkaEventSourceConfig",
  "DocumentDBEventSourceConfig",
  "ProvisionedPollerConfig",
] as const;

export const eventSourceMappingOperations: readonly Operation[] = [
  operation({
    name: "CreateEventSourceMapping",
    method: "POST",
    path: "/2015-03-31/event-source-mappings",
    status: 202,
    body: { ...mappingSource, ...functionName, ...mappingMembers, Tags: optional(tags) },
    note: `${note} Whether the queue, stream or cluster exists is not looked up.`,
    onlyKept: [
      ...onlyKept,
      "StartingPosition",
      "StartingPositionTimestamp",
      "Topics",
      "Queues",
      "SelfManagedEventSource",
    ],
    refused: { KMSKeyArn: kmsKey },
    run: async ({ functions }, input) =>
      presentMapping(functions.scope, await functions.eventSourceMappings.create(input)),
  }),
  operation({
    name: "GetEventSourceMapping",
    method: "GET",
    path: "/2015-03-31/event-source-mappings/{UUID}",
    status: 200,
    uri: mappingUuid,
    run: ({ functions }, { UUID }) =>
      presentMapping(functions.scope, functions.eventSourceMappings.get(UUID)),
  }),
  operation({
    name: "ListEventSourceMappings",
    method: "GET",
    path: "/2015-03-31/event-source-mappings",
    status: 200,
    query: { ...eventSourceArn, FunctionName: optional(functionName.FunctionName), ...paging },
    run: ({ functions }, input) => {
      const mappings = functions.eventSourceMappings.list(input);
      const { rows, NextMarker } = page(mappings, ({ record }) => record.uuid, { ...input, longest: 100 });
      return { NextMarker, EventSourceMappings: rows.map((row) => presentMapping(functions.scope, row)) };
    },
  }),
  operation({
    name: "UpdateEventSourceMapping",
    method: "PUT",
    path: "/2015-03-31/event-source-mappings/{UUID}",
    status: 202,
    uri: mappingUuid,
    body: { FunctionName: optional(functionName.FunctionName), ...mappingMembers },
    note,
    onlyKept,
    refused: { KMSKeyArn: kmsKey },
    run: async ({ functions }, input) =>
      presentMapping(functions.scope, await functions.eventSourceMappings.update(input)),
  }),
  operation({
    name: "DeleteEventSourceMapping",
    method: "DELETE",
    path: "/2015-03-31/event-source-mappings/{UUID}",
    status: 202,
    uri: mappingUuid,
    run: async ({ functions }, { UUID }) =>
      presentMapping(functions.scope, await functions.eventSourceMappings.delete(UUID)),
  }),
];
