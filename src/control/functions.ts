import { isDeepStrictEqual } from "node:util";
import {
  InvalidParameterValueException,
  ResourceConflictException,
  ResourceNotFoundException,
} from "../model/errors.ts";
import { functionArn, isAliasName } from "../model/function-arn.ts";
import { checkText, functionLimits } from "../model/function-limits.ts";
import type { Bundle } from "../model/version.ts";
import { leadsTo } from "./aliases.ts";
import { Catalog, type Edit } from "./catalog.ts";
import type { CodeSigning } from "./code-signing.ts";
import { checkTags } from "./configuration-rules.ts";
import type { Control } from "./control.ts";
import { checkRevision, checkZippedSize, requireSettled } from "./control.ts";
import type { Build } from "./deployments.ts";
import { resolveVersion } from "./function-directory.ts";
import {
  changedConfiguration,
  type LayerResolver,
  newConfiguration,
  refuse,
  refusePublishTo,
  zipOf,
} from "./function-input.ts";
import { resolveLayers } from "./function-layers.ts";
import type {
  CreateFunctionInput,
  UpdateFunctionCodeInput,
  UpdateFunctionConfigurationInput,
} from "./function-requests.ts";
import { type Configuration, type FunctionEntry, latest, type VersionRecord } from "./records.ts";
import { pending, updating } from "./version-states.ts";
import { inOrder, samePublication, versionRank } from "./versions.ts";

/** A function as one qualifier shows it. */
export interface FunctionView {
  readonly version: VersionRecord;
  /** As it was asked for: the ARN is shown with it. */
  readonly qualifier: string | undefined;
  /** Of the function; shown for unqualified requests only. */
  readonly tags: Readonly<Record<string, string>>;
  /** Of the function. */
  readonly reservedConcurrency: number | undefined;
}

const longestName = 64;

/** Functions themselves: their code, configuration and end. */
export class Functions {
  readonly #control: Control;
  readonly #codeSigning: CodeSigning;

  constructor(control: Control, codeSigning: CodeSigning) {
    this.#control = control;
    this.#codeSigning = codeSigning;
  }

