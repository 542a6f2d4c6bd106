import { afterEach, beforeEach, expect, test } from "vitest";
import { createFunctionService, type FunctionService } from "../../../src/control/index.ts";
import { createMemoryStore, type Store } from "../../../src/store/index.ts";
import { FakeBundler } from "../../fake-bundler.ts";

let store: Store;
let bundler: FakeBundler;
let functions: FunctionService;

const open = () =>
  createFunctionService({
    store,
    bundler,
    config: { region: "us-east-1", accountId: "000000000000", maxConcurrency: 1000 },
  });
beforeEach(async () => {
  store = await createMemoryStore();
  bundler = await FakeBundler.open();
  functions = await open();
});
afterEach(async () => {
  await functions.close();
  await bundler.close();
  await store.close();
});
const restart = async () => {
  await functions.close();
  functions = await open();
};
const publish = (LayerName: string, content = LayerName) =>
  functions.layers.publish({ LayerName, Content: { ZipFile: Buffer.from(content) } });

test("layers, their contents, policies and numbers are there after a restart", async () => {
  await publish("tools");
  const second = await publish("tools", "second");
  const { revisionId } = await functions.layerPermissions.add({
    LayerName: "tools",
    VersionNumber: 2,
    StatementId: "all",
    Action: "lambda:GetLayerVersion",
    Principal: "*",
  });
  await functions.layers.delete("tools", 1);
  await publish("gone");
  await functions.layers.delete("gone", 1);
  await restart();
  const policy = functions.layerPermissions.get("tools", 2);
  expect(functions.layers.listVersions("tools", {})).toEqual([{ ...second, policy }]);
  expect(policy).toMatchObject({ revisionId, statements: [{ Sid: "all" }] });
  // What no layer and no function has is swept when it starts, and nothing else.
  expect(await store.listBlobs()).toEqual([second.code.hash]);
  expect((await publish("tools")).version).toBe(3);
  expect((await publish("gone")).version).toBe(2);
});

test("what a function has of a deleted layer version is there after a restart", async () => {
  const { code } = await publish("tools");
  const layer = "arn:aws:lambda:us-east-1:000000000000:layer:tools:1";
  await functions.functions.create({
    FunctionName: "hello",
    Runtime: "nodejs22.x",
    Role: "arn:aws:iam::000000000000:role/any",
    Handler: "index.handler",
    Code: { ZipFile: Buffer.from("zip") },
    Layers: [layer],
  });
  await functions.layers.delete("tools", 1);
  // It is still being built, perhaps: then the next start does it, with the layer.
  await restart();
  expect(functions.functions.get("hello").version.configuration.layers).toEqual([{ arn: layer, code }]);
  expect(await store.listBlobs()).toContain(code.hash);
});

test("versions that are published at once get numbers of their own", async () => {
  const published = await Promise.all(Array.from({ length: 10 }, () => publish("tools")));
  expect(published.map(({ version }) => version).sort((a, b) => a - b)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
});

test("what could not be looked at is no layer, and is not kept", async () => {
  bundler.inspect = async () => {
    throw new Error("no builder can be started");
  };
  await expect(publish("tools")).rejects.toThrow("no builder can be started");
  await functions.close();
  expect(await store.listBlobs()).toEqual([]);
  expect(functions.layers.list({})).toEqual([]);
});
