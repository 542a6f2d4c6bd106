import { type Clock, systemClock } from "../model/clock.ts";
import type { ArnScope } from "../model/function-arn.ts";
import type { FunctionDirectory, InvokeTarget, UrlDirectory, UrlTarget } from "../model/functions.ts";
import type { Bundle, BundleText, StoredContent, VersionSpec } from "../model/version.ts";
import type { Bundler, SnapStart, SnapshotState } from "../snapstart/index.ts";
import type { Store } from "../store/index.ts";
import { AccountConcurrency } from "./account-concurrency.ts";
import { Aliases } from "./aliases.ts";
import { BundleTexts } from "./bundle-texts.ts";
import { Catalog } from "./catalog.ts";
import { CodeSigning } from "./code-signing.ts";
import { CodeStorage } from "./code-storage.ts";
import { Control } from "./control.ts";
import { Deployments } from "./deployments.ts";
import { EventInvokeConfigs } from "./event-invoke-configs.ts";
import { EventSourceMappings } from "./event-source-mappings.ts";
import { CatalogDirectory } from "./function-directory.ts";
import { FunctionUrls } from "./function-urls.ts";
import { Functions } from "./functions.ts";
import { LayerCatalog } from "./layer-catalog.ts";
import { LayerPermissions } from "./layer-permissions.ts";
import { Layers } from "./layers.ts";
import { Permissions } from "./permissions.ts";
import { ProvisionedConcurrency } from "./provisioned-concurrency.ts";
import { type FunctionEntry, latest, type VersionRecord } from "./records.ts";
import { Recursion } from "./recursion.ts";
import { ReservedConcurrency } from "./reserved-concurrency.ts";
import { ResourcePolicies } from "./resource-policies.ts";
import { RetiredBundles } from "./retired-bundles.ts";
import { RuntimeManagement } from "./runtime-management.ts";
import type { StartDefaults } from "./start-settings.ts";
import { Tags } from "./tags.ts";
import { noSnapStart, VersionSnapshots } from "./version-snapshots.ts";
import { Versions } from "./versions.ts";

export interface FunctionServiceOptions {
  /** Belongs to the caller, who closes it after the service. */
  readonly store: Store;
  /** As the store. */
  readonly bundler: Bundler;
  /** As the store. Without it there are no snapshots, whatever the configuration says. */
  readonly snapStart?: SnapStart;
  readonly config: {
    readonly region: string;
    readonly accountId: string;
    readonly maxConcurrency: number;
    readonly cpuTimeMs?: number | undefined;
    readonly snapstart?: StartDefaults["snapstart"];
    readonly startStrategy?: StartDefaults["startStrategy"];
  };
  readonly clock?: Clock;
  /** At least 0, less than 1; default `Math.random`. Decides which version of an alias with weights is called. */
  readonly random?: () => number;
  /** A VersionSpec is not given out any more: its environments may end when they are idle. */
  readonly onRetired?: (spec: VersionSpec) => void;
  /** Told of our own errors that have no caller to go to. */
  readonly onBug?: (error: unknown) => void;
  /** Told of what was found damaged on disk and can be made again. */
  readonly onDamaged?: (message: string) => void;
}

/** What an account may use, and uses. */
export interface AccountSettings {
  readonly concurrentExecutions: number;
  /** What is left for functions that have none of their own. */
  readonly unreservedConcurrentExecutions: number;
  readonly functionCount: number;
  readonly totalCodeBytes: number;
}

/** What exists: read from the store, and caught up with what a crash interrupted. */
export async function createFunctionService(options: FunctionServiceOptions): Promise<FunctionService> {
  const {
    store,
    bundler,
    snapStart,
    config,
    clock = systemClock,
    random = Math.random,
    onRetired,
    onBug = console.error,
    onDamaged = console.error,
  } = options;
  const scope = { region: config.region, accountId: config.accountId };
  const code = new CodeStorage(store, onBug);
  const starts: StartDefaults = {
    snapstart: snapStart === undefined ? "off" : (config.snapstart ?? "published"),
    startStrategy: config.startStrategy ?? "code-cache",
  };
  const policies = new ResourcePolicies(
    () => catalog,
    () => layers,
  );
  const directory = new CatalogDirectory(scope, () => catalog, policies, {
    cpuTimeMs: config.cpuTimeMs,
    starts,
    random,
  });
  const catalog = new Catalog(
    store,
    (before, after) => {
      code.versionChanged(before, after);
      const retiredKey = before?.serving?.key;
      if (before === undefined || retiredKey === undefined || retiredKey === after?.serving?.key) return;
      const spec = directory.specOf(before);
      if (spec !== undefined) onRetired?.(spec);
      if (before.serving !== undefined) retired.add(before.serving.bundle);
      snapshots.forget(before);
    },
    () => directory.forget(),
  );
  const snapshots = new VersionSnapshots({
    catalog,
    snapStart: snapStart ?? noSnapStart,
    specOf: (version) => directory.specOf(version),
    onBug,
  });
  const layers = new LayerCatalog(store, (before, after) => code.layerVersionChanged(before, after));
  await catalog.load();
  await layers.load();
  await code.sweep();
  const bundlesInUse = () => catalog.list().flatMap(bundlesOf);
  const retired = new RetiredBundles({ bundler, inUse: bundlesInUse, onBug });
  await bundler.sweep(bundlesInUse());
  const deployments = new Deployments({ catalog, code, bundler, snapshots, clock, onBug });
  await deployments.resume();
  snapshots.resume();
  const concurrency = new AccountConcurrency(config.maxConcurrency, () => catalog.entries());
  const control = new Control({
    scope,
    catalog,
    layers,
    code,
    deployments,
    snapshots,
    retired,
    concurrency,
    clock,
  });
  const texts = new BundleTexts({ catalog, code, deployments, bundler, onDamaged });
  return new FunctionService(control, directory, policies, texts);
}

