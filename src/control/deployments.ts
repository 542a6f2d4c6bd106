import type { Clock } from "../model/clock.ts";
import { InvalidParameterValueException, LambdaServiceException, ServiceException } from "../model/errors.ts";
import type { Bundle } from "../model/version.ts";
import { BundleError, type Bundler } from "../snapstart/index.ts";
import type { Catalog } from "./catalog.ts";
import type { CodeHold, CodeStorage } from "./code-storage.ts";
import {
  type Configuration,
  isUnsettled,
  type Serving,
  type StatusReason,
  type VersionRecord,
} from "./records.ts";
import type { VersionSnapshots } from "./version-snapshots.ts";
import { awaitingSnapshot, failed, isRestoring, restoring, settled } from "./version-states.ts";

/** A zip that was found acceptable, and the bundle that follows. Whoever has it settles or disposes it. */
export interface Build extends Disposable {
  readonly hold: CodeHold;
  readonly bundle: Promise<Bundle>;
}

/** Builds that a start after a crash or an upgrade catches up with at once. */
const resumedAtOnce = 2;

/** From code to a version that serves: bundles, and moves versions out of Pending and InProgress. */
export class Deployments {
  readonly #catalog: Catalog;
  readonly #code: CodeStorage;
  readonly #bundler: Bundler;
  readonly #snapshots: VersionSnapshots;
  readonly #clock: Clock;
  readonly #onBug: (error: unknown) => void;
  /** Ends builds: of one function when it is deleted, of all when we close. */
  readonly #running = new Map<
    Promise<void>,
    { readonly functionName: string; readonly build: Build | undefined }
  >();
  #closed = false;

  constructor(parts: {
    catalog: Catalog;
    code: CodeStorage;
    bundler: Bundler;
    snapshots: VersionSnapshots;
    clock: Clock;
    onBug: (error: unknown) => void;
  }) {
    this.#catalog = parts.catalog;
    this.#code = parts.code;
    this.#bundler = parts.bundler;
    this.#snapshots = parts.snapshots;
    this.#clock = parts.clock;
    this.#onBug = parts.onBug;
  }

  /**
   * @param hold Belongs to the build from here on, also when this throws. The layers' zips are held from the call on.
   * @throws {InvalidParameterValueException} The zip is broken, dangerous or too large to be read in time.
   */
  async accept(
    hold: CodeHold,
    configuration: Pick<Configuration, "handler" | "runtime" | "layers">,
  ): Promise<Build> {
    const { handler, runtime } = configuration;
    const layers = this.#code.holdLayers(configuration);
    const release = () => {
      hold[Symbol.dispose]();
      layers[Symbol.dispose]();
    };
    const abort = new AbortController();
    try {
      const { signal } = abort;
      const contents = { code: hold.content, layers: layers.contents };
      const { bundle } = await this.#bundler.start({ ...contents, handler, runtime, signal });
      // Its owner awaits it later, or disposes the build and never does.
      bundle.catch(() => undefined);
      return {
        hold,
        bundle,
        [Symbol.dispose]: () => {
          abort.abort(new BundleError("BundlerClosed", "The build is not needed any more"));
          release();
        },
      };
    } catch (error) {
      release();
      if (error instanceof BundleError) throw refusalOf(error);
      throw error;
    }
  }

  /**
   * Looks at what a layer is to hold.
   * @throws {InvalidParameterValueException} The zip is broken, dangerous or too large to be read in time.
   */
  async inspect({ content }: CodeHold): Promise<void> {
    try {
      await this.#bundler.inspect(content);
    } catch (error) {
      if (error instanceof BundleError) throw refusalOf(error);
      throw error;
    }
  }

