import { InvalidParameterValueException } from "../model/errors.ts";
import type { MappingSettings } from "./event-source-mapping-record.ts";
import { type SourceKind, sourceRules } from "./event-source-mapping-rules.ts";

const kafkaConfigs = ["AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig"] as const;

/** @param uuid Of the mapping: a consumer group that was given no name has this one. */
export function newSettings(kind: SourceKind, given: MappingSettings, uuid: string): MappingSettings {
  const group = { ConsumerGroupId: uuid };
  const { StartingPosition, ...defaults } = sourceRules[kind].defaults;
  // A share group has its position in the cluster.
  const hasPosition = given.SelfManagedKafkaEventSourceConfig?.ConsumptionMode !== "Queue";
  return merged(
    {
      ...defaults,
      ...(StartingPosition !== undefined && hasPosition && { StartingPosition }),
      ...(kind === "managedKafka" && { AmazonManagedKafkaEventSourceConfig: group }),
      ...(kind === "selfManagedKafka" && { SelfManagedKafkaEventSourceConfig: group }),
    },
    given,
  );
}

/** @throws {InvalidParameterValueException} Members that stay as they were when the mapping was created. */
export function changedSettings(before: MappingSettings, given: MappingSettings): MappingSettings {
  const { DatabaseName, CollectionName } = given.DocumentDBEventSourceConfig ?? {};
  if (DatabaseName !== undefined || CollectionName !== undefined) {
    // As AWS's users quote it.
    const names = { collectionName: CollectionName, databaseName: DatabaseName };
    const fixed = Object.entries(names).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    throw new InvalidParameterValueException(`Invalid parameters: ${fixed.join(", ")}`);
  }
  for (const member of kafkaConfigs) {
    const group = before[member]?.ConsumerGroupId;
    const wanted = given[member]?.ConsumerGroupId;
    if (wanted !== undefined && wanted !== group) {
      throw new InvalidParameterValueException(
        `Cannot change ConsumerGroupId from ${group} to ${wanted}: it is chosen when the event source mapping is created`,
      );
    }
  }
  return merged(before, given);
}

/** A given member replaces the one before, but for those that hold what cannot be changed. */
function merged(before: MappingSettings, given: MappingSettings): MappingSettings {
  const settings = { ...before, ...given };
  return withoutEmpty({
    ...settings,
    ...(given.DestinationConfig !== undefined && {
      DestinationConfig: { OnFailure: {}, ...given.DestinationConfig },
    }),
    ...mergedStructure("AmazonManagedKafkaEventSourceConfig", before, given),
    ...mergedStructure("SelfManagedKafkaEventSourceConfig", before, given),
    ...mergedStructure("DocumentDBEventSourceConfig", before, given),
  });
}

function mergedStructure(
  member: (typeof kafkaConfigs)[number] | "DocumentDBEventSourceConfig",
  before: MappingSettings,
  given: MappingSettings,
): MappingSettings {
  return given[member] === undefined ? {} : { [member]: { ...before[member], ...given[member] } };
}

/** An empty structure or key is how a request takes back what was set. Recorded of filters. */
function withoutEmpty(settings: MappingSettings): MappingSettings {
  const { FilterCriteria, ScalingConfig, ProvisionedPollerConfig, KMSKeyArn, ...others } = settings;
  return {
    ...others,
    ...((FilterCriteria?.Filters?.length ?? 0) > 0 && { FilterCriteria }),
    ...(Object.keys(ScalingConfig ?? {}).length > 0 && { ScalingConfig }),
    ...(Object.keys(ProvisionedPollerConfig ?? {}).length > 0 && { ProvisionedPollerConfig }),
    ...(KMSKeyArn !== undefined && KMSKeyArn !== "" && { KMSKeyArn }),
  } as MappingSettings;
}
