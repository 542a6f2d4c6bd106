import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FunctionError } from "brisk";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { StartRecord } from "../../src/model/starts.ts";
import { startServer, type TestServer } from "./server.ts";

/** Enough code to be worth a cache, with a part that only the handler calls. */
const code = `
${Array.from({ length: 300 }, (_, index) => `function step${index}(x) { const y = x + ${index}; return y % 2 === 0 ? y : -y; }`).join("\n")}
let calls = 0;
class Counter { #n = 0; add(x) { this.#n += x; return this.#n; } }
const counter = new Counter();
export const sum = [${Array.from({ length: 150 }, (_, index) => `step${index}`).join(", ")}].reduce((total, step) => total + step(total), 1);
function late(x) { return [${Array.from({ length: 150 }, (_, index) => `step${index + 150}`).join(", ")}].map((step) => step(x)).join(""); }
export const handler = async (event) => {
  if (event.fail) throw new RangeError("as asked");
  return { sum, late: late(event.x ?? 1).length, calls: ++calls, counted: counter.add(2) };
};
`;

let dataDir: string;
let server: TestServer;

beforeAll(async () => {
  answer = await (await import(`data:text/javascript,${encodeURIComponent(code)}`)).handler({});
  dataDir = await mkdtemp(join(tmpdir(), "brisk-code-caches-"));
  server = await startServer({ dataDir });
});
/** Fresh hosts: bytecode of one that ran another function, too, goes no further. */
beforeEach(async () => {
  await server.close();
  server = await startServer({ dataDir });
});
afterAll(async () => {
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function deploy(name: string, environment: Record<string, string> = {}): Promise<void> {
  await server.deploy({ name, files: { "index.mjs": code }, environment });
}

async function lastStart(name: string): Promise<StartRecord | undefined> {
  const answer = await fetch(`${server.url}/_brisk/functions/${name}/starts`);
  return ((await answer.json()) as { starts: StartRecord[] }).starts[0];
}

/** Invokes in a new environment, and says how that started. */
async function coldCall(name: string, event: object = {}) {
  await fetch(`${server.url}/_brisk/functions/${name}/environments`, { method: "DELETE" });
  const answer = await server.runtime.invoke(name, event).catch((error: unknown) => error);
  const { strategy, reason } = (await lastStart(name))!;
  return { answer, strategy, reason };
}

function codeCaches(): string {
  return join(dataDir, "cache", "snapshots", "code-cache");
}

/** Files of bytecode on disk. */
async function stored(): Promise<string[]> {
  return readdir(codeCaches()).catch(() => []);
}

/** The file that appears after `act`, when a host has made bytecode. */
async function madeBy(act: () => Promise<unknown>): Promise<string> {
  const before = await stored();
  await act();
  return vi.waitFor(async () => {
    const file = (await stored()).find((name) => !before.includes(name));
    expect(file).toBeDefined();
    return file!;
  }, 10_000);
}

/** As Node answers. */
let answer: { calls: number };

describe("a function's code cache", () => {
  test("is made after its first invocation, serves its next cold starts, and survives a restart", async () => {
    await deploy("cached");
    expect(await coldCall("cached")).toEqual({
      answer,
      strategy: "init",
      reason: "there is no code cache yet: it is made after the first invocation",
    });
    await vi.waitFor(async () => expect(await stored()).toHaveLength(1), 10_000);
    // The same answers, errors and positions: it is the same code.
    expect(await coldCall("cached")).toEqual({ answer, strategy: "code-cache" });
    const { answer: error, strategy } = await coldCall("cached", { fail: true });
    expect([strategy, (error as FunctionError).errorType]).toEqual(["code-cache", "RangeError"]);
    expect(JSON.stringify((error as FunctionError).trace)).toContain("/var/task/index.mjs:308:");

    await server.close();
    server = await startServer({ dataDir });
    expect(await coldCall("cached")).toEqual({ answer, strategy: "code-cache" });
  });

  test("is gone with the code: what is deployed next starts with its own", async () => {
    await deploy("changing");
    const made = await madeBy(() => coldCall("changing"));
    const files = { "index.mjs": code.replace("let calls = 0", "let calls = 5") };
    await server.deploy({ name: "changing", files });
    expect(await coldCall("changing")).toMatchObject({ answer: { ...answer, calls: 6 }, strategy: "init" });
    await vi.waitFor(async () => expect(await stored()).not.toContain(made), 10_000);
  });

  test("is left out where BRISK_START asks for init", async () => {
    await deploy("plain", { BRISK_START: "init" });
    const before = await stored();
    for (let round = 0; round < 3; round++) {
      expect(await coldCall("plain")).toEqual({ answer, strategy: "init", reason: undefined });
      await sleep(100);
    }
    expect(await stored()).toEqual(before);
  });

  test("that was damaged on disk is not used, and made again", async () => {
    await deploy("damaged");
    const made = join(codeCaches(), await madeBy(() => coldCall("damaged")));
    await server.close();
    const bytes = await readFile(made);
    bytes[bytes.byteLength >> 1]! ^= 1;
    await writeFile(made, bytes);
    server = await startServer({ dataDir });
    expect(await coldCall("damaged")).toMatchObject({ answer, strategy: "init" });
    await vi.waitFor(async () => expect((await readFile(made)).equals(bytes)).toBe(false), 10_000);
    expect(await coldCall("damaged")).toMatchObject({ answer, strategy: "code-cache" });
  });
});
