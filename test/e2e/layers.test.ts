import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteLayerVersionCommand,
  GetFunctionConfigurationCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type TestServer } from "./server.ts";

let dataDir: string;
let server: TestServer;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "brisk-layers-"));
  server = await startServer({ dataDir });
});
afterAll(async () => {
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function publishLayer(LayerName: string, files: Record<string, string>): Promise<string> {
  const entries = Object.entries(files).map(([path, text]) => [path, strToU8(text)] as const);
  const Content = { ZipFile: zipSync(Object.fromEntries(entries)) };
  const published = await server.client.send(new PublishLayerVersionCommand({ LayerName, Content }));
  return published.LayerVersionArn ?? "";
}
async function setLayers(FunctionName: string, Layers: string[]): Promise<void> {
  await server.client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Layers }));
  const waiter = { client: server.client, maxWaitTime: 30, minDelay: 0.1, maxDelay: 0.1 };
  await waitUntilFunctionUpdatedV2(waiter, { FunctionName });
}
const invoke = (name: string, event?: unknown, qualifier?: string) =>
  server.runtime.invoke(name, event, qualifier === undefined ? {} : { qualifier });

const greeting = (text: string) => ({
  "nodejs/node_modules/greeting/package.json": `{ "name": "greeting", "exports": "./lib/index.js" }`,
  "nodejs/node_modules/greeting/lib/index.js": `exports.greet = (name) => ${JSON.stringify(text)} + name`,
  "data/text.txt": text,
});
const greeter = {
  "index.js": `const { greet } = require("greeting"); exports.handler = async ({ name }) => greet(name)`,
};

test("a function requires a package of a layer; a change of layers reaches the next request, and published versions keep theirs", async () => {
  const [hello, bye] = [
    await publishLayer("hello", greeting("hello ")),
    await publishLayer("bye", greeting("bye ")),
  ];
  await server.runtime.deploy({ name: "greeter", files: greeter, layers: [hello] });
  expect(await invoke("greeter", { name: "you" })).toBe("hello you");
  await server.client.send(new PublishVersionCommand({ FunctionName: "greeter" }));
  await setLayers("greeter", [hello, bye]);
  expect(await invoke("greeter", { name: "you" })).toBe("bye you");
  await setLayers("greeter", [bye, hello]);
  expect(await invoke("greeter", { name: "you" })).toBe("hello you");
  await setLayers("greeter", []);
  await expect(invoke("greeter", { name: "you" })).rejects.toMatchObject({
    errorType: "Runtime.ImportModuleError",
    message: expect.stringContaining("Cannot find module 'greeting'"),
  });
  expect(await invoke("greeter", { name: "you" }, "1")).toBe("hello you");
});

test("a handler in a layer wraps the function's own, and its errors show its own lines", async () => {
  const wrapper = await publishLayer("wrapper", {
    "nodejs/node_modules/wrapper/index.js": `exports.handler = async (event, context) => {
  const own = require(process.env.LAMBDA_TASK_ROOT + "/" + process.env.WRAPPED);
  if (event.fail) throw new Error("of the wrapper");
  return { wrapped: await own.handler(event, context) };
};`,
  });
  await server.runtime.deploy({
    name: "wrapped",
    files: { "src/app.js": `exports.handler = async (event) => event.n + 1` },
    handler: "/opt/nodejs/node_modules/wrapper/index.handler",
    environment: { WRAPPED: "src/app" },
    layers: [wrapper],
  });
  expect(await invoke("wrapped", { n: 1 })).toEqual({ wrapped: 2 });
  await expect(invoke("wrapped", { fail: true })).rejects.toMatchObject({
    trace: expect.arrayContaining([
      expect.stringContaining("/opt/nodejs/node_modules/wrapper/index.js:3:25"),
    ]),
  });
});

test("a function goes on with a layer version that was deleted: warm, cold, changed, and after a restart that builds it anew", async () => {
  const layer = await publishLayer("kept", greeting("kept "));
  await server.runtime.deploy({ name: "keeper", files: greeter, layers: [layer] });
  expect(await invoke("keeper", { name: "1" })).toBe("kept 1");
  await server.client.send(new DeleteLayerVersionCommand({ LayerName: "kept", VersionNumber: 1 }));
  expect(await invoke("keeper", { name: "2" })).toBe("kept 2");
  await server.runtime.deploy({ name: "keeper", files: greeter, memorySizeMb: 256 });
  expect(await invoke("keeper", { name: "3" })).toBe("kept 3");
  await expect(
    server.runtime.deploy({ name: "another", files: greeter, layers: [layer] }),
  ).rejects.toMatchObject({ message: `Layer version ${layer} does not exist.` });

  await server.close();
  // What was built is gone, as after an upgrade: all that is left is what the function holds.
  await rm(join(dataDir, "cache"), { recursive: true });
  server = await startServer({ dataDir });
  const waiter = { client: server.client, maxWaitTime: 30, minDelay: 0.1, maxDelay: 0.1 };
  await waitUntilFunctionUpdatedV2(waiter, { FunctionName: "keeper" });
  expect(await invoke("keeper", { name: "4" })).toBe("kept 4");
  const { Layers } = await server.client.send(
    new GetFunctionConfigurationCommand({ FunctionName: "keeper" }),
  );
  expect(Layers).toEqual([{ Arn: layer, CodeSize: expect.any(Number) }]);
});

test("what layers hold is read through fs under /opt, the later layer's over the earlier's, and not written", async () => {
  const first = await server.runtime.publishLayer({
    name: "first",
    files: { "data/one.txt": "one of the first", "data/both.txt": "both of the first", "bin/tool": "#!" },
  });
  const second = await server.runtime.publishLayer({
    name: "second",
    files: { "data/both.txt": "both of the second", "data/deep/two.txt": "two" },
  });
  const code = `const { readFileSync, readdirSync, statSync, writeFileSync, existsSync } = require("node:fs");
    const { readFile } = require("node:fs/promises");
    const atInit = readFileSync("/opt/data/both.txt", "utf8");
    const refusal = (run) => { try { return run(); } catch ({ code }) { return code; } };
    exports.handler = async () => ({
      atInit,
      one: await readFile("/opt/data/one.txt", "utf8"),
      list: readdirSync("/opt", { recursive: true }).sort(),
      size: statSync("/opt/data/deep/two.txt").size,
      written: refusal(() => writeFileSync("/opt/data/one.txt", "x")),
      outside: existsSync("/opt/../etc/passwd"),
      gone: refusal(() => readFileSync("/opt/data/three.txt")),
    });`;
  const deploy = (layers: string[]) =>
    server.runtime.deploy({ name: "reader", files: { "index.js": code }, layers });
  await deploy([first.arn, second.arn]);
  expect(await invoke("reader")).toEqual({
    atInit: "both of the second",
    one: "one of the first",
    list: ["bin", "bin/tool", "data", "data/both.txt", "data/deep", "data/deep/two.txt", "data/one.txt"],
    size: 3,
    written: "EROFS",
    outside: false,
    gone: "ENOENT",
  });
  await deploy([second.arn, first.arn]);
  expect(await invoke("reader")).toMatchObject({ atInit: "both of the first" });
});
