import { setTimeout as sleep } from "node:timers/promises";
import type { StartRecord } from "../../model/starts.ts";
import type { StartStrategy as StartName } from "../../model/version.ts";
import type { SnapshotReport, SnapshotState } from "../../snapstart/index.ts";
import type { BriskServer, FunctionAddress } from "../brisk-server.ts";
import { type HttpAnswer, HttpClient } from "../http-client.ts";
import type { PhasesMs } from "../model.ts";
import type { Workload } from "../workload.ts";
import { urlEvent } from "./front/adapter.ts";
import { type Deployment, type PendingStart, Unavailable } from "./strategy.ts";

/** What a function is configured for, and what its starts are held against. */
export interface BriskStart {
  /** `undefined`: whatever the server chooses. */
  readonly served: StartName | undefined;
  /** Whether its snapshot is warmed up with the workload's own event. */
  readonly warmUp: "none" | "event";
  readonly kind: Deployment["kind"];
}

const snapshotWithinMs = 180_000;
const codeCacheWithinMs = 30_000;
const aheadWithinMs = 10_000;
const endWithinMs = 30_000;
const reportWithinMs = 1_000;
/** Lambda's limit for all variables of a function is 4 KB. */
const longestEventBytes = 3_000;

/** A function inside a running Brisk. */
export class BriskDeployment implements Deployment {
  readonly pid: number | undefined;
  readonly kind: Deployment["kind"];
  readonly #server: BriskServer;
  readonly #start: BriskStart;
  readonly #name: string;
  readonly #workload: Workload;
  readonly #address: FunctionAddress;
  readonly #client = new HttpClient();

  private constructor(parts: {
    server: BriskServer;
    start: BriskStart;
    name: string;
    workload: Workload;
    address: FunctionAddress;
  }) {
    this.pid = parts.server.pid;
    this.kind = parts.start.kind;
    this.#server = parts.server;
    this.#start = parts.start;
    this.#name = parts.name;
    this.#workload = parts.workload;
    this.#address = parts.address;
  }

  static async create(
    server: BriskServer,
    start: BriskStart,
    name: string,
    workload: Workload,
  ): Promise<BriskDeployment> {
    const address = await server.deploy({
      name,
      zip: workload.zip,
      handler: workload.handler,
      memorySizeMb: workload.memorySizeMb,
      timeoutSeconds: workload.timeoutSeconds,
      variables: { ...workload.variables, ...startVariables(start, workload) },
      url: "BUFFERED",
    });
    if (address === undefined) throw new Error(`${name} has no URL`);
    const deployment = new BriskDeployment({ server, start, name, workload, address });
    try {
      await deployment.#untilReady();
      return deployment;
    } catch (error) {
      await deployment[Symbol.asyncDispose]();
      throw error;
    }
  }

  async prepare(count: number): Promise<readonly PendingStart[]> {
    if (this.#start.kind !== "warm") await this.#endEnvironments();
    if (this.#start.kind === "ahead") await this.#untilRestored();
    return Promise.all(Array.from({ length: count }, () => this.#pendingStart()));
  }

  async environments(): Promise<number> {
    const { idle, busy, starting } = await this.#counts();
    return idle + busy + starting;
  }

  /** What it says of its last start. */
  async newestStart(): Promise<StartRecord | undefined> {
    return (await this.#starts())[0];
  }

  async snapshotReport(): Promise<SnapshotReport | undefined> {
    const state = await this.#snapshot();
    return state.kind === "ready" ? state.report : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
    await this.#server.delete(this.#name);
  }

  async #pendingStart(): Promise<PendingStart> {
    const { request } = this.#workload;
    const askedAtMs = Date.now();
    const target =
      request.kind === "url"
        ? { url: this.#address.url + request.path, call: { host: this.#address.host } }
        : await this.#invocation(request.event);
    return {
      ...target,
      check: async (answer) => this.#check(answer, askedAtMs),
      end: async () => {},
    };
  }

  async #invocation(event: string): Promise<Pick<PendingStart, "url" | "call">> {
    const path = `/2015-03-31/functions/${this.#name}/invocations`;
    const call = await this.#server.signed(path, { method: "POST", body: event });
    return { url: this.#server.origin + path, call };
  }

  /** @throws {Error} When the start was another one than is measured: only Brisk itself knows. */
  async #check(answer: HttpAnswer, askedAtMs: number): Promise<PhasesMs> {
    const firstInvoke = await this.#reportedMs(String(answer.headers["x-amzn-requestid"]), askedAtMs);
    const invoke: PhasesMs = firstInvoke === undefined ? {} : { firstInvoke };
    const newest = await this.newestStart();
    const { kind, served } = this.#start;
    const isNew = newest !== undefined && newest.atMs >= askedAtMs;
    if (kind === "warm") {
      if (isNew) throw new Error("an environment was started for it, which was to be warm");
      return invoke;
    }
    if (newest === undefined) throw new Error("Brisk knows of no start");
    if (newest.strategy !== served) {
      throw new Error(
        `it was started by ${newest.strategy}, not ${served}: ${newest.reason ?? "no reason given"}`,
      );
    }
    if (kind === "ahead") {
      if (newest.isAhead !== true) throw new Error("it was not restored ahead of need");
      return invoke;
    }
    if (newest.isAhead === true) throw new Error("it was restored ahead of need");
    if (!isNew) throw new Error("it was answered by an environment that was there");
    return { ...phasesOf(newest), ...invoke };
  }

  /** What the function's log says of the duration of one invocation. It is written after the answer. */
  async #reportedMs(requestId: string, sinceMs: number): Promise<number | undefined> {
    const path = `/_brisk/logs/${this.#name}?since=${Math.floor(sinceMs)}`;
    const line = new RegExp(`REPORT RequestId: ${requestId}\\\\tDuration: ([0-9.]+) ms`);
    for (const deadlineMs = performance.now() + reportWithinMs; ; await sleep(10)) {
      const { text } = await this.#server.call(path);
      const found = line.exec(text);
      if (found !== null) return Number(found[1]);
      if (performance.now() > deadlineMs) return undefined;
    }
  }

  /** A function URL answers no more than 502: the function's log says why. */
  async #lastError(complaint: string): Promise<string> {
    const { text } = await this.#server.call(`/_brisk/logs/${this.#name}`);
    const lines = text.split("\n").filter((line) => /"errorMessage|\\tERROR\\t/.test(line));
    const line = lines.at(-1);
    return line === undefined ? complaint : `${complaint}: ${(JSON.parse(line) as { text: string }).text}`;
  }

  /** Idle ones end when they are told to; one that is about to be restored ahead has to be there first. */
  async #endEnvironments(): Promise<void> {
    let calm = 0;
    for (const deadlineMs = performance.now() + endWithinMs; calm < 2; await sleep(15)) {
      await this.#server.api("DELETE", `/_brisk/functions/${this.#name}/environments`);
      calm = (await this.environments()) === 0 ? calm + 1 : 0;
      if (performance.now() > deadlineMs) {
        throw new Error(`its environments did not end within ${endWithinMs} ms`);
      }
    }
  }

  async #counts(): Promise<{ idle: number; busy: number; starting: number }> {
    const { environments } = await this.#server.api("GET", `/_brisk/functions/${this.#name}/starts`);
    return (environments ?? { idle: 0, busy: 0, starting: 0 }) as {
      idle: number;
      busy: number;
      starting: number;
    };
  }

  async #starts(): Promise<readonly StartRecord[]> {
    const { starts } = await this.#server.api("GET", `/_brisk/functions/${this.#name}/starts`);
    return (starts ?? []) as readonly StartRecord[];
  }

