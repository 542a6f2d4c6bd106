import { rm } from "node:fs/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFunctionService, type FunctionService } from "../../../src/control/index.ts";
import type { VersionSpec } from "../../../src/model/version.ts";
import { BundleError } from "../../../src/snapstart/index.ts";
import { createMemoryStore, type Store } from "../../../src/store/index.ts";
import { FakeBundler } from "../../fake-bundler.ts";

let store: Store;
let bundler: FakeBundler;
let service: FunctionService;
const damages: string[] = [];

beforeEach(async () => {
  damages.length = 0;
  store = await createMemoryStore();
  bundler = await FakeBundler.open();
  service = await createFunctionService({
    store,
    bundler,
    config: { region: "us-east-1", accountId: "000000000000", maxConcurrency: 10 },
    onDamaged: (message) => damages.push(message),
  });
  for (const FunctionName of ["one", "two"]) {
    await service.functions.create({
      FunctionName,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/any",
      Code: { ZipFile: Buffer.from("the same zip") },
    });
    await vi.waitFor(() => expect(state(FunctionName)).toBe("Active"), { interval: 1 });
  }
});
afterEach(async () => {
  await service.close();
  await bundler.close();
  await store.close();
});

const state = (name: string) => service.functions.get(name).version.state;
const spec = (name: string): VersionSpec => service.resolveInvoke(name, undefined).spec;
const lose = () => rm(bundler.file(spec("one").bundle.key));

test("a bundle that is whole is read, and nothing is made", async () => {
  expect((await service.bundleText(spec("one"))).script.toString()).toBe("the same zip");
  expect(bundler.requests).toHaveLength(2);
  expect(damages).toEqual([]);
});

test("a damaged bundle is made again once, for all versions that have it and wait", async () => {
  await lose();
  const texts = await Promise.all(["one", "one", "two"].map((name) => service.bundleText(spec(name))));
  expect(texts.map(({ script }) => script.toString())).toEqual(Array(3).fill("the same zip"));
  expect(bundler.requests).toHaveLength(3);
  expect(damages).toHaveLength(3);
  expect(damages[0]).toContain("function:one:$LATEST cannot be used: it is gone; it is made again");
  expect([state("one"), state("two")]).toEqual(["Active", "Active"]);
});

test("damaged code fails every version that has it, with the reason, and leaves what it serves", async () => {
  await lose();
  const start = vi.spyOn(bundler, "start");
  start.mockRejectedValue(new BundleError("CodeDamaged", "its stored code is damaged"));
  const read = ["one", "two"].map((name) => service.bundleText(spec(name)));
  for (const result of await Promise.allSettled(read)) expect(result.status).toBe("rejected");
  for (const name of ["one", "two"]) {
    expect(service.functions.get(name).version).toMatchObject({
      state: "Failed",
      stateReason: {
        code: "InvalidZipFileException",
        message: expect.stringContaining(
          `function:${name}:$LATEST cannot be used: it is gone; and it could not be`,
        ),
      },
    });
    expect(spec(name).bundle.hash).toMatch(/^[0-9a-f]{64}$/);
  }
  // The same zip, stored again, is whole.
  start.mockRestore();
  await service.functions.updateCode({ FunctionName: "one", ZipFile: Buffer.from("the same zip") });
  await vi.waitFor(() => expect(state("one")).toBe("Active"), { interval: 1 });
});

test("what may go well the next time leaves the version Active", async () => {
  await lose();
  const start = vi.spyOn(bundler, "start");
  start.mockRejectedValueOnce(new BundleError("BuilderTimedOut", "it took too long"));
  await expect(service.bundleText(spec("one"))).rejects.toThrow(
    "function:one:$LATEST cannot be used: it is gone; and it could not be made again: it took too long",
  );
  expect(state("one")).toBe("Active");
  expect((await service.bundleText(spec("one"))).script.toString()).toBe("the same zip");
});
