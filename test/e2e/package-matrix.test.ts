import { fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFunctions, exampleZip } from "./package-matrix/examples.ts";
import { functionZip } from "./package-matrix/function-zip.ts";
import { type MatrixFunction, matrixFunctions } from "./package-matrix/functions.ts";
import { type Services, startServices } from "./package-matrix/services.ts";
import { type Answer, createWithSnapStart, invoke, PublishedVersion, publish } from "./published-version.ts";
import { startServer, type TestServer } from "./server.ts";

/**
 * What functions load at init: that it runs here with the answers that Node gives, and that its heap freezes. Who
 * can't be frozen starts by init, and is printed with the reason.
 */
/** Each function is deployed, frozen and started twice, which takes minutes for all: `npm run test:packages`. */
const few: ReadonlySet<string> = new Set(["luxon", "zod", "jose", "example-hello"]);
const areAllTried = process.env["BRISK_TEST_PACKAGES"] === "all";
const isTried = ({ name }: { readonly name: string }): boolean => areAllTried || few.has(name);
const packages = matrixFunctions.filter(isTried);
const examples = exampleFunctions.filter(isTried);

let server: TestServer;
let services: Services;
const reasons = new Map<string, string>();
const frozen = new Set<string>();

beforeAll(async () => {
  services = await startServices();
  server = await startServer({ egressAllow: ["127.0.0.1/32"], startStrategy: "init" });
});
afterAll(async () => {
  await server?.close();
  await services?.[Symbol.asyncDispose]();
});

test("the expected answers are Node's", async () => {
  const program = fork(new URL("package-matrix/in-node.ts", import.meta.url), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, ...services.variables },
  });
  program.send(matrixFunctions);
  const [answers] = (await once(program, "message")) as [Record<string, unknown>];
  expect(answers).toEqual(Object.fromEntries(matrixFunctions.map(({ name, answer }) => [name, answer])));
}, 60_000);

describe("packages answer as in Node, from init and from a snapshot", () => {
  const runnable = packages.filter(({ missing }) => missing === undefined);

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
    /^\/var\/task\/node_modules\/resizer\/build\/resizer-linux-\w+\.node: native addons .* cannot be loaded in an isolate: use a package of JavaScript alone/,
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
      reasons.set(name, missing);
    },
    240_000,
  );
});

describe("examples answer the same from init and from a snapshot", () => {
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
  reasons.set(name, "it failed before it was published");
  await createWithSnapStart(server, { name, code, handler, environment: services.variables });
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
    reasons.set(name, `${step}: ${failed}: ${message}`);
    expect(SnapStart).toMatchObject({ OptimizationStatus: "Off" });
  } else {
    expect(SnapStart).toMatchObject({ OptimizationStatus: "On" });
    expect((await version.starts()).at(0)).toMatchObject({ strategy: "snapshot" });
    reasons.delete(name);
    frozen.add(name);
  }
  return fromInit;
}

const share = areAllTried ? "at least 90% of them start" : "of these few, whatever runs here starts";
test(`${share} from a snapshot, the others say why not`, () => {
  const all = [...packages, ...examples].map(({ name }) => name);
  for (const [name, reason] of reasons) console.log(`no snapshot of ${name}: ${reason}`);
  console.log(`${frozen.size} of ${all.length} start from a snapshot`);
  expect(frozen.size).toBeGreaterThanOrEqual(areAllTried ? 0.9 * all.length : all.length - unable.length);
});
