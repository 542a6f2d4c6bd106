import { LambdaServiceException } from "../model/errors.ts";
import type { BundleText, VersionSpec } from "../model/version.ts";
import { DamagedFileError } from "../sealing/index.ts";
import { BundleError, type Bundler } from "../snapstart/index.ts";
import type { Catalog } from "./catalog.ts";
import type { CodeStorage } from "./code-storage.ts";
import type { Deployments } from "./deployments.ts";
import { damaged } from "./version-states.ts";

/**
 * What environments of a version run, from disk and checked there at each load. A bundle that is damaged or gone never
 * runs: it is made again from the version's code while whoever asked waits. Where that cannot be, the version is Failed,
 * with the reason, until it is deployed again.
 */
export class BundleTexts {
  readonly #catalog: Catalog;
  readonly #code: CodeStorage;
  readonly #deployments: Deployments;
  readonly #bundler: Bundler;
  readonly #onDamaged: (message: string) => void;
  /** By the bundle's key: versions that have the same one wait for the same. */
  readonly #rebuilds = new Map<string, Promise<BundleText>>();

  /** @param parts.onDamaged Told of each bundle that was found damaged. */
  constructor(parts: {
    catalog: Catalog;
    code: CodeStorage;
    deployments: Deployments;
    bundler: Bundler;
    onDamaged: (message: string) => void;
  }) {
    this.#catalog = parts.catalog;
    this.#code = parts.code;
    this.#deployments = parts.deployments;
    this.#bundler = parts.bundler;
    this.#onDamaged = parts.onDamaged;
  }

  /** @throws {Error} The bundle is damaged and cannot be made again. The message names the function. */
  async read(spec: VersionSpec): Promise<BundleText> {
    try {
      return await this.#bundler.read(spec.bundle);
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      return this.#rebuilt(spec, error);
    }
  }

  async #rebuilt(spec: VersionSpec, damage: DamagedFileError): Promise<BundleText> {
    const what = `The bundle of ${spec.functionArn}:${spec.version} cannot be used: ${damage.message}`;
    this.#onDamaged(`${what}; it is made again from the function's code`);
    const { key } = spec.bundle;
    try {
      let rebuild = this.#rebuilds.get(key);
      if (rebuild === undefined) {
        rebuild = this.#rebuild(spec).finally(() => this.#rebuilds.delete(key));
        this.#rebuilds.set(key, rebuild);
      }
      return await rebuild;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `${what}; and it could not be made again: ${why}`;
      if (isCodeDamaged(cause)) await this.#fail(spec, message);
      throw new Error(message, { cause });
    }
  }

  async #rebuild(spec: VersionSpec): Promise<BundleText> {
    const serving = this.#catalog.get(spec.functionName)?.versions.get(spec.version)?.serving;
    if (serving?.key !== spec.key) throw new Error("the version was replaced meanwhile");
    using build = await this.#deployments.accept(this.#code.hold(serving.code), serving.configuration);
    const bundle = await build.bundle;
    if (bundle.hash !== spec.bundle.hash) throw new Error("made again, it is another one");
    return this.#bundler.read(bundle);
  }

  /** For all to see; environments that are open go on. */
  async #fail({ functionName, version, key }: VersionSpec, message: string): Promise<void> {
    await this.#catalog.exclusive(functionName, async () => {
      const now = this.#catalog.get(functionName)?.versions.get(version);
      if (now?.serving?.key !== key || now.lastUpdateStatus === "InProgress") return;
      await this.#catalog.commit([{ version: damaged(now, message) }]);
    });
  }
}

/** What else goes wrong may go well the next time. */
function isCodeDamaged(error: unknown): boolean {
  const reason = error instanceof LambdaServiceException ? error.cause : error;
  return reason instanceof BundleError && reason.reasonCode === "CodeDamaged";
}
