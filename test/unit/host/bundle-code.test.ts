import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { hostFlags } from "../../../src/fleet/sandbox.ts";
import { Start } from "../../../src/model/wire/index.ts";
import { ensureGuestHeap, sharedCacheDir } from "../../../src/snapstart/index.ts";

interface Run {
  readonly strategy: number;
  readonly reason: string;
  readonly answer: string;
  readonly tried: boolean;
  readonly told: readonly number[];
}

const noneYet = "there is no code cache yet: it is made after the first invocation";
const cached = { strategy: Start.codeCache, reason: "", answer: "400", tried: false, told: [] };
let runs: Record<
  "off" | "again" | "first" | "second" | "refused" | "afterwards" | "tight" | "tightAgain",
  Run
> & {
  readonly fresh: Pick<Run, "strategy" | "reason">;
  readonly unused: Pick<Run, "tried" | "told">;
  readonly closed: boolean;
  readonly bounded: string;
};

beforeAll(async () => {
  const dir = await ensureGuestHeap([sharedCacheDir(), tmpdir()]);
  const program = join(import.meta.dirname, "bundle-code-main.ts");
  const flags = [...hostFlags(dir), "--allow-fs-read=*"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, dir]);
  runs = JSON.parse(stdout);
});

describe("a bundle's bytecode", () => {
  test("is made by an idle environment of the version, once, and later ones start with it", () => {
    expect(runs.first).toMatchObject({ strategy: Start.init, reason: noneYet, answer: "400", tried: true });
    expect(runs.second).toEqual(cached);
  });

  test("holds what init and the first invocation ran", () => {
    expect(runs.again).toEqual(cached);
    expect(runs.unused.tried).toBe(true);
    expect(runs.first.told[0]).toBeGreaterThan(runs.unused.told[0]! * 3);
  });

  test("is one version's: another one of the same code starts without", () => {
    expect(runs.fresh).toEqual({ strategy: Start.init, reason: noneYet });
  });

  test("that V8 refuses is told, dropped, and made anew; the function does not notice", () => {
    expect(runs.refused).toMatchObject({ strategy: Start.init, answer: "400", tried: true });
    expect(runs.refused.reason).toBe("V8 refused the code cache");
    expect(runs.refused.told).toEqual([0, expect.any(Number)]);
    expect(runs.afterwards).toEqual(cached);
  });

  test("is left out where it is switched off", () => {
    expect(runs.off).toEqual({ strategy: Start.init, reason: "", answer: "400", tried: false, told: [] });
  });

  test("is not made where it could take the memory that the function needs, which is tried once", () => {
    expect(runs.tight).toMatchObject({ answer: "400", tried: true, told: [] });
    expect(runs.tightAgain).toMatchObject({ reason: "no code cache could be made", tried: false, told: [] });
  });

  test("is not asked of an environment that ended", () => expect(runs.closed).toBe(false));

  test("is kept of the newest versions only", () => expect(runs.bounded).toBe(noneYet));
});
