import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { expect, test, vi } from "vitest";
import { runtimes } from "../../../../src/control/configuration-rules.ts";

/** What process tells in a function of that runtime: the file reads it once, as every isolate does. */
async function factsOf(runtime: string) {
  vi.resetModules();
  const { processState } = await import("../../../../snapshots/process-state.ts");
  processState.runtime = runtime;
  return import("../../../../snapshots/node/internal/process-facts.ts");
}

test.each(runtimes)("%s: process.version is one of that runtime's", async (runtime) => {
  const { version, versions, release } = await factsOf(runtime);
  expect(version).toMatch(new RegExp(`^v${/\d+/.exec(runtime)![0]}\\.\\d+\\.\\d+$`));
  expect(versions.node).toBe(version.slice(1));
  expect(release.sourceUrl).toContain(`/${version}/node-${version}.`);
});

test("the newest runtime is the Node that the guest's library comes from", async () => {
  const manifest = createRequire(import.meta.url).resolve("node/package.json");
  const pinned = (JSON.parse(await readFile(manifest, "utf8")) as { version: string }).version;
  const { versions, release } = await factsOf(runtimes.at(-1)!);
  expect(versions.node).toBe(pinned);
  expect(release).not.toHaveProperty("lts");
});
