import { fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFunctions, exampleZip } from "./package-matrix/examples.ts";
import { functionZip } from "./package-matrix/function-zip.ts";
import { matrixFunctions } from "./package-matrix/functions.ts";
import type { MatrixFunction } from "./package-matrix/matrix-function.ts";
import { type MatrixResult, packagesPage } from "./package-matrix/packages-page.ts";
import { type Services, startServices } from "./package-matrix/services.ts";
import { type Answer, createWithSnapStart, invoke, PublishedVersion, publish } from "./published-version.ts";
import { startServer, type TestServer } from "./server.ts";

/*
 * What functions load at init: that it runs here with the answers that Node gives, and that its heap freezes. Who
 * can't be frozen starts by init, and is printed with the reason. What all of them come to is docs/packages.md.
 */

/**
 * Each function is deployed, frozen and started twice, which takes minutes for all: `npm run test:packages`. Others than these
 * few by their names: `BRISK_TEST_PACKAGES=pg,sharp`.
 */
const few = "luxon,zod,jose,example-hello";
const names = (process.env["BRISK_TEST_PACKAGES"] || few).split(",");
const areAllTried = names.includes("all");
const isTried = ({ name }: { readonly name: string }): boolean => areAllTried || names.includes(name);
const packages = matrixFunctions.filter(isTried);
const examples = exampleFunctions.filter(isTried);

/** Of all requests: what functions send goes into it, too. */
const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
/** By which packages see in Node that they run on Lambda. */
const lambdaVariables = {
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
  LAMBDA_TASK_ROOT: "/var/task",
  _HANDLER: "index.handler",
  _X_AMZN_TRACE_ID: trace,
};

let server: TestServer;
let services: Services;
const echo = { "index.mjs": "export const handler = async (event) => event;" };
/** Of the functions' own, and what is Lambda's in Node. */
let variables: Record<string, string>;
const results = new Map<string, MatrixResult>();

beforeAll(async () => {
  services = await startServices();
  server = await startServer({ egressAllow: ["127.0.0.1/32"], startStrategy: "init" });
  server.client.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers["x-amzn-trace-id"] = trace;
      return next(args);
    },
    { step: "build" },
  );
  await server.deploy({ name: "echo", files: echo, url: false });
  variables = { ...services.variables, LAMBDA: server.url };
});
afterAll(async () => {
  await server?.close();
  await services?.[Symbol.asyncDispose]();
});

test("the expected answers are Node's", async () => {
  const program = fork(new URL("package-matrix/in-node.ts", import.meta.url), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, ...variables, ...lambdaVariables },
  });
  program.send(matrixFunctions);
  const [answers] = (await once(program, "message")) as [Record<string, unknown>];
  expect(answers).toEqual(Object.fromEntries(matrixFunctions.map(({ name, answer }) => [name, answer])));
}, 120_000);

const runnable = packages.filter(({ missing }) => missing === undefined);
describe.runIf(runnable.length > 0)("packages answer as in Node, from init and from a snapshot", () => {
  test.each(runnable)(
    "$name",
    async (fn) => {
      const { text } = await startBothWays(fn.name, await packageZip(fn), "index.handler", fn.event);
      expect(JSON.parse(text)).toEqual(fn.answer);
    },
    240_000,
  );
});

test("a package with a native addon says why not, and what to do instead", async () => {
  const name = "native-addon";
  const folder = "node_modules/resizer";
  const text = (source: string) => Buffer.from(source);
  // As such packages do: the addon for this platform, loaded by a name that is put together.
  const code = await functionZip(
    {
      "index.mjs": text('import resize from "resizer"; export const handler = (event) => resize(event);'),
      [`${folder}/package.json`]: text('{ "name": "resizer", "version": "1.0.0", "main": "index.js" }'),
      [`${folder}/index.js`]: text(
        `module.exports = require("./build/resizer-" + process.platform + "-" + process.arch + ".node").resize;`,
      ),
      [`${folder}/build/resizer-linux-x64.node`]: text("\x7fELF"),
      [`${folder}/build/resizer-linux-arm64.node`]: text("\x7fELF"),
    },
    [],
  );
  await createWithSnapStart(server, { name, code });
  const { functionError, text: answer } = await invoke(server, name, "$LATEST", {});
  expect(functionError).toBe("Unhandled");
  expect(JSON.parse(answer).errorMessage).toMatch(
    /^\/var\/task\/node_modules\/resizer\/build\/resizer-linux-\w+\.node: native addons cannot be loaded in an isolate: use a package of JavaScript or WebAssembly alone/,
  );
});

