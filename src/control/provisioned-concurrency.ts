import {
  InvalidParameterValueException,
  LambdaServiceException,
  ResourceConflictException,
  ResourceNotFoundException,
} from "../model/errors.ts";
import { functionArn, isVersionNumber } from "../model/function-arn.ts";
import { accountQueue, limitRefusal, provisioned } from "./account-concurrency.ts";
import { type Control, requireSettled } from "./control.ts";
import { resolveVersion } from "./function-directory.ts";
import { type AliasRecord, type FunctionEntry, latest } from "./records.ts";
import type { ProvisionedRecord } from "./setting-records.ts";
import { requireNoTenants } from "./tenants.ts";

/** What there is of the environments that were asked for. */
export interface Allocation {
  readonly status: "IN_PROGRESS" | "READY" | "FAILED";
  readonly statusReason?: string;
  readonly allocated: number;
  readonly available: number;
}

/** As Lambda answers the request that asks for them. */
export const accepted: Allocation = { status: "IN_PROGRESS", allocated: 0, available: 0 };

const notAllocated: Allocation = {
  status: "FAILED",
  statusReason:
    "Brisk keeps this configuration, but does not allocate environments ahead of invocations yet: invocations start on demand",
  allocated: 0,
  available: 0,
};

/** Environments to be held ready for a version or alias. What is asked for is kept; nothing is allocated for it yet. */
export class ProvisionedConcurrency {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  async put(functionName: string, qualifier: string, executions: number): Promise<ProvisionedRecord> {
    const { catalog, clock, scope } = this.#control;
    const target = this.#target(functionName, qualifier, publishedOnly);
    const change = async () => {
      const entry = this.#requireTarget(target);
      if (entry.aliases.get(target.qualifier)?.functionVersion === latest) {
        throw new InvalidParameterValueException(publishedOnly);
      }
      this.#checkLimits(entry, target.qualifier, executions);
      checkOverlap(entry, target.qualifier);
      requireNoSnapStart(entry, target.qualifier);
      requireNoTenants(entry, "Provisioned concurrency");
      requireSettled(
        resolveVersion(entry, target.qualifier)!,
        functionArn(scope, target.name, target.qualifier),
      );
      const record: ProvisionedRecord = {
        functionName: target.name,
        qualifier: target.qualifier,
        requested: executions,
        lastModifiedMs: clock.now(),
      };
      await catalog.commit([{ provisioned: record }]);
      return record;
    };
    return catalog.exclusive(accountQueue, () => catalog.exclusive(target.name, change));
  }

  get(functionName: string, qualifier: string): ProvisionedRecord {
    const target = this.#target(functionName, qualifier, versionsAndAliasesOnly);
    const record = this.#requireTarget(target).settings.provisioned.get(target.qualifier);
    if (record !== undefined) return record;
    throw new LambdaServiceException(
      "ProvisionedConcurrencyConfigNotFoundException",
      404,
      "client",
      "No Provisioned Concurrency Config found for this function",
    );
  }

  /** By qualifier. */
  list(functionName: string): readonly ProvisionedRecord[] {
    const { settings } = this.#control.entry(functionName);
    return [...settings.provisioned.values()].sort((a, b) => (a.qualifier < b.qualifier ? -1 : 1));
  }

  /** Recorded: one that is absent is no error. */
  async delete(functionName: string, qualifier: string): Promise<void> {
    const { catalog } = this.#control;
    const target = this.#target(functionName, qualifier, versionsAndAliasesOnly);
    await catalog.exclusive(target.name, async () => {
      const record = this.#requireTarget(target).settings.provisioned.get(target.qualifier);
      if (record !== undefined) await catalog.commit([{ provisioned: record, remove: true }]);
    });
  }

  allocation(_record: ProvisionedRecord): Allocation {
    return notAllocated;
  }

  #target(functionName: string, given: string, refusal: string): { name: string; qualifier: string } {
    const { name, qualifier = latest } = this.#control.reference(functionName, given);
    if (qualifier === latest) throw new InvalidParameterValueException(refusal);
    return { name, qualifier };
  }

  /** Recorded: a function that is not there is told as the version or alias of it that is not. */
  #requireTarget({ name, qualifier }: { name: string; qualifier: string }): FunctionEntry {
    const entry = this.#control.catalog.get(name);
    const isVersion = isVersionNumber(qualifier);
    if (entry !== undefined && (isVersion ? entry.versions : entry.aliases).has(qualifier)) return entry;
    const arn = functionArn(this.#control.scope, name, qualifier);
    throw new ResourceNotFoundException(
      isVersion ? `Function not found: ${arn}` : `Cannot find alias arn: ${arn}`,
    );
  }

  /** What is provisioned comes out of the function's reservation if it has one, else out of the account's pool. */
  #checkLimits(entry: FunctionEntry, qualifier: string, executions: number): void {
    const { concurrency } = this.#control;
    const total = provisioned(entry, qualifier) + executions;
    const { reservedConcurrency } = entry.record;
    if (reservedConcurrency !== undefined) {
      if (total <= reservedConcurrency) return;
      throw new InvalidParameterValueException(
        "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
      );
    }
    const unreserved = concurrency.unreserved() + (entry.settings.provisioned.get(qualifier)?.requested ?? 0);
    if (executions > unreserved) {
      throw limitRefusal(
        `Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [${unreserved}].`,
      );
    }
    if (concurrency.leavesTooLittle(entry, total)) {
      throw limitRefusal(
        `Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${concurrency.leastUnreserved}].`,
      );
    }
  }
}

const publishedOnly = "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
const versionsAndAliasesOnly = "The function resource provided must be an alias or a published version.";

/** A version is provisioned by itself or through an alias, not both. An alias shares with each version that it leads to. */
function checkOverlap({ aliases, settings }: FunctionEntry, qualifier: string): void {
  const alias = aliases.get(qualifier);
  if (alias !== undefined && versionsOf(alias).some((version) => settings.provisioned.has(version))) {
    throw new ResourceConflictException(
      "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    );
  }
  for (const alias of aliases.values()) {
    if (!versionsOf(alias).includes(qualifier) || !settings.provisioned.has(alias.name)) continue;
    throw new ResourceConflictException("Version is pointed by a Provisioned Concurrency alias");
  }
}

/**
 * Lambda takes one or the other, and so do we, since tools are made for that.
 * @throws {InvalidParameterValueException} The version, or one that the alias leads to, was published with SnapStart.
 */
export function requireNoSnapStart(
  { record, versions, aliases }: Pick<FunctionEntry, "record" | "versions" | "aliases">,
  qualifier: string,
  alias: AliasRecord | undefined = aliases.get(qualifier),
): void {
  for (const number of alias === undefined ? [qualifier] : versionsOf(alias)) {
    if (versions.get(number)?.configuration.snapStart !== "PublishedVersions") continue;
    throw new InvalidParameterValueException(
      `Cannot provision concurrency for ${record.name}:${qualifier}: version ${number} was published with SnapStart, and provisioned concurrency is not supported with it`,
    );
  }
}

function versionsOf({ functionVersion, additional }: AliasRecord): readonly string[] {
  return additional === undefined ? [functionVersion] : [functionVersion, additional.version];
}
