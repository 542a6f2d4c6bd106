import { randomUUID } from "node:crypto";
import { ResourceConflictException, ResourceNotFoundException } from "../model/errors.ts";
import { functionArn } from "../model/function-arn.ts";
import { additionalVersion, checkShared, type RoutingInput } from "./alias-routing.ts";
import { Catalog } from "./catalog.ts";
import { type Control, checkRevision } from "./control.ts";
import { requireNoSnapStart } from "./provisioned-concurrency.ts";
import type { AdditionalVersion, AliasRecord, FunctionEntry, VersionRecord } from "./records.ts";

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
  /** Replaces the whole; one without weights leaves the alias with one version. */
  readonly RoutingConfig?: RoutingInput | undefined;
  readonly RevisionId?: string | undefined;
}

/** Names for one version, or for two by weight. */
export class Aliases {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  async create(input: CreateAliasInput): Promise<AliasRecord> {
    const { catalog } = this.#control;
    const { name: functionName } = this.#control.unqualified(input.FunctionName);
    return catalog.exclusive(functionName, async () => {
      const entry = catalog.get(functionName);
      const additional = additionalVersion(input.RoutingConfig);
      this.#checkVersions(functionName, entry, input.FunctionVersion, additional);
      if (entry?.aliases.has(input.Name)) {
        throw new ResourceConflictException(`Alias already exists: ${this.#arn(functionName, input.Name)}`);
      }
      const alias: AliasRecord = {
        functionName,
        name: input.Name,
        functionVersion: input.FunctionVersion,
        ...(additional !== undefined && { additional }),
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

  /** What is not given stays, weights included. */
  async update(input: UpdateAliasInput): Promise<AliasRecord> {
    const { catalog } = this.#control;
    const { name: functionName } = this.#control.unqualified(input.FunctionName);
    return catalog.exclusive(functionName, async () => {
      const entry = this.#control.entry(functionName);
      const found = entry.aliases.get(input.Name);
      if (found === undefined) {
        throw new ResourceNotFoundException(`Alias not found: ${this.#arn(functionName, input.Name)}`);
      }
      checkRevision(input.RevisionId, found.revisionId, "GetFunction/GetAlias");
      const { additional: additionalBefore, ...before } = found;
      const functionVersion = input.FunctionVersion ?? before.functionVersion;
      const additional =
        input.RoutingConfig === undefined ? additionalBefore : additionalVersion(input.RoutingConfig);
      this.#checkVersions(functionName, entry, functionVersion, additional);
      const alias: AliasRecord = {
        ...before,
        functionVersion,
        ...(additional !== undefined && { additional }),
        description: input.Description ?? before.description,
        revisionId: randomUUID(),
      };
      if (entry.settings.provisioned.has(alias.name)) requireNoSnapStart(entry, alias.name, alias);
      await catalog.commit([{ alias }]);
      return alias;
    });
  }

  /** Its policy and settings go with it; its function URL stays, and is answered with a refusal. An absent alias is no error. */
  async delete(functionName: string, name: string): Promise<void> {
    const { catalog } = this.#control;
    const reference = this.#control.unqualified(functionName);
    await catalog.exclusive(reference.name, async () => {
      const entry = this.#control.entry(reference.name);
      const alias = entry.aliases.get(name);
      if (alias === undefined) return;
      await catalog.commit([...Catalog.removalOfQualifier(entry, name), { alias, remove: true }]);
    });
  }

  /** By name; with `functionVersion` those that lead to it, be it by weight. */
  list(functionName: string, functionVersion?: string): readonly AliasRecord[] {
    return [...this.#control.entry(functionName).aliases.values()]
      .filter((alias) => functionVersion === undefined || leadsTo(alias, functionVersion))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #checkVersions(
    functionName: string,
    entry: FunctionEntry | undefined,
    functionVersion: string,
    additional: AdditionalVersion | undefined,
  ): void {
    const main = this.#version(functionName, entry, functionVersion);
    if (additional === undefined) return;
    checkShared(main, additional.version, () => this.#version(functionName, entry, additional.version));
  }

  /** A function that is not there is told as a version that is not: AWS's answer to CreateAlias names the version. */
  #version(functionName: string, entry: FunctionEntry | undefined, version: string): VersionRecord {
    const found = entry?.versions.get(version);
    if (found !== undefined) return found;
    throw new ResourceNotFoundException(`Function not found: ${this.#arn(functionName, version)}`);
  }

  #arn(functionName: string, name: string): string {
    return functionArn(this.#control.scope, functionName, name);
  }
}

/** Whether requests to the alias may come to the version. */
export function leadsTo({ functionVersion, additional }: AliasRecord, version: string): boolean {
  return functionVersion === version || additional?.version === version;
}