function bundlesOf({ versions }: FunctionEntry): Bundle[] {
  return [...versions.values()].flatMap(({ serving }) => (serving === undefined ? [] : [serving.bundle]));
}

/** The control path: functions and what hangs on them, a part each. Reads are from memory. */
export class FunctionService implements FunctionDirectory, UrlDirectory {
  readonly scope: ArnScope;
  readonly functions: Functions;
  readonly versions: Versions;
  readonly layers: Layers;
  readonly layerPermissions: LayerPermissions;
  readonly aliases: Aliases;
  readonly urls: FunctionUrls;
  readonly permissions: Permissions;
  readonly tags: Tags;
  readonly reservedConcurrency: ReservedConcurrency;
  readonly provisionedConcurrency: ProvisionedConcurrency;
  readonly eventInvokeConfigs: EventInvokeConfigs;
  readonly eventSourceMappings: EventSourceMappings;
  readonly recursion: Recursion;
  readonly runtimeManagement: RuntimeManagement;
  readonly codeSigning: CodeSigning;
  readonly resourcePolicies: ResourcePolicies;
  readonly #control: Control;
  readonly #directory: CatalogDirectory;
  readonly #texts: BundleTexts;

  constructor(control: Control, directory: CatalogDirectory, policies: ResourcePolicies, texts: BundleTexts) {
    this.resourcePolicies = policies;
    this.#texts = texts;
    this.scope = control.scope;
    this.codeSigning = new CodeSigning(control);
    this.functions = new Functions(control, this.codeSigning);
    this.versions = new Versions(control);
    this.layers = new Layers(control);
    this.layerPermissions = new LayerPermissions(control, this.layers);
    this.aliases = new Aliases(control);
    this.urls = new FunctionUrls(control);
    this.permissions = new Permissions(control);
    this.eventSourceMappings = new EventSourceMappings(control);
    this.tags = new Tags(control, this.codeSigning, this.eventSourceMappings);
    this.reservedConcurrency = new ReservedConcurrency(control);
    this.provisionedConcurrency = new ProvisionedConcurrency(control);
    this.eventInvokeConfigs = new EventInvokeConfigs(control);
    this.recursion = new Recursion(control);
    this.runtimeManagement = new RuntimeManagement(control);
    this.#control = control;
    this.#directory = directory;
  }

  resolveInvoke(nameOrArn: string, qualifier: string | undefined): InvokeTarget {
    return this.#directory.resolveInvoke(nameOrArn, qualifier);
  }

  findUrl(urlId: string): UrlTarget | undefined {
    return this.#directory.findUrl(urlId);
  }

  accountSettings(): AccountSettings {
    let totalCodeBytes = 0;
    const { catalog, concurrency, layers } = this.#control;
    for (const entries of [catalog.entries(), layers.entries()]) {
      for (const { versions } of entries) {
        for (const { code } of versions.values()) totalCodeBytes += code.bytes;
      }
    }
    return {
      concurrentExecutions: concurrency.limit,
      unreservedConcurrentExecutions: Math.max(0, concurrency.unreserved()),
      functionCount: catalog.size,
      totalCodeBytes,
    };
  }

  /** What is known of the snapshot of what a version runs. */
  snapshot(version: VersionRecord): SnapshotState {
    return this.#control.snapshots.state(version);
  }

  /** The spec of what a version runs; absent while it has no bundle. */
  specOf(version: VersionRecord): VersionSpec | undefined {
    return this.#directory.specOf(version);
  }

  /** Of everything that can serve. */
  specs(): VersionSpec[] {
    return this.#control.catalog
      .list()
      .flatMap(({ versions }) => [...versions.values()].flatMap((version) => this.specOf(version) ?? []));
  }

  /** Whether a function URL leads to the function or to an alias of it. */
  hasUrl(functionName: string): boolean {
    return (this.#control.catalog.get(functionName)?.urls.size ?? 0) > 0;
  }

  /** The log group of a function's `$LATEST`, or nothing when there is no such function. */
  logGroup(functionName: string): string | undefined {
    return this.#control.catalog.get(functionName)?.versions.get(latest)?.configuration.logGroup;
  }

  /** A version's or layer's zip; undefined when there is none of that hash. @throws {DamagedFileError} */
  code(hash: string): Promise<{ readonly bytes: number; readonly content: StoredContent } | undefined> {
    return this.#control.code.find(hash);
  }

  /** What a version runs, checked. @throws {Error} It is damaged and cannot be made again; the message names the function. */
  bundleText(spec: VersionSpec): Promise<BundleText> {
    return this.#texts.read(spec);
  }

  /** Builds end, to be resumed at the next start. No change may be asked for afterwards. */
  async close(): Promise<void> {
    this.#control.retired.close();
    await this.#control.deployments.close();
    await this.#control.snapshots.close();
    await this.#control.code.settled();
  }
}
