import { EventEmitter } from "node:events";
import { type Duplex, duplexPair, PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { Fleet, type FleetOptions } from "../../../src/fleet/index.ts";
import { systemClock } from "../../../src/model/clock.ts";
import type { InvocationObserver, InvokeOutcome, InvokeRequest } from "../../../src/model/invocation.ts";
import type { StartStrategy } from "../../../src/model/version.ts";
import { FrameReader, FrameWriter, FromHost, ToHost } from "../../../src/model/wire/index.ts";

/** What the supervisor told a host: its kind and id, and of an invocation the environment. */
export interface Told {
  readonly kind: number;
  readonly id: number;
  readonly environment: number | undefined;
  /** JSON: of an invocation its context, of an environment that opens its settings. */
  readonly json: string | undefined;
}

/** In place of a host's process: says whatever a test wants, as one that was taken over may. */
export class FakeHost extends EventEmitter {
  readonly stdio: unknown[];
  readonly pid = undefined;
  readonly told: Told[] = [];
  /** Called with each message; the test answers by `say`. */
  onTold: (message: Told) => void = () => {};
  isKilled = false;
  readonly #pipe: Duplex;
  readonly #writer: FrameWriter;

  constructor() {
    super();
    const [ours, theirs] = duplexPair();
    this.stdio = [null, null, null, theirs, new PassThrough()];
    this.#pipe = ours;
    this.#writer = new FrameWriter((buffers) => {
      for (const buffer of buffers) ours.write(buffer);
    });
    const reader = new FrameReader(2 ** 30, (kind, id, frame) => {
      const environment = kind === ToHost.invoke ? frame.u32() : undefined;
      if (kind === ToHost.invoke) frame.f64();
      const json = kind === ToHost.invoke || kind === ToHost.open ? frame.string() : undefined;
      const message = { kind, id, environment, json };
      this.told.push(message);
      if (kind === ToHost.ping) this.say(FromHost.pong, 0);
      this.onTold(message);
    });
    ours.on("data", (chunk: Buffer) => reader.push(chunk));
    ours.on("end", () => this.end(0, null));
    ours.on("error", () => {});
    this.say(FromHost.ready, 0, (frame) => frame.string("v8"));
  }

  say(kind: number, id: number, fields: (frame: FrameWriter) => unknown = () => {}): void {
    fields(this.#writer.begin(kind, id));
    this.#writer.end();
    this.#writer.flush();
  }

  /** An honest answer, but for what the test changes. */
  result(invocation: number, memoryBytes = 1_000_000): void {
    this.say(FromHost.result, invocation, (frame) =>
      frame.f64(1).f64(1).f64(memoryBytes).u8(1).string('"well"'),
    );
  }

  end(status: number | null, signal: string | null): void {
    setImmediate(() => this.emit("exit", status, signal));
  }

  kill(): boolean {
    this.isKilled = true;
    this.#pipe.destroy();
    this.end(null, "SIGKILL");
    return true;
  }

  ref(): void {}
  unref(): void {}
}

export function createFleet(bugs: unknown[] = [], options: Partial<FleetOptions> = {}): Fleet {
  return new Fleet({
    guestDir: import.meta.dirname,
    clock: systemClock,
    logs: { openStream: () => ({ append() {}, close() {} }) } as never,
    remote: {
      start() {},
      openFetches: () => 0,
      openSockets: () => [],
      environmentClosed() {},
      close: async () => {},
    },
    maxConcurrency: 100,
    maxEnvironments: 100,
    memoryBudgetBytes: 2 ** 30,
    idleTimeoutMs: 60_000,
    initTimeoutMs: 10_000,
    logBytesPerInvocation: 1_000_000,
    spareHosts: 1,
    spareEnvironments: 1,
    snapshots: { find: () => ({ reason: "none" }), restored() {}, failed() {} },
    codeCaches: { find: () => undefined, keep() {}, rejected() {}, forget() {} },
    readBundle: async () => {
      await delay(5);
      return { script: Buffer.from("script"), map: Buffer.from("{}") };
    },
    onBug: (error) => bugs.push(error),
    ...options,
  });
}

/** Invokes, and waits for how it ends. @param tenantId Of a function that keeps its tenants apart. */
export function invoke(
  fleet: Fleet,
  name: string,
  observer: Partial<InvocationObserver> = {},
  start: StartStrategy = "init",
  tenantId?: string,
): Promise<InvokeOutcome> {
  return new Promise((settled) => {
    const asked = request(name);
    const spec = { ...asked.spec, start, isPerTenant: tenantId !== undefined };
    fleet.invoke(
      { ...asked, spec, ...(tenantId !== undefined && { tenantId }) },
      { streamStarted() {}, chunk() {}, settled, ...observer },
    );
  });
}

export function request(name: string, environmentVariables: Record<string, string> = {}): InvokeRequest {
  const functionArn = `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  return {
    requestId: "00000000-0000-4000-8000-000000000000",
    invokedFunctionArn: functionArn,
    payload: "{}",
    spec: {
      key: name,
      functionName: name,
      functionArn,
      version: "$LATEST",
      role: "arn:aws:iam::000000000000:role/lambda-role",
      runtime: "nodejs22.x",
      runtimeVersionArn: functionArn,
      handler: "index.handler",
      memorySizeMb: 128,
      ephemeralStorageMb: 512,
      timeoutMs: 3000,
      cpuTimeMs: 1000,
      environmentVariables,
      region: "us-east-1",
      logGroup: name,
      bundle: { hash: name, key: name, builtins: [] },
      start: "init",
      warmUpEvents: [],
      isPrimed: false,
      isPerTenant: false,
    },
  };
}

/** The fields of an `opened` frame: init that took 1 ms. */
export function openedFields(frame: FrameWriter): FrameWriter {
  return frame.f64(1).u8(0).f64(0).f64(0).f64(0).f64(0).string("");
}
