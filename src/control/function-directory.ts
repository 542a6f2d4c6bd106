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
import {
  type AliasRecord,
  awaitsSnapshot,
  type FunctionEntry,
  type FunctionUrlRecord,
  latest,
  type Serving,
  type VersionRecord,
} from "./records.ts";
import type { ResourcePolicies } from "./resource-policies.ts";
import { type StartDefaults, startSettings } from "./start-settings.ts";
import { WeightedDraw } from "./weighted-draw.ts";

/** What the invoke path asks of the control path, answered from memory without waiting. */
export class CatalogDirectory implements FunctionDirectory, UrlDirectory {
  readonly #scope: ArnScope;
  readonly #catalog: () => Catalog;
  readonly #cpuTimeMs: number | undefined;
  readonly #starts: StartDefaults;
  /** One spec for one Serving: environments are pooled by it. */
  readonly #specs = new WeakMap<Serving, VersionSpec>();
  /** Of URLs that lead to one version, which is nearly all of them. */
  readonly #urlTargets = new Map<string, UrlTarget>();
  /** Of URLs whose alias has weights: each call draws. */
  readonly #urlDraws = new Map<string, () => UrlTarget>();
  /** One for one AliasRecord, whoever asks: what it has drawn so far counts until the alias changes. */
  readonly #draws = new WeakMap<AliasRecord, WeightedDraw>();
  readonly #policies: ResourcePolicies;
  readonly #random: () => number;
  /** By runtime: a start asks for those of all versions. */
  readonly #runtimeVersionArns = new Map<string, string>();

  /**
   * @param options.cpuTimeMs For functions that set none; absent: Lambda's CPU share.
   * @param options.random At least 0, less than 1: decides which version of an alias with weights is called.
   */
  constructor(
    scope: ArnScope,
    catalog: () => Catalog,
    policies: ResourcePolicies,
    options: { cpuTimeMs?: number | undefined; starts: StartDefaults; random: () => number },
  ) {
    this.#scope = scope;
    this.#catalog = catalog;
    this.#policies = policies;
    this.#cpuTimeMs = options.cpuTimeMs;
    this.#starts = options.starts;
    this.#random = options.random;
  }

  resolveInvoke(nameOrArn: string, qualifier: string | undefined): InvokeTarget {
    // Nearly every call is by a plain name, which needs no taking apart.
    const plain = this.#catalog().get(nameOrArn);
    const reference =
      plain === undefined
        ? parseFunctionReference(this.#scope, nameOrArn, qualifier)
        : { name: nameOrArn, qualifier };
    const entry = plain ?? this.#catalog().get(reference.name);
    const version = entry && this.#drawVersion(entry, reference.qualifier);
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
    return this.#urlTargets.get(urlId) ?? this.#urlDraws.get(urlId)?.() ?? this.#workOutUrl(urlId);
  }

  /** The spec of what serves, or is about to. */
  specOf({ functionName, version, serving }: VersionRecord): VersionSpec | undefined {
    return serving && this.#spec(functionName, version, serving);
  }

  /** Something changed: what was worked out for URLs is worked out again. Changes are rare, calls are not. */
  forget(): void {
    this.#urlTargets.clear();
    this.#urlDraws.clear();
  }

  #workOutUrl(urlId: string): UrlTarget | undefined {
    const url = this.#catalog().url(urlId);
    const entry = url && this.#catalog().get(url.functionName);
    if (url === undefined || entry === undefined) return undefined;
    const target = this.#urlTarget(url, entry);
    const alias = url.alias === undefined ? undefined : entry.aliases.get(url.alias);
    if (alias?.additional === undefined) {
      const only = target(resolveVersion(entry, url.alias));
      this.#urlTargets.set(urlId, only);
      return only;
    }
    const draw = this.#drawOf(alias, alias.additional.weight);
    const main = target(entry.versions.get(alias.functionVersion));
    const additional = target(entry.versions.get(alias.additional.version));
    const next = () => (draw.next() ? additional : main);
    this.#urlDraws.set(urlId, next);
    return next();
  }

  /** What stands behind a URL when a version of its function or alias is called. */
  #urlTarget(
    url: FunctionUrlRecord,
    entry: FunctionEntry,
  ): (version: VersionRecord | undefined) => UrlTarget {
    const { urlId, authType, invokeMode, cors } = url;
    const arn = functionArn(this.#scope, url.functionName, url.alias);
    const isPublic = isPublicUrl(this.#policies.of(entry.policies.get(url.alias ?? "")), arn, authType);
    return (version) => ({
      urlId,
      authType,
      invokeMode,
      cors,
      isPublic,
      invokedFunctionArn: arn,
      spec: version === undefined || awaitsSnapshot(version) ? undefined : this.specOf(version),
    });
  }

  /** The version that this invocation runs. */
  #drawVersion(entry: FunctionEntry, qualifier: string | undefined): VersionRecord | undefined {
    const alias = qualifier === undefined ? undefined : entry.aliases.get(qualifier);
    if (alias === undefined) return entry.versions.get(qualifier ?? latest);
    const { functionVersion, additional } = alias;
    if (additional === undefined) return entry.versions.get(functionVersion);
    const isDrawn = this.#drawOf(alias, additional.weight).next();
    return entry.versions.get(isDrawn ? additional.version : functionVersion);
  }

  #drawOf(alias: AliasRecord, weight: number): WeightedDraw {
    let draw = this.#draws.get(alias);
    if (draw === undefined) {
      draw = new WeightedDraw(weight, this.#random);
      this.#draws.set(alias, draw);
    }
    return draw;
  }

  #runtimeVersionArn(runtime: string): string {
    let arn = this.#runtimeVersionArns.get(runtime);
    if (arn === undefined) {
      arn = runtimeVersionArn(this.#scope.region, runtime);
      this.#runtimeVersionArns.set(runtime, arn);
    }
    return arn;
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
      role: configuration.role,
      runtime: configuration.runtime,
      runtimeVersionArn: this.#runtimeVersionArn(configuration.runtime),
      handler: configuration.handler,
      memorySizeMb: configuration.memorySizeMb,
      ephemeralStorageMb: configuration.ephemeralStorageMb,
      timeoutMs,
      cpuTimeMs:
        ownCpuTimeMs === undefined
          ? (this.#cpuTimeMs ?? defaultCpuTimeMs(configuration.memorySizeMb, timeoutMs))
          : Number(ownCpuTimeMs),
      environmentVariables: variables,
      region: this.#scope.region,
      logGroup: configuration.logGroup,
      bundle: serving.bundle,
      isPerTenant: configuration.tenantIsolation !== undefined,
      ...startSettings(version, configuration, this.#starts),
    };
    this.#specs.set(serving, spec);
    return spec;
  }
}

/** The version that a qualifier stands for at this moment; of an alias with weights the main one. */
export function resolveVersion(entry: FunctionEntry, qualifier: string | undefined) {
  const alias = qualifier === undefined ? undefined : entry.aliases.get(qualifier);
  return entry.versions.get(alias?.functionVersion ?? qualifier ?? latest);
}

/** AWS numbers the builds of a runtime so; ours all have one build. */
export function runtimeVersionArn(region: string, runtime: string): string {
  const build = createHash("sha256").update(`brisk runtime ${runtime}`).digest("hex");
  return `arn:aws:lambda:${region}::runtime:${build}`;
}
