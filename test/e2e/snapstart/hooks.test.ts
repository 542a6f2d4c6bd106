import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startServer, type TestServer } from "../server.ts";
import { CountingServer } from "./counting-server.ts";
import { FrozenServer } from "./frozen-server.ts";

/** What runs around a snapshot: the function's own hooks, sample events, and init where a restore fails. */
// Builds take processes of their own: a machine that has much to do takes its time.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
let server: TestServer;
let frozen: FrozenServer;
let world: CountingServer;

beforeAll(async () => {
  world = await CountingServer.start();
  server = await startServer({ egressAllow: ["127.0.0.0/8"], spareEnvironments: 0 });
  frozen = new FrozenServer(server);
});
afterAll(async () => {
  await server.close();
  await world[Symbol.asyncDispose]();
});

const text = (path: string) => `await (await fetch(${JSON.stringify(world.url)} + ${path})).text()`;

it("hooks run in their order, once each, and may fetch after the restore", async () => {
  await frozen.freeze({
    name: "hooks",
    files: {
      "index.mjs": `const done = [];
        const { snapstart } = awslambda;
        snapstart.registerBeforeSnapshot(async () => { await null; done.push("first before"); });
        snapstart.registerBeforeSnapshot(() => done.push("last before"));
        snapstart.registerAfterRestore(async () => { done.push("first after", ${text('"/hooks"')}); });
        snapstart.registerAfterRestore(() => { done.push("last after"); });
        export const handler = async () => done;`,
    },
  });
  expect(world.asked("/hooks")).toEqual([]);
  const answers = [await frozen.restored("hooks"), await frozen.restored("hooks")] as string[][];
  for (const [index, answer] of answers.entries()) {
    expect(answer).toEqual([
      "last before",
      "first before",
      "first after",
      expect.stringContaining("answer to /hooks"),
      "last after",
    ]);
    expect(world.asked("/hooks").length).toBeGreaterThan(index);
  }
  expect(world.asked("/hooks")).toHaveLength(2);
  expect(await server.runtime.invoke("hooks")).toEqual(answers[1]);
  const log = await frozen.log("hooks");
  expect(log).toMatch(
    /RESTORE_START Runtime Version: .*\n(?:.*\n)*?.*RESTORE_REPORT Restore Duration: [\d.]+ ms/,
  );
  expect(log).toMatch(/^REPORT .*Restore Duration: [\d.]+ ms/m);
});

it("a failing hook makes init run instead, once, and the log says so", async () => {
  await frozen.freeze({
    name: "failing-hook",
    files: {
      "index.js": `awslambda.snapstart.registerAfterRestore(async () => { await null; throw new Error("no database"); });
        console.log("init ran");
        exports.handler = async () => process.env.AWS_LAMBDA_INITIALIZATION_TYPE;`,
    },
  });
  expect(await server.runtime.invoke("failing-hook")).toBe("on-demand");
  const [start, ...others] = await frozen.starts("failing-hook");
  expect(others).toEqual([]);
  expect(start?.strategy).not.toBe("snapshot");
  expect(start?.reason).toBe("its snapshot could not be restored: Error: no database");
  const log = await frozen.log("failing-hook");
  // Once where it was recorded, and once here.
  expect(log.match(/init ran/g)).toHaveLength(2);
  expect(log).toMatch(
    /RESTORE_REPORT Restore Duration: [\d.]+ ms\s+Status: error\s+Error Type: Runtime.RestoreFailed/,
  );
});

it("after two failed restores the snapshot is given up, and init serves", async () => {
  await frozen.freeze({
    name: "gives-up",
    files: {
      "index.js": `awslambda.snapstart.registerAfterRestore(() => { throw new Error("never well"); });
        exports.handler = async () => "well";`,
    },
  });
  for (let start = 0; start < 3; start++) {
    await frozen.endIdle("gives-up");
    expect(await server.runtime.invoke("gives-up")).toBe("well");
  }
  expect(await frozen.state("gives-up")).toMatchObject({
    kind: "failed",
    failure: { code: "RestoreFailed" },
  });
  expect((await frozen.starts("gives-up"))[0]?.reason).toContain("given up after 2 failed restores");
});

it("a rejection that a hook leaves behind makes init run instead, to its end", async () => {
  await frozen.freeze({
    name: "rejecting-hook",
    files: {
      "index.mjs": `awslambda.snapstart.registerAfterRestore(() => { Promise.reject(new Error("left behind")); });
        await new Promise((resolve) => setTimeout(resolve, 20));
        export const handler = async () => "well";`,
    },
  });
  expect(await server.runtime.invoke("rejecting-hook")).toBe("well");
  expect((await frozen.starts("rejecting-hook"))[0]?.reason).toMatch(
    /^its snapshot could not be restored: Runtime.UnhandledPromiseRejection: .*left behind$/,
  );
});

