/**
 * What does it cost to have 10,000 functions? Their list by pages, one of them, and the start of a server that has them,
 * against a server with 10, or with none.
 *
 * One function is deployed through the API; the other 9,999 are copies of its records, each with a bundle of its own and
 * every ten with a zip of theirs, written through the same store and cache as a server's. Through the API each of them would
 * take a builder process.
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { strToU8, zipSync } from "fflate";
import { BriskServer } from "../src/lab/brisk-server.ts";
import { ChildServer } from "../src/lab/child-server.ts";
import { HttpClient } from "../src/lab/http-client.ts";
import { findPackageRoot } from "../src/package-root.ts";
import { type Bench, type Row, ratioRow } from "./harness/report.ts";
import { interleave, median } from "./harness/statistics.ts";
import { nameOf, writeFunctions } from "./harness/write-functions.ts";

const few = 10;
const many = 10_000;
const requestRounds = 300;
const startRounds = 7;
const longest = 50;

export const bench: Bench = {
  question: `list pages, one function and start-up with ${many.toLocaleString("en-US")} functions stored`,
  async run() {
    const root = await mkdtemp(join(tmpdir(), "brisk-many-"));
    try {
      const folders = { none: join(root, "none"), few: join(root, "few"), many: join(root, "many") };
      const startedMs = performance.now();
      for (const [name, count] of [
        ["none", 0],
        ["few", few],
        ["many", many],
      ] as const) {
        await deployTemplate(folders[name], count > 0);
        if (count > 0) await writeFunctions(folders[name], count);
      }
      const fillSeconds = (performance.now() - startedMs) / 1000;
      return [
        ...(await requests(folders)),
        ...(await startUps(folders)),
        { measure: "writing the data folders", unit: "s", brisk: fillSeconds, figure: fillSeconds },
      ];
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  },
};

/** A data folder, as a server leaves it. @param isOne Whether it has a function. */
async function deployTemplate(dataDir: string, isOne: boolean): Promise<void> {
  await using server = await start(dataDir);
  if (!isOne) return;
  const api = BriskServer.at(server.ready);
  await api.deploy({
    name: nameOf(0),
    zip: zipSync({ "index.mjs": strToU8("export const handler = () => 'hello';") }),
    handler: "index.handler",
    variables: { STAGE: "bench" },
  });
  await api[Symbol.asyncDispose]();
}

async function requests(folders: Record<"few" | "many", string>): Promise<Row[]> {
  await using fewServer = await start(folders.few);
  await using manyServer = await start(folders.many);
  using client = new HttpClient();
  const functionsOf = async (origin: string, query: string) => {
    const { status, text } = await client.call(`${origin}/2015-03-31/functions${query}`);
    if (status !== 200) throw new Error(`${query}: ${status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as { Functions: { FunctionName: string }[]; NextMarker?: string | null };
  };
  // What is measured answers what it should: every function is in the pages once.
  const names: string[] = [];
  let middle = "";
  for (let marker: string | undefined = ""; marker !== undefined; ) {
    const query: string = `?MaxItems=${longest}${marker === "" ? "" : `&Marker=${marker}`}`;
    const { Functions, NextMarker } = await functionsOf(manyServer.ready, query);
    names.push(...Functions.map(({ FunctionName }) => FunctionName));
    marker = NextMarker ?? undefined;
    if (names.length === many / 2) middle = marker ?? "";
  }
  if (new Set(names).size !== many || names.length !== many) {
    throw new Error(`the pages have ${names.length} rows, not ${many}`);
  }
  const rows: Row[] = [];
  const measure = async (what: string, fewPath: string, manyPath: string) => {
    const timed = async (origin: string, path: string) => {
      const { status, elapsedMs } = await client.call(`${origin}/2015-03-31/functions${path}`);
      if (status !== 200) throw new Error(`${path}: ${status}`);
      return elapsedMs;
    };
    const contenders = {
      few: () => timed(fewServer.ready, fewPath),
      many: () => timed(manyServer.ready, manyPath),
    };
    await interleave(50, contenders);
    const elapsed = await interleave(requestRounds, contenders);
    rows.push(
      ratioRow({
        measure: what,
        unit: "ms",
        brisk: median(elapsed.many),
        peer: { name: `with ${few}`, value: median(elapsed.few) },
        target: { atMost: 3 },
      }),
    );
  };
  const page = `?MaxItems=${few}`;
  await measure(`a page of ${few}, the first`, page, page);
  await measure(`a page of ${few}, in the middle`, page, `${page}&Marker=${middle}`);
  await measure(
    `a page of ${few} with all versions`,
    `${page}&FunctionVersion=ALL`,
    `${page}&FunctionVersion=ALL`,
  );
  await measure("get a function", `/${nameOf(few / 2)}`, `/${nameOf(many / 2)}`);
  return rows;
}

async function startUps(folders: Record<"none" | "many", string>): Promise<Row[]> {
  const cpuMs = { none: [] as number[], many: [] as number[] };
  const timed = async (name: "none" | "many") => {
    const startedMs = performance.now();
    await using server = await start(folders[name]);
    const elapsedMs = performance.now() - startedMs;
    cpuMs[name].push(await cpuTimeMs(server.pid as number));
    return elapsedMs;
  };
  const contenders = { none: () => timed("none"), many: () => timed("many") };
  await interleave(1, contenders);
  const elapsed = await interleave(startRounds, contenders);
  const none = median(elapsed.none);
  return [
    ratioRow({
      measure: "start-up, until it listens",
      unit: "ms",
      brisk: median(elapsed.many),
      peer: { name: "2 × empty + 1 s", value: 2 * none + 1000 },
      target: { atMost: 1 },
    }),
    ratioRow({
      measure: "the same",
      unit: "ms",
      brisk: median(elapsed.many),
      peer: { name: "empty", value: none },
    }),
    // What the clock tells also depends on who else has the machine.
    ratioRow({
      measure: "the server's CPU time by then",
      unit: "ms",
      brisk: median(cpuMs.many),
      peer: { name: "empty", value: median(cpuMs.none) },
    }),
  ];
}

/** Of a process, without those it started. */
async function cpuTimeMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // Behind the name, which may hold spaces: user and system time are the 12th and 13th, in ticks of 10 ms.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function start(dataDir: string): Promise<ChildServer> {
  return ChildServer.start({
    command: process.execPath,
    args: ["bin/brisk.js", "serve", "--port", "0", "--data", dataDir],
    cwd: fileURLToPath(findPackageRoot()),
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" },
    readyLine: /brisk listening on (http:\/\/\S+)/,
  });
}
