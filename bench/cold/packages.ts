import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BriskServer } from "../../src/lab/brisk-server.ts";
import type { SnapshotState } from "../../src/snapstart/index.ts";
import { exampleFunctions, exampleZip } from "../../test/e2e/package-matrix/examples.ts";
import { functionZip } from "../../test/e2e/package-matrix/function-zip.ts";
import { matrixFunctions } from "../../test/e2e/package-matrix/functions.ts";
import { startServices } from "../../test/e2e/package-matrix/services.ts";

export interface PackageSnapshots {
  readonly frozen: readonly string[];
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
}

/** Which of the examples, and of functions that load a popular package at init, get a snapshot. */
export async function snapshotPackages(
  server: BriskServer,
  onProgress: (done: number, all: number, name: string) => void,
): Promise<PackageSnapshots> {
  await using services = await startServices();
  const fixtures = join(import.meta.dirname, "../../test/fixtures/packages");
  const functions = [
    ...matrixFunctions
      .filter(({ missing }) => missing === undefined)
      .map(({ name, packages }) => ({
        name,
        handler: "index.handler",
        zip: async () =>
          functionZip({ "index.mjs": await readFile(join(fixtures, `${name}.mjs`)) }, packages),
      })),
    ...exampleFunctions.map(({ name, handler, example }) => ({
      name: `example-${name}`,
      handler,
      zip: () => exampleZip(example),
    })),
  ];
  const frozen: string[] = [];
  const failed: { name: string; reason: string }[] = [];
  for (const [index, { name, handler, zip }] of functions.entries()) {
    onProgress(index, functions.length, name);
    try {
      await server.deploy({
        name,
        handler,
        zip: await zip(),
        memorySizeMb: 512,
        variables: { ...services.variables, BRISK_START: "snapshot" },
      });
      const state = await settled(server, name);
      if (state.kind === "ready") frozen.push(name);
      else failed.push({ name, reason: state.kind === "failed" ? state.failure.message : state.kind });
      await server.delete(name);
    } catch (error) {
      failed.push({ name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { frozen, failed };
}

async function settled(server: BriskServer, name: string): Promise<SnapshotState> {
  for (;;) {
    const state: unknown = await server.api("GET", `/_brisk/functions/${name}/snapshot`);
    if ((state as SnapshotState).kind !== "building") return state as SnapshotState;
    await sleep(100);
  }
}
