import type { BundleText, VersionSpec } from "../model/version.ts";
import type { OpenSettings } from "../model/wire/index.ts";
import { BundleCache, type BundleReader } from "./bundle-cache.ts";
import type { CodeCacheSource } from "./code-cache-source.ts";
import type { Environment } from "./environment.ts";
import type { CredentialSource } from "./fleet.ts";
import type { GuestFolders } from "./guest-folders.ts";
import { openSettingsJson } from "./open-settings.ts";
import { recordingTimeoutMs } from "./recording.ts";

const bundleCacheBytes = 128 * 1024 * 1024;
/** What a recording takes beside init: getting ready to be frozen, coming back, and each sample event. */
const rehearsalMs = 10_000;

/** Sample events as a host runs them. */
export type Rehearsals = NonNullable<OpenSettings["record"]>["events"];

/** The host has it, or needs none. */
const nothing = null;

/** What a host needs before it can open an environment. */
export interface Materials {
  readonly text: BundleText | typeof nothing;
  /** undefined: it was damaged. */
  readonly heap: Uint8Array | typeof nothing | undefined;
  /** undefined: there is none, or the host has it. */
  readonly code: Uint8Array | undefined;
}

export interface OpeningOptions {
  readonly credentials?: CredentialSource | undefined;
  readonly codeCaches: CodeCacheSource;
  readonly readBundle: BundleReader;
  readonly folders?: GuestFolders | undefined;
  readonly initTimeoutMs: number;
  readonly logBytesPerInvocation: number;
}

/** Gives hosts what they need for an environment: code, heap or bytecode, and settings. Each is sent to a host once. */
export class Opening {
  readonly #options: OpeningOptions;
  readonly #bundles: BundleCache;

  constructor(options: OpeningOptions) {
    this.#options = options;
    this.#bundles = new BundleCache(bundleCacheBytes, options.readBundle);
  }

  /** Wall time until the environment must be open, ms. @param events Given when its init is recorded. */
  timeoutMs(spec: VersionSpec, events: Rehearsals | undefined): number {
    const rehearsing = events === undefined ? 0 : rehearsalMs * (events.length + 2);
    return this.#initTimeoutMs(spec, events !== undefined) + rehearsing;
  }

  /** What its host does not have yet: from memory where it can be, since somebody waits. */
  materials(environment: Environment): Materials | Promise<Materials> {
    const { host, pool, plan } = environment;
    const { bundle } = pool.spec;
    const text = host.bundles.has(bundle.hash)
      ? nothing
      : (this.#bundles.peek(bundle.hash) ?? this.#bundles.read(pool.spec));
    const { snapshot } = plan;
    const heap =
      snapshot === undefined || host.snapshots.has(snapshot.hash)
        ? nothing
        : (snapshot.bytes ?? snapshot.read());
    const code =
      snapshot !== undefined || !environment.usesCodeCache || host.codeCaches.has(pool.spec.key)
        ? undefined
        : this.#options.codeCaches.find(pool.spec);
    if (!(text instanceof Promise) && !(heap instanceof Promise) && !(code instanceof Promise)) {
      return { text, heap, code };
    }
    return Promise.all([text, heap, code]).then((read) => ({ text: read[0], heap: read[1], code: read[2] }));
  }

  /** Has its host open the environment. A host that has lost nothing meanwhile gets nothing twice. */
  send(environment: Environment, materials: Materials, events?: Rehearsals): void {
    const { host, pool, log, plan } = environment;
    const { text, heap, code } = materials;
    environment.isOpenSent = true;
    host.functions.add(pool.spec.functionArn);
    const { hash } = pool.spec.bundle;
    if (text !== nothing && !host.bundles.has(hash)) host.sendBundle(hash, text.script, text.map);
    if (code !== undefined && !host.codeCaches.has(pool.spec.key)) {
      host.sendCodeCache(hash, pool.spec.key, code);
    }
    const { snapshot } = plan;
    if (snapshot !== undefined && heap instanceof Uint8Array && !host.snapshots.has(snapshot.hash)) {
      host.sendSnapshot(snapshot.hash, heap);
    }
    // A host holds so many: that it had this one may be long ago, when its bundle had to be read first.
    const isThere = snapshot !== undefined && host.snapshots.use(snapshot.hash);
    if (snapshot !== undefined && !isThere) environment.planFailed("its snapshot could not be read");
    const { folders } = this.#options;
    const settings = openSettingsJson(
      pool.spec,
      log.streamName,
      {
        initTimeoutMs: this.#initTimeoutMs(pool.spec, events !== undefined),
        logBytesPerInvocation: this.#options.logBytesPerInvocation,
      },
      {
        ...(isThere ? { snapshot: { hash: snapshot.hash, clockMs: snapshot.clockMs } } : {}),
        ...(folders === undefined ? {} : { files: folders.packs.reference(pool.spec.bundle.key) }),
        ...(environment.usesCodeCache ? { codeCache: pool.spec.key } : {}),
        ...(events === undefined ? {} : { record: { events } }),
        ...(host.isInspected ? { inspect: true } : {}),
      },
      this.issue(environment),
    );
    host.sendOpen(environment.id, settings);
  }

  /** New credentials for an environment, as variables; none where there are none to give. */
  issue(environment: Environment): Readonly<Record<string, string>> {
    const issued = this.#options.credentials?.issue(environment.pool.spec);
    environment.renewAtMs =
      issued === undefined ? Number.POSITIVE_INFINITY : performance.now() + issued.renewAfterMs;
    return issued?.variables ?? {};
  }

  #initTimeoutMs(spec: VersionSpec, isRecording: boolean): number {
    const { initTimeoutMs } = this.#options;
    return isRecording ? recordingTimeoutMs(spec, initTimeoutMs) : initTimeoutMs;
  }
}
