import { join, resolve } from "node:path";
import { Hono } from "hono";
import { type AccessKey, KeyRing, SignatureVerifier } from "./access/index.ts";
import { type Config, type ConfigInput, configSchema } from "./config.ts";
import { createFunctionService, type FunctionService } from "./control/index.ts";
import { createEgress } from "./egress/index.ts";
import { createEmbedding, type Embedding } from "./embedding/index.ts";
import { Fleet } from "./fleet/index.ts";
import {
  answerAfterRequest,
  apiGuard,
  createColdStartApp,
  createKeysApp,
  createLambdaApi,
  createListeners,
  createLogsApp,
  createUrlHandler,
  invocationRoutes,
  type Listeners,
  requireSignature,
} from "./http/index.ts";
import { systemClock } from "./model/clock.ts";
import { createFileLogStore, type LogStore } from "./observe/index.ts";
import {
  CodeCaches,
  chooseSampleEvents,
  createBundler,
  ensureGuestHeap,
  Freezer,
  SealedStore,
  Snapshots,
  sharedCacheDir,
} from "./snapstart/index.ts";
import { createSqliteStore, loadInstallationKey, lockDataFolder } from "./store/index.ts";

/** A whole Brisk: what `brisk serve` runs, what a gateway embeds, what the end-to-end tests start. */
export interface Runtime extends Embedding, AsyncDisposable {
  /**
   * Opens the configured ports. A gateway that only embeds never calls it.
   * @throws {Error} When an address is in use or may not be opened.
   */
  listen(): Promise<Listeners>;
  /** The root access key that this start made, with auth sigv4 and no keys before: nothing else ever tells its secret. */
  readonly newRootKey: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /**
   * Accepts nothing new, lets running invocations end for `drainMs` (default: the configuration's), and frees
   * everything. Idempotent.
   */
  close(options?: { drainMs?: number }): Promise<void>;
}

/**
 * Starts a runtime on its data folder.
 * @throws {z.ZodError} A setting is not valid.
 * @throws {DataFolderInUseError} Another server has the folder.
 */