  readonly #resolveLayers: LayerResolver = (arns) =>
    resolveLayers(this.#control.scope, this.#control.layers, arns);

  /** @returns `$LATEST`, or version 1 with Publish; Pending. */
  async create(input: CreateFunctionInput): Promise<VersionRecord> {
    const { catalog, clock, code, deployments } = this.#control;
    const { name, qualifier } = this.#control.reference(input.FunctionName);
    if (qualifier !== undefined) refuse("a qualifier in the FunctionName of CreateFunction");
    if (name.length > longestName) {
      throw new InvalidParameterValueException(
        `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${longestName}`,
      );
    }
    checkText("functionName", name, functionLimits.newName);
    refusePublishTo(input);
    if (input.PackageType === "Image" || input.Code.ImageUri !== undefined)
      refuse("functions of PackageType Image");
    const zip = zipOf(input.Code);
    checkZippedSize(zip);
    const configuration = newConfiguration(name, input, this.#resolveLayers);
    // A layer version that is deleted meanwhile was there when this was asked for.
    using _layers = code.holdLayers(configuration);
    checkTags(input.Tags ?? {});
    const { CodeSigningConfigArn: codeSigningConfigArn } = input;
    const make = async () => {
      if (catalog.get(name) !== undefined) {
        throw new ResourceConflictException(`Function already exist: ${name}`);
      }
      this.#codeSigning.requireDeployable(name, codeSigningConfigArn);
      const build = await deployments.accept(await code.put(zip), configuration);
      const of = { functionName: name, configuration, code: build.hold.code };
      const versions = [pending({ ...of, version: latest }, clock.now())];
      if (input.Publish === true) versions.push(pending({ ...of, version: "1" }, clock.now()));
      const record = {
        name,
        lastVersion: versions.length - 1,
        tags: input.Tags ?? {},
        ...(codeSigningConfigArn !== undefined && { codeSigningConfigArn }),
      };
      await this.#commit(
        [{ function: record }, ...versions.map((version) => ({ version }))],
        versions,
        build,
      );
      return versions[versions.length - 1]!;
    };
    return await (codeSigningConfigArn === undefined
      ? catalog.exclusive(name, make)
      : this.#codeSigning.attaching(codeSigningConfigArn, () => catalog.exclusive(name, make)));
  }

  /** By its plain name. */
  find(name: string): FunctionEntry | undefined {
    return this.#control.catalog.get(name);
  }

  get(functionName: string, qualifier?: string): FunctionView {
    const reference = this.#control.reference(functionName, qualifier);
    const entry = this.#control.catalog.get(reference.name);
    const version = entry && resolveVersion(entry, reference.qualifier);
    if (entry === undefined || version === undefined) {
      const arn = functionArn(this.#control.scope, reference.name, reference.qualifier);
      throw new ResourceNotFoundException(`Function not found: ${arn}`);
    }
    const { tags, reservedConcurrency } = entry.record;
    return { version, qualifier: reference.qualifier, tags, reservedConcurrency };
  }

  /**
   * `$LATEST` of every function by name, or all of its versions, ascending.
   * @param after `name:version`: what comes behind it, whether it is still there or not.
   */
  *listVersions(all: boolean, after = ":"): Generator<VersionRecord, void> {
    const [afterName = "", afterVersion = ""] = after.split(":");
    for (const { record, versions } of this.#control.catalog.from(afterName)) {
      for (const version of all ? inOrder(versions.values()) : versionOf(versions, latest)) {
        if (record.name !== afterName || versionRank(version.version) > versionRank(afterVersion))
          yield version;
      }
    }
  }

  /** @returns What is now, with Publish the version that was made; with DryRun what would be. */
  async updateCode(input: UpdateFunctionCodeInput): Promise<VersionRecord> {
    const { catalog, clock, code, deployments } = this.#control;
    const { name } = this.#control.unqualified(input.FunctionName);
    refusePublishTo(input);
    return catalog.exclusive(name, async () => {
      const { entry, version: before } = this.#latestFor(name, input.RevisionId);
      if (input.ImageUri !== undefined) {
        throw new InvalidParameterValueException(
          "Please don't provide ImageUri when updating a function with packageType Zip.",
        );
      }
      const zip = zipOf(input);
      checkZippedSize(zip);
      this.#codeSigning.requireDeployable(name, entry.record.codeSigningConfigArn);
      const architecture = input.Architectures?.[0] ?? before.configuration.architecture;
      const configuration = { ...before.configuration, architecture };
      const build = await deployments.accept(await code.put(zip), configuration);
      const after = updating(before, { configuration, code: build.hold.code }, clock.now());
      if (input.DryRun === true) {
        build[Symbol.dispose]();
        return { ...before, configuration, code: after.code };
      }
      if (input.Publish !== true) {
        await this.#commit([{ version: after }], [after], build);
        return after;
      }
      const last = entry.versions.get(String(entry.record.lastVersion));
      if (last !== undefined && samePublication(last, after)) {
        await this.#commit([{ version: after }], [after], build);
        return last;
      }
      const lastVersion = entry.record.lastVersion + 1;
      const of = { functionName: name, version: String(lastVersion), configuration, code: after.code };
      const made = pending(of, clock.now());
      const edits: Edit[] = [
        { function: { ...entry.record, lastVersion } },
        { version: after },
        { version: made },
      ];
      await this.#commit(edits, [after, made], build);
      return made;
    });
  }

  async updateConfiguration(input: UpdateFunctionConfigurationInput): Promise<VersionRecord> {
    const { catalog, clock, code, deployments } = this.#control;
    const { name } = this.#control.unqualified(input.FunctionName);
    return catalog.exclusive(name, async () => {
      const { version: before } = this.#latestFor(name, input.RevisionId);
      const configuration = changedConfiguration(before.configuration, input, this.#resolveLayers);
      const after = updating(before, { configuration }, clock.now());
      const bundle = reusableBundle(after);
      const build = bundle ?? (await deployments.accept(code.hold(before.code), configuration));
      await this.#commit([{ version: after }], [after], build);
      return after;
    });
  }

  /**
   * The whole function, or with a qualifier one version of it. Recorded: what a qualifier is not good for is told of functions
   * that are not there, too; a version that is not there is no error; and a missing function is told without its qualifier.
   */
  async delete(functionName: string, qualifier?: string): Promise<void> {
    const { catalog, deployments, scope } = this.#control;
    const reference = this.#control.reference(functionName, qualifier);
    const { name } = reference;
    if (reference.qualifier === latest) {
      throw new InvalidParameterValueException(
        "$LATEST version cannot be deleted without deleting the function.",
      );
    }
    if (reference.qualifier !== undefined && isAliasName(reference.qualifier)) {
      throw new InvalidParameterValueException("Deletion of aliases is not currently supported.");
    }
    await catalog.exclusive(name, async () => {
      const entry = catalog.get(name);
      if (entry === undefined) {
        throw new ResourceNotFoundException(`Function not found: ${functionArn(scope, name)}`);
      }
      if (reference.qualifier === undefined) {
        await catalog.commit(Catalog.removal(entry));
        deployments.abandon(name);
        return;
      }
      const version = entry.versions.get(reference.qualifier);
      if (version === undefined) return;
      const pointing = [...entry.aliases.values()].find((alias) => leadsTo(alias, version.version));
      if (pointing !== undefined) {
        throw new ResourceConflictException(
          `Cannot delete version ${version.version} of "${name}": the alias "${pointing.name}" points to it`,
        );
      }
      await catalog.commit([
        ...Catalog.removalOfQualifier(entry, version.version),
        { version, remove: true },
      ]);
    });
  }

  /** `$LATEST`, when it may be changed at this moment. */
  #latestFor(name: string, revisionId: string | undefined): { entry: FunctionEntry; version: VersionRecord } {
    const entry = this.#control.entry(name);
    const version = this.get(name).version;
    requireSettled(version, functionArn(this.#control.scope, name));
    checkRevision(revisionId, version.revisionId, "GetFunction/GetAlias");
    return { entry, version };
  }

  /** @param build Is disposed when the edits could not be committed, and settles `versions` when they were. */
  async #commit(
    edits: readonly Edit[],
    versions: readonly VersionRecord[],
    build: Build | Bundle,
  ): Promise<void> {
    try {
      await this.#control.catalog.commit(edits);
    } catch (error) {
      if ("hold" in build) build[Symbol.dispose]();
      throw error;
    }
    this.#control.deployments.settle(versions, build);
  }
}

function versionOf(versions: FunctionEntry["versions"], qualifier: string): readonly VersionRecord[] {
  const version = versions.get(qualifier);
  return version === undefined ? [] : [version];
}

/** The bundle depends on the code, the layers, the handler and the runtime; nothing else of a configuration is in it. */
function reusableBundle({ serving, code, configuration }: VersionRecord): Bundle | undefined {
  if (serving === undefined || serving.code.hash !== code.hash) return undefined;
  return isDeepStrictEqual(bundledPart(serving.configuration), bundledPart(configuration))
    ? serving.bundle
    : undefined;
}

function bundledPart({ handler, runtime, layers = [] }: Configuration): unknown {
  return { handler, runtime, layers: layers.map(({ code }) => code.hash) };
}