it.each([
  ["ends the process", "process.exit(3)", "its hooks ended the process with error: exit status 3"],
  ["never settles", "return new Promise(() => {})", "its restore hooks never settled"],
  [
    "eats its memory",
    "const all = []; for (;;) all.push({ all: [all] })",
    "it took more than the function's memory",
  ],
  ["loops", "for (;;);", "its hooks took too much time"],
])("a hook that %s makes init run instead", async (word, code, reason) => {
  const name = `hook-${word.replaceAll(" ", "-")}`;
  await frozen.freeze({
    name,
    files: {
      "index.js": `awslambda.snapstart.registerAfterRestore(() => { ${code}; });
        exports.handler = async () => "well";`,
    },
  });
  expect(await server.runtime.invoke(name)).toBe("well");
  expect((await frozen.starts(name))[0]?.reason).toBe(`its snapshot could not be restored: ${reason}`);
});

it("what a failed hook had asked of the world does not meet the init that follows", async () => {
  await frozen.freeze({
    name: "busy-hook",
    files: {
      "index.mjs": `
        awslambda.snapstart.registerAfterRestore(async () => {
          for (let each = 0; each < 9; each++) fetch(${JSON.stringify(world.url)} + "/busy/slow").catch(() => {});
          await new Promise((resolve) => setTimeout(resolve, 1));
          throw new Error("too busy");
        });
        const texts = [];
        for (let each = 0; each < 9; each++) texts.push(${text('"/busy/" + each')});
        export const handler = async () => texts.map((text) => text.split(",")[0]);`,
    },
  });
  expect(await server.runtime.invoke("busy-hook")).toEqual(
    Array.from({ length: 9 }, (_, each) => `answer to /busy/${each}`),
  );
  expect((await frozen.starts("busy-hook"))[0]?.reason).toContain("could not be restored");
});

const caching = `let calls = 0; const cache = {};
  exports.handler = async ({ id }) => {
    calls++;
    cache[id] ??= "made in call " + calls;
    await fetch(${JSON.stringify("WORLD")}).catch(() => {});
    console.log("handled " + id);
    return { calls, keys: Object.keys(cache) };
  };`;

it.each([
  ["warmed up", "0", { calls: 1, keys: ["live"] }],
  ["primed", "1", { calls: 3, keys: ["one", "two", "live"] }],
])(
  "a %s heap: what sample events did to it stays only where it is primed",
  async (word, priming, expected) => {
    const name = word.replace(" ", "-");
    const made = await frozen.freeze({
      name,
      environment: { BRISK_PRIMING: priming, BRISK_WARMUP_EVENTS: '[{"id":"one"},{"id":"two"}]' },
      files: { "index.js": caching.replace("WORLD", `${world.url}/${name}`) },
    });
    expect(made.report.warmUps).toEqual(
      Array.from({ length: 2 }, () => ({ source: "configuration", outcome: "answered" })),
    );
    expect(made.report.isPrimed).toBe(priming === "1");
    // Neither the world nor the log has seen the sample events.
    expect(world.asked(`/${name}`)).toEqual([]);
    expect(await frozen.log(name)).not.toContain("handled");
    expect(await frozen.restored(name, { id: "live" })).toEqual(expected);
    expect(world.asked(`/${name}`)).toHaveLength(1);
  },
);

it("time never goes backwards for what priming left in a heap", async () => {
  await frozen.freeze({
    name: "primed-clock",
    environment: { BRISK_PRIMING: "1", BRISK_WARMUP_EVENTS: '[{"waitMs":3000}]' },
    timeoutSeconds: 10,
    files: {
      "index.js": `let lastMs = 0;
        exports.handler = async ({ waitMs = 0 }) => {
          await new Promise((resolve) => setTimeout(resolve, waitMs));
          const beforeMs = lastMs;
          lastMs = performance.now();
          return { hasCached: beforeMs > 0, isForward: lastMs >= beforeMs };
        };`,
    },
  });
  expect(await frozen.restored("primed-clock")).toEqual({ hasCached: true, isForward: true });
});

it.each([
  ["throws", `throw new Error("not today")`, "failed: Error: not today"],
  ["rejects and nobody listens", `Promise.reject(new Error("alone")); return 1`, /alone/],
  ["never ends", `for (;;);`, /failed/],
  ["never answers", `await new Promise(() => {})`, /failed/],
  ["ends the process", `process.exit(3)`, /failed/],
  ["eats its memory", `const all = []; for (;;) all.push({ all: [all] })`, /failed/],
])("a sample event whose handler %s keeps nobody from a snapshot", async (word, code, outcome) => {
  const name = `sample-${word.split(" ").slice(0, 2).join("-")}`;
  const made = await frozen.freeze({
    name,
    environment: { BRISK_WARMUP_EVENTS: '[{"bad":false},{"bad":true}]' },
    files: { "index.js": `exports.handler = async ({ bad }) => { if (bad) { ${code}; } return "well"; };` },
  });
  expect(made.report.warmUps.map((warmUp) => warmUp.outcome)).toEqual([
    "answered",
    typeof outcome === "string" ? outcome : expect.stringMatching(outcome),
  ]);
  expect(await frozen.restored(name)).toBe("well");
});
