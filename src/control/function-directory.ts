import { createHash } from "node:crypto";
import {
  ResourceConflictException,
  ResourceNotFoundException,
  SnapStartNotReadyException,
} from "../model/errors.ts";
import { type ArnScope, functionArn, parseFunctionReference } from "../model/function-arn.ts";
import type { FunctionDirectory, InvokeTarget, UrlDirectory, UrlTarget } from "../model/functions.ts";
import { isPublicUrl } from "../model/resource-policy.ts";
import { defaultCpuTimeMs, type VersionSpec } from "../model/version.ts";
import type { Catalog } from "./catalog.ts";
import { cpuTimeVariable } from "./configuration-rules.ts";
import { awaitsSnapshot, type FunctionEntry, latest, type Serving, type VersionRecord } from "./records.ts";
import { type StartDefaults, startSettings } from "./start-settings.ts";

/** What the invoke path asks of the control path, answered from memory without waiting. */
export class CatalogDirectory implements FunctionDirectory, UrlDirectory {
  readonly #scope: ArnScope;
  readonly #catalog: () => Catalog;
  readonly #cpuTimeMs: number | undefined;
  readonly #starts: StartDefaults;
  /** One spec for one Serving: environments are pooled by it. */
  readonly #specs = new WeakMap<Serving, VersionSpec>();
  readonly #urlTargets = new Map<string, UrlTarget>();

  /** @param options.cpuTimeMs For functions that set none; absent: Lambda's CPU share. */
  constructor(
    scope: ArnScope,
    catalog: () => Catalog,
    options: { cpuTimeMs?: number | undefined; starts: StartDefaults },
  ) {
    this.#scope = scope;
    this.#catalog = catalog;
    this.#cpuTimeMs = options.cpuTimeMs;
    this.#starts = options.starts;
  }

  resolveInvoke(nameOrArn: string, qualifier: string | undefined): InvokeTarget {
    // Nearly every call is by a plain name, which needs no taking apart.
    const plain = this.#catalog().get(nameOrArn);
    const reference =
      plain === undefined
        ? parseFunctionReference(this.#scope, nameOrArn, qualifier)
        : { name: nameOrArn, qualifier };
    const entry = plain ?? this.#catalog().get(reference.name);
    const version = entry && resolveVersion(entry, reference.qualifier);
    if (entry === undefined || version === undefined) {
      const missing = functionArn(this.#scope, reference.name, reference.qualifier ?? latest);
      throw new ResourceNotFoundException(`Function not found: ${missing}`);
    }
    if (version.serving === undefined) {
      throw new ResourceConflictException(
        `The operation cannot be performed at this time. The function is currently in the following state: ${version.state}`,
      );
    }
    if (awaitsSnapshot(version)) throw new SnapStartNotReadyException();
    return {
      spec: this.#spec(version.functionName, version.version, version.serving),
      invokedFunctionArn: functionArn(this.#scope, reference.name, reference.qualifier),
    };
  }

  findUrl(urlId: string): UrlTarget | undefined {
    const known = this.#urlTargets.get(urlId);
    if (known !== undefined) return known;
    const url = this.#catalog().url(urlId);
    const entry = url && this.#catalog().get(url.functionName);
    if (url === undefined || entry === undefined) return undefined;
    const arn = functionArn(this.#scope, url.functionName, url.alias);
    const version = resolveVersion(entry, url.alias);
    const target: UrlTarget = {
      urlId,
      authType: url.authType,
      invokeMode: url.invokeMode,
      cors: url.cors,
      isPublic: isPublicUrl(entry.policies.get(url.alias ?? "")?.statements ?? [], arn, url.authType),
      invokedFunctionArn: arn,
      spec: version === undefined || awaitsSnapshot(version) ? undefined : this.specOf(version),
    };
    this.#urlTargets.set(urlId, target);
    return target;
  }

  /** The spec of what serves, or is about to. */
  specOf({ functionName, version, serving }: VersionRecord): VersionSpec | undefined {
    return serving && this.#spec(functionName, version, serving);
  }

  /** Something changed: what was worked out for URLs is worked out again. Changes are rare, calls are not. */
  forget(): void {
    this.#urlTargets.clear();
  }

  #spec(functionName: string, version: string, serving: Serving): VersionSpec {
    const known = this.#specs.get(serving);
    if (known !== undefined) return known;
    const { configuration } = serving;
    const timeoutMs = configuration.timeoutSeconds * 1000;
    const variables = configuration.environmentVariables ?? {};
    const ownCpuTimeMs = variables[cpuTimeVariable];
    const spec: VersionSpec = {
      key: serving.key,
      functionName,
      functionArn: functionArn(this.#scope, functionName),
      version,
      runtime: configuration.runtime,
      runtimeVersionArn: runtimeVersionArn(this.#scope.region, configuration.runtime),
      handler: configuration.handler,
      memorySizeMb: configuration.memorySizeMb,
      timeoutMs,
      cpuTimeMs:
        ownCpuTimeMs === undefined
          ? (this.#cpuTimeMs ?? defaultCpuTimeMs(configuration.memorySizeMb, timeoutMs))
          : Number(ownCpuTimeMs),
      environmentVariables: variables,
      region: this.#scope.region,
      logGroup: configuration.logGroup,
      bundle: serving.bundle,
      ...startSettings(version, configuration, this.#starts),
    };
    this.#specs.set(serving, spec);
    return spec;
  }
}

/** The version that a qualifier means at this moment. */
export function resolveVersion(entry: FunctionEntry, qualifier: string | undefined) {
  const alias = qualifier === undefined ? undefined : entry.aliases.get(qualifier);
  return entry.versions.get(alias?.functionVersion ?? qualifier ?? latest);
}

/** AWS numbers the builds of a runtime so; ours all have one build. */
export function runtimeVersionArn(region: string, runtime: string): string {
  const build = createHash("sha256").update(`brisk runtime ${runtime}`).digest("hex");
  return `arn:aws:lambda:${region}::runtime:${build}`;
}
