import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DeleteFunctionCommand, LambdaClient, PublishVersionCommand } from "@aws-sdk/client-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { SnapshotFailure, SnapshotStep } from "../../src/snapstart/index.ts";
import { checkout, launcher, ServeProcess } from "./brisk-process.ts";
import {
  type Answer,
  createWithSnapStart,
  invoke,
  PublishedVersion,
  type PublishInput,
  publish,
  settled,
} from "./published-version.ts";
import { startServer, type TestServer } from "./server.ts";

/**
 * Functions whose heap can't be frozen, and builds that are disturbed. Each ends in a state that says why, init serves,
 * and no process and no file is left behind.
 */
const limits = { initTimeoutMs: 2000, builderTimeoutMs: 25_000, builderMemoryMb: 512 };
/** For what goes on until it meets one of them: a recording of init may take 13 times as long. */
const tightLimits = { ...limits, initTimeoutMs: 300, builderTimeoutMs: 6000 };
/** One of each kind: `npm run test:faults` tries all, which takes minutes. */
const few: ReadonlySet<string> = new Set([
  ...["never-settles", "exits", "allocates-again", "asks-for-more", "open-body"],
]);
const areAllTried = process.env["BRISK_TEST_FAULTS"] === "all";
/** While its init is replayed, a function can tell that V8 has no Temporal: what it does then, it did not when recorded. */
const replayed = "typeof Temporal === 'undefined'";

let server: TestServer;
let tightServer: TestServer;
beforeAll(async () => {
  const start = (chosen: typeof limits) =>
    startServer({ startStrategy: "init", egressAllow: ["127.0.0.1/32"], ...chosen });
  server = await start(limits);
  tightServer = await start(tightLimits);
});
afterAll(() => Promise.all([server.close(), tightServer.close()]));
afterEach(async () => {
  await expect.poll(() => builderProcesses(process.pid), { timeout: 10_000 }).toEqual([]);
  // Bytecode of functions that were invoked is written there, too.
  const incoming = () => readdir(join(server.dataDir, "cache/snapshots/incoming"));
  await expect.poll(incoming, { timeout: 10_000 }).toEqual([]);
});

interface Fault extends Pick<SnapshotFailure, "step" | "code"> {
  readonly name: string;
  readonly init: string;
  readonly message: RegExp;
  readonly isEndless?: boolean;
}

