import { randomUUID } from "node:crypto";
import {
  InvalidParameterValueException,
  ResourceConflictException,
  ResourceNotFoundException,
} from "../model/errors.ts";
import { functionArn } from "../model/function-arn.ts";
import { type Control, checkRevision } from "./control.ts";
import { refuse } from "./function-input.ts";
import type { AliasRecord, FunctionEntry } from "./records.ts";

interface RoutingInput {
  readonly AdditionalVersionWeights?: Readonly<Record<string, number>> | undefined;
}

export interface CreateAliasInput {
  readonly FunctionName: string;
  readonly Name: string;
  readonly FunctionVersion: string;
  readonly Description?: string | undefined;
  readonly RoutingConfig?: RoutingInput | undefined;
}

export interface UpdateAliasInput {
  readonly FunctionName: string;
  readonly Name: string;
  readonly FunctionVersion?: string | undefined;
  readonly Description?: string | undefined;
  readonly RoutingConfig?: RoutingInput | undefined;
  readonly RevisionId?: string | undefined;
}

/** Names for versions, one version each. */
export class Aliases {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  async create(input: CreateAliasInput): Promise<AliasRecord> {
    const { catalog } = this.#control;
    const { name: functionName } = this.#control.unqualified(input.FunctionName);
    return catalog.exclusive(functionName, async () => {
      const entry = this.#control.entry(functionName);
      this.#requireVersion(entry, input.FunctionVersion);
      checkRouting(input.RoutingConfig, input.FunctionVersion);
      if (entry.aliases.has(input.Name)) {
        throw new ResourceConflictException(`Alias already exists: ${this.#arn(functionName, input.Name)}`);
      }
      const alias: AliasRecord = {
        functionName,
        name: input.Name,
        functionVersion: input.FunctionVersion,
        description: input.Description ?? "",
        revisionId: randomUUID(),
      };
      await catalog.commit([{ alias }]);
      return alias;
    });
  }

  get(functionName: string, name: string): AliasRecord {
    const entry = this.#control.entry(functionName);
    const alias = entry.aliases.get(name);
    if (alias === undefined) {
      throw new ResourceNotFoundException(`Cannot find alias arn: ${this.#arn(entry.record.name, name)}`);
    }
    return alias;
  }

  /** What is not given stays. */
  async update(input: UpdateAliasInput): Promise<AliasRecord> {
    const { catalog } = this.#control;
    const { name: functionName } = this.#control.unqualified(input.FunctionName);
    return catalog.exclusive(functionName, async () => {
      const entry = this.#control.entry(functionName);
      const before = entry.aliases.get(input.Name);
      if (before === undefined) {
        throw new ResourceNotFoundException(`Alias not found: ${this.#arn(functionName, input.Name)}`);
      }
      checkRevision(input.RevisionId, before.revisionId, "GetFunction/GetAlias");
      const functionVersion = input.FunctionVersion ?? before.functionVersion;
      this.#requireVersion(entry, functionVersion);
      checkRouting(input.RoutingConfig, functionVersion);
      const alias: AliasRecord = {
        ...before,
        functionVersion,
        description: input.Description ?? before.description,
        revisionId: randomUUID(),
      };
      await catalog.commit([{ alias }]);
      return alias;
    });
  }

  /** Its policy goes with it; its function URL stays, and is answered with a refusal. An absent alias is no error. */
  async delete(functionName: string, name: string): Promise<void> {
    const { catalog } = this.#control;
    const reference = this.#control.unqualified(functionName);
    await catalog.exclusive(reference.name, async () => {
      const entry = this.#control.entry(reference.name);
      const alias = entry.aliases.get(name);
      if (alias === undefined) return;
      const policy = entry.policies.get(name);
      await catalog.commit([
        { alias, remove: true },
        ...(policy === undefined ? [] : [{ policy, remove: true } as const]),
      ]);
    });
  }

  /** By name; with `functionVersion` those that point to it. */
  list(functionName: string, functionVersion?: string): readonly AliasRecord[] {
    return [...this.#control.entry(functionName).aliases.values()]
      .filter((alias) => functionVersion === undefined || alias.functionVersion === functionVersion)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #requireVersion(entry: FunctionEntry, version: string): void {
    if (!entry.versions.has(version)) {
      throw new ResourceNotFoundException(`Function not found: ${this.#arn(entry.record.name, version)}`);
    }
  }

  #arn(functionName: string, name: string): string {
    return functionArn(this.#control.scope, functionName, name);
  }
}

/** Weights are refused, not kept: an alias that ignores them would send all traffic to one version. */
function checkRouting(routing: RoutingInput | undefined, functionVersion: string): void {
  const versions = Object.keys(routing?.AdditionalVersionWeights ?? {});
  if (versions.length === 0) return;
  if (versions.length > 1) {
    throw new InvalidParameterValueException(
      "Number of items in AdditionalVersionWeights cannot be greater than 1",
    );
  }
  if (versions[0] === functionVersion) {
    throw new InvalidParameterValueException(
      `Invalid function version ${functionVersion}. Function version ${functionVersion} is already included in routing configuration.`,
    );
  }
  refuse("aliases of more than one version: AdditionalVersionWeights must be empty");
}