const unable = packages.filter(({ missing }) => missing !== undefined);
describe.runIf(unable.length > 0)("packages that need what is missing here say so", () => {
  test.each(unable)(
    "$name",
    async (fn) => {
      const { name, event, missing = "" } = fn;
      await createWithSnapStart(server, { name, code: await packageZip(fn) });
      const { functionError, text } = await invoke(server, name, "$LATEST", event);
      expect([functionError, text]).toEqual(["Unhandled", expect.stringContaining(missing)]);
      results.set(name, { init: false, snapshot: false, reason: `says why: "${missing}"` });
    },
    240_000,
  );
});

describe.runIf(examples.length > 0)("examples answer the same from init and from a snapshot", () => {
  test.each(examples)(
    "$name",
    async ({ name, example, handler, event }) => {
      await startBothWays(name, await exampleZip(example), handler, event);
    },
    240_000,
  );
});

async function packageZip({ name, packages }: MatrixFunction): Promise<Uint8Array> {
  const module = await readFile(new URL(`../fixtures/packages/${name}.mjs`, import.meta.url));
  return functionZip({ "index.mjs": module }, packages);
}

/** Deploys, and compares the first answer after init with that of a version that has a snapshot, if it gets one. */
async function startBothWays(
  name: string,
  code: Uint8Array,
  handler: string,
  event: unknown,
): Promise<Answer> {
  results.set(name, { init: false, snapshot: false, reason: "it failed before it was published" });
  await createWithSnapStart(server, { name, code, handler, environment: variables });
  const fromInit = await invoke(server, name, "$LATEST", event);
  // With what it says, if it failed.
  expect(fromInit.functionError === undefined ? "" : fromInit.text).toBe("");
  expect((await new PublishedVersion(server, name, "$LATEST").starts()).at(0)?.strategy).toBe("init");

  const version = await publish(server, name);
  const { SnapStart } = await version.configuration();
  const snapshot = await version.snapshot();
  // Even then it answers: init serves.
  expect(await version.invoke(event)).toEqual(fromInit);
  if (snapshot.kind === "failed") {
    const { step, code: failed, message } = snapshot.failure;
    results.set(name, { init: true, snapshot: false, reason: `${step}: ${failed}: ${message}` });
    expect(SnapStart).toMatchObject({ OptimizationStatus: "Off" });
  } else {
    expect(SnapStart).toMatchObject({ OptimizationStatus: "On" });
    expect((await version.starts()).at(0)).toMatchObject({ strategy: "snapshot" });
    results.set(name, { init: true, snapshot: true, reason: "" });
  }
  return fromInit;
}

const share = areAllTried ? "at least 90% of them start" : "of these few, whatever runs here starts";
test(`${share} from a snapshot, the others say why not`, () => {
  const all = [...results];
  const frozen = all.filter(([, { snapshot }]) => snapshot);
  for (const [name, { reason }] of all) if (reason !== "") console.log(`no snapshot of ${name}: ${reason}`);
  console.log(`${frozen.length} of ${all.length} start from a snapshot`);
  expect(all.length).toBe(packages.length + examples.length);
  expect(frozen.length).toBeGreaterThanOrEqual(areAllTried ? 0.9 * all.length : all.length - unable.length);
});

test.runIf(areAllTried)("docs/packages.md says how they fare", async () => {
  await expect(packagesPage(results)).toMatchFileSnapshot("../../docs/packages.md");
});