const faults: readonly Fault[] = [
  // Init itself goes wrong.
  {
    name: "loops",
    init: "for (;;);",
    step: "record",
    code: "InitFailed",
    message: /took longer than 5000 ms/,
    isEndless: true,
  },
  {
    name: "allocates",
    init: "const all = []; for (;;) all.push(new Array(1000).fill({}));",
    step: "record",
    code: "InitFailed",
    message: /memory|5000 ms/,
    isEndless: true,
  },
  {
    name: "throws",
    init: "throw new TypeError('no luck');",
    step: "record",
    code: "InitFailed",
    message: /no luck/,
  },
  {
    name: "rejects",
    init: "await Promise.reject(new Error('rejected'));",
    step: "record",
    code: "InitFailed",
    message: /rejected/,
  },
  {
    name: "never-settles",
    init: "await new Promise(() => {});",
    step: "record",
    code: "InitFailed",
    message: /./,
  },
  { name: "exits", init: "process.exit(3);", step: "record", code: "InitFailed", message: /exit|ended/i },
  // Init goes well where it is recorded, and wrong where it is replayed.
  {
    name: "loops-again",
    init: `if (${replayed}) for (;;);`,
    step: "freeze",
    code: "BuilderTimedOut",
    message: /6000 ms.*builderTimeoutMs/,
    isEndless: true,
  },
  {
    name: "allocates-again",
    init: `if (${replayed}) { const all = []; for (;;) all.push(new Array(1000).fill({})); }`,
    step: "freeze",
    code: "BuilderOutOfMemory",
    message: /512 MB.*builderMemoryMb/,
  },
  {
    name: "huge-again",
    init: `if (${replayed}) globalThis.huge = new Array(2 ** 27).fill({});`,
    step: "freeze",
    code: "BuilderOutOfMemory",
    message: /512 MB.*builderMemoryMb/,
  },
  {
    name: "throws-again",
    init: `if (${replayed}) throw new TypeError("no luck");`,
    step: "freeze",
    code: "InitFailed",
    message: /no luck.*\/var\/task\/index\.mjs:2/,
  },
  {
    name: "never-settles-again",
    init: `if (${replayed}) await new Promise(() => {});`,
    step: "freeze",
    code: "NotDeterministic",
    message: /did not end again/,
  },
  {
    name: "exits-again",
    init: `if (${replayed}) process.exit(3);`,
    step: "freeze",
    code: "NotDeterministic",
    message: /where it had called nothing.*\/var\/task\/index\.mjs:2/,
  },
  {
    name: "asks-for-more",
    init: `const draw = () => crypto.getRandomValues(new Uint8Array(60_000)); draw(); if (${replayed}) draw();`,
    step: "freeze",
    code: "NotDeterministic",
    message: /"crypto\.random".*\/var\/task\/index\.mjs:2/,
  },
  {
    name: "loads-more",
    init: `if (${replayed}) new URL("https://example.com");`,
    step: "freeze",
    code: "NotDeterministic",
    message: /"module\.load" for brisk:web\/lazy\/url.*\/var\/task\/index\.mjs:2/,
  },
  {
    name: "asks-for-less",
    init: `if (!(${replayed})) crypto.randomUUID();`,
    step: "freeze",
    code: "NotDeterministic",
    message: /"crypto\.random"/,
  },
  {
    name: "asks-for-another",
    // More than the guest keeps in stock.
    init: `crypto.getRandomValues(new Uint8Array(${replayed} ? 8192 : 8193));`,
    step: "freeze",
    code: "NotDeterministic",
    message: /other arguments.*\/var\/task\/index\.mjs:2/,
  },
  // What V8 can't freeze.
  {
    name: "disposables",
    init: "globalThis.resources = new DisposableStack();",
    step: "freeze",
    code: "NotFreezable",
    message: /DisposableStack/,
  },
  {
    name: "frozen-intrinsics",
    init: "Object.freeze(Map.prototype);",
    step: "freeze",
    code: "NotFreezable",
    message: /Map\.prototype is frozen/,
  },
  {
    name: "open-body",
    init: "globalThis.response = await fetch(process.env.ENDPOINT);",
    step: "record",
    code: "NotFreezable",
    message: /not read to their end/,
  },
];

