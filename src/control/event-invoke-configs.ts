import { InvalidParameterValueException, ResourceNotFoundException } from "../model/errors.ts";
import { functionArn, parseFunctionReference } from "../model/function-arn.ts";
import type { Control } from "./control.ts";
import { type FunctionEntry, latest } from "./records.ts";
import type { EventInvokeRecord } from "./setting-records.ts";

export interface EventInvokeInput {
  readonly FunctionName: string;
  readonly Qualifier?: string | undefined;
  readonly MaximumRetryAttempts?: number | undefined;
  readonly MaximumEventAgeInSeconds?: number | undefined;
  readonly DestinationConfig?: DestinationInput | undefined;
}

interface DestinationInput {
  readonly OnSuccess?: { readonly Destination?: string | undefined } | undefined;
  readonly OnFailure?: { readonly Destination?: string | undefined } | undefined;
}

interface Target {
  readonly name: string;
  readonly qualifier: string;
}

/** What becomes of asynchronous invocations of `$LATEST`, a version or an alias. Kept here, for those who run them. */
export class EventInvokeConfigs {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  /** Replaces all of what was set. */
  put(input: EventInvokeInput): Promise<EventInvokeRecord> {
    return this.#set(input, () => undefined);
  }

  /** What is not given stays; a given DestinationConfig replaces the whole. */
  update(input: EventInvokeInput): Promise<EventInvokeRecord> {
    return this.#set(input, (target) => this.#require(target));
  }

  get(functionName: string, qualifier?: string): EventInvokeRecord {
    return this.#require(this.#target(functionName, qualifier));
  }

  async delete(functionName: string, qualifier?: string): Promise<void> {
    const { catalog } = this.#control;
    const target = this.#target(functionName, qualifier);
    await catalog.exclusive(target.name, async () => {
      await catalog.commit([{ eventInvoke: this.#require(target), remove: true }]);
    });
  }

  /** By qualifier, `$LATEST` first. */
  list(functionName: string): readonly EventInvokeRecord[] {
    const { settings } = this.#requireFunction(this.#target(functionName));
    return [...settings.eventInvoke.values()].sort((a, b) => (a.qualifier < b.qualifier ? -1 : 1));
  }

  async #set(
    input: EventInvokeInput,
    before: (target: Target) => EventInvokeRecord | undefined,
  ): Promise<EventInvokeRecord> {
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = input;
    if (
      MaximumRetryAttempts === undefined &&
      MaximumEventAgeInSeconds === undefined &&
      DestinationConfig === undefined
    ) {
      throw new InvalidParameterValueException(
        "You must specify at least one of error handling or destination setting.",
      );
    }
    const { catalog, clock } = this.#control;
    const target = this.#target(input.FunctionName, input.Qualifier);
    return catalog.exclusive(target.name, async () => {
      this.#requireFunction(target);
      const old = before(target);
      this.#checkDestinations(target.name, DestinationConfig ?? {});
      const destinations =
        DestinationConfig === undefined
          ? { OnSuccess: { Destination: old?.onSuccess }, OnFailure: { Destination: old?.onFailure } }
          : DestinationConfig;
      // An empty one is none.
      const onSuccess = destinations.OnSuccess?.Destination || undefined;
      const onFailure = destinations.OnFailure?.Destination || undefined;
      const maximumRetryAttempts = MaximumRetryAttempts ?? old?.maximumRetryAttempts;
      const maximumEventAgeSeconds = MaximumEventAgeInSeconds ?? old?.maximumEventAgeSeconds;
      const eventInvoke: EventInvokeRecord = {
        functionName: target.name,
        qualifier: target.qualifier,
        ...(maximumRetryAttempts !== undefined && { maximumRetryAttempts }),
        ...(maximumEventAgeSeconds !== undefined && { maximumEventAgeSeconds }),
        ...(onSuccess !== undefined && { onSuccess }),
        ...(onFailure !== undefined && { onFailure }),
        lastModifiedMs: clock.now(),
      };
      await catalog.commit([{ eventInvoke }]);
      return eventInvoke;
    });
  }

  #target(functionName: string, given?: string): Target {
    const { name, qualifier = latest } = this.#control.reference(functionName, given);
    return { name, qualifier };
  }

  #requireFunction({ name, qualifier }: Target): FunctionEntry {
    const entry = this.#control.catalog.get(name);
    if (entry?.versions.has(qualifier) || entry?.aliases.has(qualifier)) return entry;
    throw new ResourceNotFoundException("The function doesn't exist.");
  }

  /** Recorded: a function that is not there has no configuration, and that is what is said. */
  #require({ name, qualifier }: Target): EventInvokeRecord {
    const record = this.#control.catalog.get(name)?.settings.eventInvoke.get(qualifier);
    if (record !== undefined) return record;
    throw new ResourceNotFoundException(
      `The function ${functionArn(this.#control.scope, name, qualifier)} doesn't have an EventInvokeConfig`,
    );
  }

  #checkDestinations(functionName: string, { OnSuccess, OnFailure }: DestinationInput): void {
    const onSuccess = OnSuccess?.Destination || undefined;
    const onFailure = OnFailure?.Destination || undefined;
    const kinds = ["lambda", "sqs", "sns", "events"];
    if (!isKind(onSuccess, kinds) || !isKind(onFailure, [...kinds, "s3"])) {
      const success = onSuccess === undefined ? "null" : `OnSuccess(destination=${onSuccess})`;
      const failure = onFailure === undefined ? "null" : `OnFailure(destination=${onFailure})`;
      throw new InvalidParameterValueException(
        `The provided destination config DestinationConfig(onSuccess=${success}, onFailure=${failure}) is invalid.`,
      );
    }
    for (const arn of [onFailure, onSuccess]) if (arn !== undefined) this.#checkFunction(functionName, arn);
  }

  /** Functions are ours to look up; queues, topics, buses and buckets are not. */
  #checkFunction(functionName: string, arn: string): void {
    if (serviceOf(arn) !== "lambda") return;
    const destination = this.#functionAt(arn);
    if (destination === undefined) {
      throw new InvalidParameterValueException(`The destination ARN ${arn} is invalid.`);
    }
    if (destination === functionName) {
      throw new InvalidParameterValueException("You can't specify the function as a destination for itself.");
    }
  }

  /** The name of the function, if it, its version or its alias exists here. */
  #functionAt(arn: string): string | undefined {
    let target: { readonly name: string; readonly qualifier: string | undefined };
    try {
      target = parseFunctionReference(this.#control.scope, arn);
    } catch {
      // Another region's, another account's, or no function's.
      return undefined;
    }
    const { name, qualifier = latest } = target;
    const entry = this.#control.catalog.get(name);
    return entry?.versions.has(qualifier) || entry?.aliases.has(qualifier) ? name : undefined;
  }
}

function isKind(arn: string | undefined, services: readonly string[]): boolean {
  if (arn === undefined) return true;
  const service = serviceOf(arn);
  // Queues and topics that keep an order are no destinations.
  if ((service === "sqs" || service === "sns") && arn.endsWith(".fifo")) return false;
  return service !== undefined && services.includes(service);
}

function serviceOf(arn: string): string | undefined {
  return arn.startsWith("arn:") ? arn.split(":")[2] : undefined;
}