  /**
   * Settles `versions`, which are Pending or InProgress with this code and configuration, when the bundle is
   * there. Returns at once.
   * @param build What was accepted for them; or the bundle that they share with what they served before.
   */
  settle(versions: readonly VersionRecord[], build: Build | Bundle): void {
    const functionName = versions[0]?.functionName ?? "";
    const [owned, bundle] = "hold" in build ? [build, build.bundle] : [undefined, Promise.resolve(build)];
    const work = this.#settle(functionName, versions, bundle)
      .catch(this.#onBug)
      .finally(() => {
        owned?.[Symbol.dispose]();
        this.#running.delete(work);
      });
    this.#running.set(work, { functionName, build: owned });
  }

  /** Ends the builds of a function that is deleted. */
  abandon(functionName: string): void {
    for (const running of this.#running.values()) {
      if (running.functionName === functionName) running.build?.[Symbol.dispose]();
    }
  }

  /**
   * Builds again what a crash interrupted, and what an upgrade or a cleared cache took the bundle of. Versions whose bundle is there serve
   * from the start; the others do when their turn has come.
   */
  async resume(): Promise<void> {
    const waiting: VersionRecord[] = [];
    const there = await this.#bundler.keys();
    for (const { versions } of this.#catalog.list()) {
      for (const version of versions.values()) {
        const lost = version.serving !== undefined && !this.#runs(version.serving, there);
        if (lost) await this.#catalog.exclusive(version.functionName, () => this.#restore(version));
        const now = this.#catalog.get(version.functionName)?.versions.get(version.version);
        if (now !== undefined && isUnsettled(now)) waiting.push(now);
      }
    }
    const next = async (): Promise<void> => {
      for (let version = waiting.shift(); version !== undefined && !this.#closed; version = waiting.shift()) {
        await this.#resumeOne(version);
      }
    };
    const work = Promise.all(Array.from({ length: resumedAtOnce }, next))
      .then(() => undefined, this.#onBug)
      .finally(() => this.#running.delete(work));
    this.#running.set(work, { functionName: "", build: undefined });
  }

  /** Builds end; what they were for stays unsettled on disk, for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { build } of this.#running.values()) build?.[Symbol.dispose]();
    await Promise.all(this.#running.keys());
  }

  async #settle(
    functionName: string,
    versions: readonly VersionRecord[],
    bundle: Promise<Bundle>,
  ): Promise<void> {
    let settle: (version: VersionRecord) => VersionRecord;
    try {
      const made = await bundle;
      settle = (version) => this.#settled(version, made);
    } catch (error) {
      if (error instanceof BundleError && error.reasonCode === "BundlerClosed") return;
      const reason = failureReason(error);
      if (reason.code === "InternalError") this.#onBug(error);
      settle = (version) => failed(version, reason);
    }
    await this.#catalog.exclusive(functionName, async () => {
      if (this.#closed) return;
      const entry = this.#catalog.get(functionName);
      const after: VersionRecord[] = [];
      for (const { version, revisionId } of versions) {
        const now = entry?.versions.get(version);
        // Deleted meanwhile, perhaps created anew: then this bundle is not theirs.
        if (now?.revisionId === revisionId && isUnsettled(now)) after.push(settle(now));
      }
      if (after.length > 0) await this.#catalog.commit(after.map((version) => ({ version })));
      for (const version of after) if (version.lastUpdateStatus !== "Failed") this.#snapshots.follow(version);
    });
  }

  /** It serves; or, when it was just published with SnapStart, waits for its snapshot. */
  #settled(version: VersionRecord, bundle: Bundle): VersionRecord {
    const after = settled(version, bundle, this.#bundler.version);
    // One that was Active before goes on at once: its snapshot is made again while init serves.
    return !isRestoring(version) && this.#snapshots.isAwaited(after) ? awaitingSnapshot(after) : after;
  }

  async #resumeOne(version: VersionRecord): Promise<void> {
    const { functionName, configuration, code } = version;
    let build: Build;
    try {
      build = await this.accept(this.#code.hold(code), configuration);
    } catch (error) {
      return this.#settle(functionName, [version], Promise.reject(error));
    }
    using _ = build;
    await this.#settle(functionName, [version], build.bundle);
  }

  #runs({ bundle, bundlerVersion }: Serving, there: ReadonlySet<string>): boolean {
    return there.has(bundle.key) && bundlerVersion === this.#bundler.version;
  }

  async #restore(version: VersionRecord): Promise<void> {
    await this.#catalog.commit([{ version: restoring(version, this.#clock.now()) }]);
  }
}

function refusalOf(error: BundleError): LambdaServiceException {
  return error.reasonCode === "BuilderTimedOut" || error.reasonCode === "BuilderOutOfMemory"
    ? new InvalidParameterValueException(error.message, { cause: error })
    : new ServiceException(error.message, { cause: error });
}

/** In the model's codes: ours are not among them. */
function failureReason(error: unknown): StatusReason {
  if (error instanceof BundleError && error.reasonCode === "CodeDamaged") {
    return { code: "InvalidZipFileException", message: error.message };
  }
  if (error instanceof BundleError && error.reasonCode !== "BuilderFailed") {
    return { code: "FunctionError.InitResourceExhausted", message: error.message };
  }
  if (error instanceof LambdaServiceException && error.fault === "client") {
    return { code: "InvalidZipFileException", message: error.message };
  }
  const message = error instanceof BundleError ? error.message : "The code could not be prepared";
  return { code: "InternalError", message };
}
