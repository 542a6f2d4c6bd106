import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Hono } from "hono";
import { type ApiAccess, openApiAccess, openGuestAccess } from "./access/index.ts";
import { AuditTrail } from "./audit/index.ts";
import { type Config, type ConfigInput, configSchema } from "./config.ts";
import { createFunctionService, type FunctionService } from "./control/index.ts";
import { createEgress } from "./egress/index.ts";
import { createEmbedding, type Embedding } from "./embedding/index.ts";
import { Fleet, GuestFolders, Inspections } from "./fleet/index.ts";
import {
  answerAfterRequest,
  apiGuard,
  auditCalls,
  auditUrlCalls,
  authorizeBriskRoutes,
  createAuditApp,
  createColdStartApp,
  createHealthApp,
  createKeysApp,
  createLambdaApi,
  createListeners,
  createLogsApp,
  createRolesApp,
  createUrlHandler,
  debuggersSourceMap,
  InspectorServer,
  invocationRoutes,
  type Listeners,
  refuseAccessRoutes,
  refuseDotSegments,
  requireSignature,
} from "./http/index.ts";
import { systemClock } from "./model/clock.ts";
import type { InspectionView } from "./model/inspection.ts";
import { createFileLogStore, type LogStore } from "./observe/index.ts";
import { sealOlderDataFolder } from "./older-data-folder.ts";
import { openKeys } from "./sealing/index.ts";
import {
  CodeCaches,
  chooseSampleEvents,
  createBundler,
  ensureGuestHeap,
  FilePackStore,
  Freezer,
  SealedStore,
  Snapshots,
  sharedCacheDir,
} from "./snapstart/index.ts";
import { createSqliteStore, lockDataFolder } from "./store/index.ts";

export interface RuntimeListeners extends Listeners {
  /** With the setting `inspect`: where debuggers find isolates. */
  readonly inspector: Pick<InspectorServer, "url" | "devToolsUrl"> | undefined;
}

