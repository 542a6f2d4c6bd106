import { InvalidParameterValueException } from "../model/errors.ts";
import { type AdditionalVersion, latest, type VersionRecord } from "./records.ts";

export interface RoutingInput {
  /** By version number, from 0 to 1. */
  readonly AdditionalVersionWeights?: Readonly<Record<string, number>> | undefined;
}

/**
 * The one version beside the main one, or nothing when there are no weights.
 * @throws {InvalidParameterValueException} There is more than one.
 */
export function additionalVersion(routing: RoutingInput | undefined): AdditionalVersion | undefined {
  const [first, ...others] = Object.entries(routing?.AdditionalVersionWeights ?? {});
  if (first === undefined) return undefined;
  if (others.length > 0) {
    throw new InvalidParameterValueException(
      "Number of items in AdditionalVersionWeights cannot be greater than 1",
    );
  }
  const [version, weight] = first;
  return { version, weight };
}

/**
 * What two versions need to share an alias.
 * @param findAdditional Throws when the version is not there; called after what it does not matter for.
 * @throws {InvalidParameterValueException}
 */
export function checkShared(
  main: VersionRecord,
  additional: string,
  findAdditional: () => VersionRecord,
): void {
  if (additional === main.version) {
    throw new InvalidParameterValueException(
      `Invalid function version ${additional}. Function version ${additional} is already included in routing configuration.`,
    );
  }
  if (main.version === latest) {
    // Recorded: without a `Type`.
    throw new InvalidParameterValueException(
      "$LATEST is not supported for an alias pointing to more than 1 version",
      { hasType: false },
    );
  }
  const { configuration } = findAdditional();
  if (configuration.role !== main.configuration.role) {
    // AWS's words, as its users quote them; those of the next one are ours.
    throw new InvalidParameterValueException(
      "Specified versions must be associated with the same execution role",
    );
  }
  if (configuration.deadLetterTarget !== main.configuration.deadLetterTarget) {
    throw new InvalidParameterValueException(
      "Specified versions must be associated with the same dead-letter queue, or with none",
    );
  }
}