export async function createRuntime(input: ConfigInput = {}): Promise<Runtime> {
  const config = configSchema.parse(input);
  const dataDir = resolve(config.dataDir);
  const opened = new AsyncDisposableStack();
  try {
    const lock = lockDataFolder(dataDir);
    opened.defer(() => lock.release());
    return await wire(config, dataDir, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function wire(config: Config, dataDir: string, opened: AsyncDisposableStack): Promise<Runtime> {
  const clock = systemClock;
  const cacheDir = join(dataDir, "cache");
  const [store, installationKey, guestDir, bundler] = await Promise.all([
    createSqliteStore(dataDir),
    loadInstallationKey(dataDir),
    ensureGuestHeap([sharedCacheDir(), cacheDir]),
    createBundler({ cacheDir: join(cacheDir, "bundles"), config }),
  ]);
  opened.defer(() => store.close());
  opened.defer(() => bundler.close());
  const logs = createFileLogStore({ dir: join(dataDir, "logs"), fileBytes: config.logFileBytes });
  opened.defer(() => logs.close());
  const remote = createEgress({ allow: config.egressAllow });
  opened.defer(() => remote.close());
  const sealed = await SealedStore.open({
    dir: join(cacheDir, "snapshots"),
    installationKey,
    onDamaged: ({ message }) => console.error(`brisk: ${message}`),
  });
  opened.defer(() => sealed.close());
  const snapshots = new Snapshots({
    store: sealed,
    freezer: new Freezer(guestDir, { timeoutMs: config.builderTimeoutMs, memoryMb: config.builderMemoryMb }),
    guestDir,
    clock,
    record: (spec, events, signal) => fleet.record(spec, events, signal),
    sampleEvents: (spec) =>
      chooseSampleEvents(spec, {
        latestEvents: fleet.sampleEvents(spec.functionArn),
        hasUrl: functions.hasUrl(spec.functionName),
        atMs: clock.now(),
      }),
    onReady: (spec) => fleet.prepareSpare(spec),
    onBug: reportBug,
  });
  opened.defer(() => snapshots.close());
  const codeCaches = await CodeCaches.open(sealed, guestDir, reportBug);
  const fleet = new Fleet({
    ...config,
    guestDir,
    clock,
    logs,
    remote,
    snapshots,
    codeCaches,
    onBug: reportBug,
  });
  const functions = await createFunctionService({
    store,
    bundler,
    snapStart: snapshots,
    config,
    clock,
    onBug: reportBug,
    onRetired: (spec) => fleet.retire(spec),
  });
  opened.defer(() => functions.close());
  await codeCaches.sweep(functions.specs());

  let listeners: Listeners | undefined;
  const scheme = config.tlsCert === undefined ? "http" : "https";
  const urlFor = (urlId: string) =>
    `${scheme}://${urlId}.lambda-url.${config.region}.localhost:${listeners?.port ?? config.port}/`;
  const access = config.auth === "sigv4" ? await openAccess(config, dataDir, installationKey) : undefined;
  const urls = createUrlHandler({
    directory: functions,
    invoker: fleet,
    config,
    clock,
    access: access && { verifier: access.verifier, accountId: config.accountId },
    onBug: reportBug,
  });
  const api = apiApp({ config, functions, fleet, logs, linkKey: installationKey, urlFor, access });
  const embedding = createEmbedding({ functions, invoker: fleet, urls, urlFor });

  let closed: Promise<void> | undefined;
  const close = (drainMs: number): Promise<void> => {
    closed ??= (async () => {
      // Whoever follows a log holds a connection until nothing more can come.
      const drained = fleet.close(drainMs).then(() => logs.close());
      // What records an init ends with the fleet: that is no failure of the function's.
      await Promise.all([listeners?.close({ drainMs }), drained, snapshots.close()]);
      await opened.disposeAsync();
    })();
    return closed;
  };
  return Object.assign(embedding, {
    newRootKey: access?.newRootKey,
    async listen() {
      listeners ??= await createListeners({ config, api, urls, onBug: reportBug, onNote: say });
      return listeners;
    },
    close: (options?: { drainMs?: number }) => close(options?.drainMs ?? config.drainTimeoutMs),
    [Symbol.asyncDispose]: () => close(config.drainTimeoutMs),
  });
}

interface Access {
  readonly keys: KeyRing;
  readonly verifier: SignatureVerifier;
  readonly newRootKey: AccessKey | undefined;
}

async function openAccess(config: Config, dataDir: string, installationKey: Uint8Array): Promise<Access> {
  const { accountId, region } = config;
  const { ring, newRootKey } = await KeyRing.open({
    dataDir,
    installationKey,
    accountId,
    clock: systemClock,
  });
  return {
    keys: ring,
    verifier: await SignatureVerifier.load({ keys: ring, region, clock: systemClock }),
    newRootKey,
  };
}

/** Everything that answers on the API's origin. */
function apiApp(parts: {
  config: Config;
  functions: FunctionService;
  fleet: Fleet;
  logs: LogStore;
  linkKey: Uint8Array;
  urlFor: (urlId: string) => string;
  access: Access | undefined;
}): Hono {
  const { config, functions, fleet, logs, linkKey, urlFor, access } = parts;
  const app = new Hono();
  app.use(answerAfterRequest());
  app.use(apiGuard({ apiHosts: config.apiHosts, anyHost: access !== undefined }));
  app.get("/_health", (c) => c.json({ status: "ok", ...fleet.figures }));
  if (access !== undefined) {
    app.use(requireSignature(access.verifier, reportBug));
    app.route("/", createKeysApp({ keys: access.keys, accountId: config.accountId, onBug: reportBug }));
  }
  app.route(
    "/",
    invocationRoutes({
      directory: functions,
      invoker: fleet,
      streamBytesPerSecond: config.streamBytesPerSecond,
      onBug: reportBug,
    }),
  );
  app.route("/", createColdStartApp({ functions, starts: fleet, onBug: reportBug }));
  app.route("/", createLogsApp({ logs, logGroupOf: (name) => functions.logGroup(name) }));
  app.mount("/", createLambdaApi({ functions, urlFor, linkKey, onBug: reportBug }).fetch);
  return app;
}

/** What an operator should know. */
function say(text: string): void {
  console.error(`brisk: ${text}`);
}

/** An error of ours: no caller learns more than that there was one, so the log has to. */
function reportBug(error: unknown): void {
  console.error("brisk: internal error:", error);
}