  async #snapshot(): Promise<SnapshotState> {
    const state: unknown = await this.#server.api("GET", `/_brisk/functions/${this.#name}/snapshot`);
    return state as SnapshotState;
  }

  /** Waits for what its strategy needs. @throws {Unavailable} */
  async #untilReady(): Promise<void> {
    if (this.#start.served === "snapshot") await this.#untilSnapshot();
    else await this.#untilServed();
  }

  async #untilSnapshot(): Promise<void> {
    for (const deadlineMs = performance.now() + snapshotWithinMs; ; await sleep(50)) {
      const state = await this.#snapshot();
      if (state.kind === "ready") return;
      if (state.kind === "failed") {
        throw new Unavailable(
          `no snapshot (${state.failure.code} at ${state.failure.step}): ${state.failure.message}`,
        );
      }
      if (state.kind === "none") throw new Unavailable("no snapshot: this Brisk makes none for the function");
      if (performance.now() > deadlineMs) {
        throw new Unavailable(`no snapshot after ${snapshotWithinMs / 1000} s, at step ${state.step}`);
      }
    }
  }

  /** The code cache is made after a first init. */
  async #untilServed(): Promise<void> {
    const { served } = this.#start;
    for (const deadlineMs = performance.now() + codeCacheWithinMs; ; await sleep(100)) {
      await this.#endEnvironments();
      const { url, call } = await this.#pendingStart();
      const answer = await this.#client.call(url, call);
      const newest = await this.newestStart();
      if (newest !== undefined && (newest.strategy === served || served === undefined)) return;
      if (newest === undefined) {
        const complaint = this.#workload.check(answer, undefined);
        if (complaint !== undefined) throw new Unavailable(await this.#lastError(complaint));
      }
      if (performance.now() > deadlineMs) {
        const why = newest?.reason ?? "no reason given";
        throw new Unavailable(`environments do not start by ${served}: ${why}`);
      }
    }
  }

  async #untilRestored(): Promise<void> {
    await this.#server.api("POST", `/_brisk/functions/${this.#name}/environments`);
    for (const deadlineMs = performance.now() + aheadWithinMs; ; await sleep(5)) {
      if ((await this.#counts()).idle > 0) return;
      if (performance.now() > deadlineMs)
        throw new Error(`none was restored ahead within ${aheadWithinMs} ms`);
    }
  }
}

function startVariables(start: BriskStart, { request }: Workload): Record<string, string> {
  if (start.served === undefined) return {};
  const variables = { BRISK_START: start.served };
  if (start.served !== "snapshot") return variables;
  const event =
    request.kind === "event"
      ? request.event
      : JSON.stringify(
          urlEvent({ method: "GET", path: request.path, headers: {}, body: "", isEvent: false }),
        );
  const isGiven = start.warmUp === "event" && Buffer.byteLength(event) <= longestEventBytes;
  if (start.warmUp === "event" && !isGiven) return variables;
  return { ...variables, BRISK_WARMUP_EVENTS: isGiven ? `[${event}]` : "[]" };
}

/** Brisk's own names of phases are finer than what is compared. */
function phasesOf({ phasesMs }: StartRecord): PhasesMs {
  const { isolate, context, bind, compile, load, restore } = phasesMs;
  const init = compile === undefined && load === undefined ? undefined : (compile ?? 0) + (load ?? 0);
  const phases = { isolate, context, bind, init, restore };
  return Object.fromEntries(Object.entries(phases).filter(([, ms]) => ms !== undefined));
}