/** A whole Brisk: what `brisk serve` runs, what a gateway embeds, what the end-to-end tests start. */
export interface Runtime extends Embedding, AsyncDisposable {
  /**
   * Opens the configured ports. A gateway that only embeds never calls it.
   * @throws {Error} When an address is in use or may not be opened.
   */
  listen(): Promise<RuntimeListeners>;
  /** The root access key that this start made, with auth sigv4 and no keys before: nothing else ever tells its secret. */
  readonly newRootKey: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** The file of the master key that this start made: without it, nothing in the data folder can be opened. */
  readonly newMasterKeyFile: string | undefined;
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
 * @throws {MasterKeyError} There is no master key for it, or another one.
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
  const { keys, newMasterKeyFile } = await openKeys(dataDir, config);
  await sealOlderDataFolder(dataDir, keys, say);
  const packs = await FilePackStore.open(join(cacheDir, "files"), keys.installation);
  const [store, guestDir, bundler, folders] = await Promise.all([
    createSqliteStore(dataDir, keys),
    ensureGuestHeap([sharedCacheDir(), cacheDir]),
    createBundler({
      cacheDir: join(cacheDir, "bundles"),
      sealing: keys.files,
      packs,
      config,
      warmSpare: config.dev,
    }),
    GuestFolders.open(packs, join(dataDir, "scratch")),
  ]);
  opened.defer(() => store.close());
  opened.defer(() => bundler.close());
  const logs = createFileLogStore({ dir: join(dataDir, "logs"), fileBytes: config.logFileBytes });
  opened.defer(() => logs.close());
  const accessOptions = { ...config, dataDir, installationKey: keys.installation, clock };
  const guestAccess =
    config.auth === "sigv4" ? await openGuestAccess(accessOptions, guestEndpoint) : undefined;
  // An init that is recorded may ask before the API is there: clients ask again.
  let api: Hono | undefined;
  const { region, accountId } = config;
  const trail = new AuditTrail({
    dir: join(dataDir, "audit"),
    scope: { region, accountId },
    fileBytes: config.auditFileBytes,
    totalBytes: config.auditTotalBytes,
    retentionDays: config.auditRetentionDays,
    clock,
    onNote: say,
  });
  opened.defer(() => trail.close());
  const remote = createEgress({
    allow: config.egressAllow,
    deny: config.egressDeny,
    ownService: guestAccess && {
      origin: guestEndpoint,
      fetch: async (request) => api?.fetch(request, {}) ?? new Response(null, { status: 503 }),
    },
  });
  opened.defer(() => remote.close());
  const sealed = await SealedStore.open({
    dir: join(cacheDir, "snapshots"),
    sealing: keys.files,
    onDamaged: ({ message }) => say(message),
  });
  opened.defer(() => sealed.close());
  const snapshots = new Snapshots({
    store: sealed,
    freezer: new Freezer(guestDir, { timeoutMs: config.builderTimeoutMs, memoryMb: config.builderMemoryMb }),
    guestDir,
    clock,
    record: (spec, events, signal) => fleet.record(spec, events, signal),
    readBundle: (spec) => functions.bundleText(spec),
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
  const inspections = config.inspect && new Inspections();
  const fleet = new Fleet({
    ...config,
    inspections,
    guestDir,
    clock,
    logs,
    remote,
    snapshots,
    codeCaches,
    credentials: guestAccess?.guests,
    readBundle: (spec) => functions.bundleText(spec),
    folders,
    onBug: reportBug,
  });
  // What comes next may refuse to start, and hosts would keep the process alive.
  opened.defer(() => fleet.close(0));
  const functions = await createFunctionService({
    store,
    bundler,
    snapStart: snapshots,
    config,
    clock,
    onBug: reportBug,
    onDamaged: say,
    onRetired: (spec) => fleet.retire(spec),
  });
  opened.defer(() => functions.close());
  await codeCaches.sweep(functions.specs());

  let listeners: RuntimeListeners | undefined;
  const scheme = config.tlsCert === undefined ? "http" : "https";
  const urlFor = (urlId: string) =>
    `${scheme}://${urlId}.lambda-url.${config.region}.localhost:${listeners?.port ?? config.port}/`;
  const access =
    guestAccess &&
    (await openApiAccess(accessOptions, guestAccess, {
      policy: (arn) => functions.resourcePolicies.find(arn),
      tags: (arn) => functions.tags.find(arn),
    }));
  const urls = createUrlHandler({
    directory: functions,
    invoker: fleet,
    config,
    clock,
    access,
    onCall: config.auditDataEvents ? auditUrlCalls(trail) : undefined,
    onBug: reportBug,
  });
  api = apiApp({ config, functions, fleet, logs, trail, linkKey: keys.links, urlFor, access });
  const embedding = createEmbedding({ functions, invoker: fleet, urls, urlFor });

  let closed: Promise<void> | undefined;
  const close = (drainMs: number): Promise<void> => {
    closed ??= (async () => {
      // Whoever follows a log holds a connection until nothing more can come.
      const drained = fleet.close(drainMs).then(() => {
        trail.stopFollowing();
        return logs.close();
      });
      // What records an init ends with the fleet: that is no failure of the function's.
      await Promise.all([listeners?.close({ drainMs }), drained, snapshots.close()]);
      await opened.disposeAsync();
    })();
    return closed;
  };
  return Object.assign(embedding, {
    newRootKey: access?.newRootKey,
    newMasterKeyFile,
    async listen() {
      if (listeners !== undefined) return listeners;
      const inspector = inspections && (await openInspector(inspections, config, functions));
      try {
        const opening = await createListeners({ config, api, urls, onBug: reportBug, onNote: say });
        listeners = { ...opening, inspector };
      } catch (error) {
        await inspector?.close();
        throw error;
      }
      if (inspector !== undefined) opened.defer(() => inspector.close());
      return listeners;
    },
    close: (options?: { drainMs?: number }) => close(options?.drainMs ?? config.drainTimeoutMs),
    [Symbol.asyncDispose]: () => close(config.drainTimeoutMs),
  });
}

async function openInspector(
  isolates: InspectionView,
  { inspect }: Config,
  functions: FunctionService,
): Promise<InspectorServer> {
  const { port, root } = inspect ?? { port: 0, root: undefined };
  return InspectorServer.open({
    port,
    isolates,
    root,
    sourceMapUrl: async (spec) => {
      const { map } = await functions.bundleText(spec);
      return debuggersSourceMap(Buffer.from(map).toString("utf8"), root, readText);
    },
    onBug: reportBug,
  });
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Where functions find the API: no name that is resolved, and no port. Egress knows it. */
const guestEndpoint = "http://lambda.brisk.internal";

/** Everything that answers on the API's origin. */
function apiApp(parts: {
  config: Config;
  functions: FunctionService;
  fleet: Fleet;
  logs: LogStore;
  trail: AuditTrail;
  linkKey: Uint8Array;
  urlFor: (urlId: string) => string;
  access: ApiAccess | undefined;
}): Hono {
  const { config, functions, fleet, logs, trail, linkKey, urlFor, access } = parts;
  const app = new Hono();
  app.use(answerAfterRequest());
  const guard = apiGuard({ apiHosts: config.apiHosts, anyHost: access !== undefined });
  // Before the log of calls: whoever watches asks often, and asks for nothing.
  app.route(
    "/",
    createHealthApp(guard, () => ({ ...fleet.figures, audit: trail.figures })),
  );
  app.use(
    auditCalls({
      trail,
      dataEvents: config.auditDataEvents,
      trustForwarded: config.trustForwarded,
      scope: functions.scope,
      clock: systemClock,
      onBug: reportBug,
    }),
  );
  app.use(guard);
  app.use(refuseDotSegments());
  if (access !== undefined) {
    const { trustForwarded, requestTimeoutMs } = config;
    app.use(requireSignature({ ...access, trustForwarded, requestTimeoutMs, onBug: reportBug }));
    app.route("/", authorizeBriskRoutes());
    app.route("/", createKeysApp({ keys: access.keys, accountId: config.accountId, onBug: reportBug }));
    app.route("/", createRolesApp({ roles: access.roles, onBug: reportBug }));
  } else app.route("/", refuseAccessRoutes());
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
  app.route("/", createAuditApp({ trail }));
  app.route("/", createLogsApp({ logs, logGroupOf: (name) => functions.logGroup(name) }));
  app.mount("/", createLambdaApi({ functions, urlFor, linkKey, onBug: reportBug }).fetch, {
    // The request as it is: a copy costs time, and can't be made with every method.
    replaceRequest: false,
  });
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