describe("there is no snapshot, the version says why, and init serves", () => {
  let endpoint: string;
  const endless = createServer((_request, response) => void response.write("the first bytes"));
  beforeAll(async () => {
    await new Promise<void>((resolve) => endless.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(endless.address() as AddressInfo).port}/`;
  });
  afterAll(() => {
    endless.closeAllConnections();
    endless.close();
  });

  test.each(faults.filter(({ name }) => areAllTried || few.has(name)))(
    "$name: $code",
    async ({ name, init, step, code, message, isEndless }) => {
      const at = isEndless === true ? tightServer : server;
      await createWithSnapStart(at, fault(name, init, { ENDPOINT: endpoint }));
      const byInit = await invoke(at, name, "$LATEST", {});
      const version = await publish(at, name);

      const snapshot = await version.snapshot();
      expect(snapshot).toMatchObject({ kind: "failed", failure: { step, code } });
      const failure = (snapshot as { failure: SnapshotFailure }).failure;
      expect(failure.message).toMatch(message);
      const { State, StateReason, SnapStart } = await version.configuration();
      expect({ State, SnapStart }).toMatchObject({
        State: "Active",
        SnapStart: { OptimizationStatus: "Off" },
      });
      expect(StateReason).toContain(failure.message);

      expect(kindOf(await version.invoke())).toEqual(kindOf(byInit));
      if (byInit.functionError !== undefined) return;
      const [start] = await version.starts();
      expect(start).toMatchObject({ strategy: "init" });
      expect(start?.reason).toContain(failure.message);
    },
    // The recording of an endless init lasts as long as AWS lets one last.
    240_000,
  );
});

describe("there is a snapshot all the same", () => {
  test.each([
    ["stack-trace-limit", "Error.stackTraceLimit = 50;", "Error.stackTraceLimit", 50],
    ["interval", "let ticks = 0; setInterval(() => ticks++, 5);", "await wait(200), ticks > 1", true],
    [
      "own-prepare",
      "Error.prepareStackTrace = (error, frames) => frames.length;",
      "new Error('x').stack > 0",
      true,
    ],
  ])(
    "%s",
    async (name, init, expression, expected) => {
      await createWithSnapStart(server, {
        name,
        code: `const wait = (ms) => new Promise((done) => setTimeout(done, ms));
        ${init}
        export const handler = async () => (${expression});`,
      });
      const version = await publish(server, name);
      expect(await version.snapshot()).toMatchObject({ kind: "ready" });
      expect(JSON.parse((await version.invoke()).text)).toEqual(expected);
      expect((await version.starts())[0]).toMatchObject({ strategy: "snapshot" });
    },
    120_000,
  );
});

describe("a build that is disturbed", () => {
  /** Long enough to be met in each step. Sleeping takes no time on a tape, so its replay computes. */
  const slow = (name: string) =>
    fault(
      name,
      `await new Promise((done) => setTimeout(done, 1500));
      const text = JSON.stringify(Array.from({ length: 1000 }, (_, n) => ({ n })));
      if (${replayed}) for (let steps = 0; steps < 5000; steps++) JSON.parse(text);`,
    );

  test("two publishes at once share one build", async () => {
    await createWithSnapStart(server, slow("twice"));
    const [one, other] = await Promise.all([publish(server, "twice"), publish(server, "twice")]);
    // The code has not changed between them: it is one version.
    expect(one.version).toBe(other.version);
    expect(await one.snapshot()).toMatchObject({ kind: "ready" });
    expect(kindOf(await one.invoke())).toEqual({ text: '"well"' });
  }, 120_000);

  test.each(["record", "freeze", "verify"] as const)(
    "the process of its step %s is killed",
    async (step) => {
      const name = `killed-in-${step}`;
      await createWithSnapStart(server, slow(name));
      await server.client.send(new PublishVersionCommand({ FunctionName: name }));
      const version = new PublishedVersion(server, name, "1");
      await reaches(version, step);
      expect(await killOne(step === "record" ? "host" : "freeze")).toBe(true);
      await settled(server, name, "1");
      const snapshot = await version.snapshot();
      // A lost host is nothing of the function's, so init is recorded again.
      if (step === "record") expect(snapshot).toMatchObject({ kind: "ready" });
      else expect(snapshot).toMatchObject({ kind: "failed", failure: { step } });
      const { State } = await version.configuration();
      expect(State).toBe("Active");
      expect(kindOf(await version.invoke())).toEqual({ text: '"well"' });
    },
    120_000,
  );

  test.each(["record", "freeze"] as const)(
    "the function is deleted in its step %s",
    async (step) => {
      const name = `deleted-in-${step}`;
      await createWithSnapStart(server, slow(name));
      await server.client.send(new PublishVersionCommand({ FunctionName: name }));
      await reaches(new PublishedVersion(server, name, "1"), step);
      const before = await readdir(join(server.dataDir, "cache/snapshots/snapshot"));
      await server.client.send(new DeleteFunctionCommand({ FunctionName: name }));
      await expect.poll(() => builderProcesses(process.pid), { timeout: 10_000 }).toEqual([]);
      // The name is free for another function, which has its own snapshot.
      await createWithSnapStart(server, fault(name, ""));
      const again = await publish(server, name);
      expect(await again.snapshot()).toMatchObject({ kind: "ready" });
      expect((await readdir(join(server.dataDir, "cache/snapshots/snapshot"))).length).toBe(
        before.length + 1,
      );
    },
    120_000,
  );
});

test.each(["record", "freeze"] as const)(
  "a server that is killed in the step %s makes the snapshot when it is started again",
  async (step) => {
    const dataDir = await mkdtemp(join(tmpdir(), "brisk-killed-"));
    const args = [launcher, "serve", "--port", "0", "--data", dataDir];
    const code = `await new Promise((done) => setTimeout(done, 1500));
      const text = JSON.stringify(Array.from({ length: 1000 }, (_, n) => ({ n })));
      if (${replayed}) for (let steps = 0; steps < 6000; steps++) JSON.parse(text);
      export const handler = async () => "well";`;
    try {
      {
        await using first = await ServeProcess.start(process.execPath, args, { cwd: checkout });
        const target = remote(first.endpoint);
        await createWithSnapStart(target, { name: "survivor", code });
        await target.client.send(new PublishVersionCommand({ FunctionName: "survivor" }));
        await reaches(new PublishedVersion(target, "survivor", "1"), step);
        const pid = first.child.pid as number;
        const children = await childProcesses(pid);
        expect(children.length).toBeGreaterThan(0);
        first.child.kill("SIGKILL");
        await first.exited;
        // They notice that nobody listens any more.
        await expect.poll(() => children.filter(isAlive), { timeout: 30_000 }).toEqual([]);
        target.client.destroy();
      }
      await using second = await ServeProcess.start(process.execPath, args, { cwd: checkout });
      const target = remote(second.endpoint);
      const version = new PublishedVersion(target, "survivor", "1");
      await settled(target, "survivor", "1");
      expect(kindOf(await version.invoke())).toEqual({ text: '"well"' });
      await expect.poll(async () => (await version.snapshot()).kind, { timeout: 60_000 }).toBe("ready");
      expect(await readdir(join(dataDir, "cache/snapshots/incoming"))).toEqual([]);
      expect(await readdir(join(dataDir, "cache/snapshots/snapshot"))).toHaveLength(1);
      target.client.destroy();
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  },
  180_000,
);

function fault(name: string, init: string, environment: Record<string, string> = {}): PublishInput {
  return {
    name,
    // Its own line: reasons name it.
    code: `// A line before it.\n${init}\nexport const handler = async () => "well";`,
    memorySizeMb: 128,
    timeoutSeconds: 5,
    environment: { BRISK_CPU_TIME_MS: "60000", ...environment },
  };
}

const limitErrors = new Set(["Sandbox.Timedout", "Runtime.OutOfMemory"]);

/** What is the same in two invocations that end in the same way: an error's trace and times are not. */
function kindOf({ functionError, text }: Answer): { text: string } | { errorType: unknown } {
  if (functionError === undefined) return { text };
  const { errorType } = JSON.parse(text) as { errorType: string };
  // Which of its limits an endless init meets first is a matter of the machine.
  return { errorType: limitErrors.has(errorType) ? "a limit" : errorType };
}

async function reaches(version: PublishedVersion, step: SnapshotStep): Promise<void> {
  for (;;) {
    const snapshot = await version.snapshot();
    if (snapshot.kind === "building" && snapshot.step === step) return;
    if (snapshot.kind === "ready" || snapshot.kind === "failed") {
      throw new Error(`The build ended before it was met in its step ${step}: ${JSON.stringify(snapshot)}`);
    }
    await delay(2);
  }
}

/** A server that is another process, for what only needs its API. */
function remote(endpoint: string): TestServer {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new LambdaClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  return { client, url: endpoint } as TestServer;
}

/** Those that make or try snapshots; one that bundles is kept waiting for the next deployment. */
function builderProcesses(parent: number): Promise<number[]> {
  return childProcesses(parent, /builder\/freeze-main/);
}

/** Kills a builder, or each host: which of them records is not to be seen from outside. */
async function killOne(kind: "host" | "freeze"): Promise<boolean> {
  const program = kind === "host" ? /host\/main/ : /builder\/freeze-main/;
  for (let tries = 0; tries < 500; tries++) {
    const pids = await childProcesses(process.pid, program);
    for (const pid of pids) process.kill(pid, "SIGKILL");
    if (pids.length > 0) return true;
    await delay(2);
  }
  return false;
}

async function childProcesses(parent: number, program = /./): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    if (/^PPid:\s+(\d+)/m.exec(status)?.[1] !== String(parent)) continue;
    // Without a command line: it has ended, and nobody has asked for its exit status yet.
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (commandLine !== "" && program.test(commandLine)) found.push(Number(pid));
  }
  return found;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
