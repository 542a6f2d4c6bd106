import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Fleet, FleetOptions } from "../../../src/fleet/index.ts";
import type { ReadySnapshot } from "../../../src/fleet/start-plan.ts";
import type { VersionSpec } from "../../../src/model/version.ts";
import { FromHost, Start, ToHost } from "../../../src/model/wire/index.ts";
import { createFleet, FakeHost, invoke, openedFields, request, type Told } from "./fake-host.ts";

/** The supervisor's side of snapshots: who starts from one, what is restored ahead, and what a failed restore means. */
const hosts: FakeHost[] = [];
let behave: (host: FakeHost, message: Told) => void;
let fleet: Fleet;
let bugs: unknown[];
let snapshot: ReadySnapshot | { readonly reason: string };
let lines: string[];
const failed = vi.fn<(spec: VersionSpec, reason: string) => void>();
const environmentClosed = vi.fn<(id: number) => void>();
const openFetches = vi.fn(() => 0);
const openSockets = vi.fn((): string[] => []);

vi.mock("node:child_process", () => ({
  spawn: () => {
    const host = new FakeHost();
    host.onTold = (message) => behave(host, message);
    hosts.push(host);
    return host;
  },
}));

const restored = (host: FakeHost, id: number) =>
  host.say(FromHost.opened, id, (frame) =>
    frame.f64(2).u8(Start.snapshot).f64(0).f64(0).f64(0).f64(1_000_000).string(""),
  );
const honest = (host: FakeHost, { kind, id }: Told): void => {
  if (kind === ToHost.open) restored(host, id);
  if (kind === ToHost.invoke) host.result(id);
};
const ready: ReadySnapshot = {
  hash: "aa",
  clockMs: 1,
  bytes: Buffer.from("heap"),
  read: async () => Buffer.from("heap"),
};
const run = (name = "fn") => invoke(fleet, name, {}, "snapshot");
const told = (kind: number) => hosts.flatMap((host) => host.told.filter((message) => message.kind === kind));
const flushed = () => new Promise((resolve) => setTimeout(resolve, 30));

function start(options: Partial<FleetOptions> = {}): void {
  fleet = createFleet(bugs, {
    snapshots: { find: () => snapshot, restored() {}, failed },
    logs: {
      openStream: () => ({ append: (_ms: number, ...added: string[]) => lines.push(...added), close() {} }),
    } as never,
    remote: { start() {}, openFetches, openSockets, environmentClosed, close: async () => {} },
    spareEnvironments: 0,
    ...options,
  });
}

beforeEach(() => {
  hosts.length = 0;
  behave = honest;
  bugs = [];
  lines = [];
  snapshot = ready;
  for (const mock of [failed, environmentClosed, openFetches]) mock.mockClear();
});
afterEach(async () => {
  await fleet.close(0);
  expect(bugs).toEqual([]);
});

describe("an environment that starts from a snapshot", () => {
  it("gets the heap once for each host, and is logged as restored", async () => {
    start();
    expect(await run()).toMatchObject({ kind: "success" });
    fleet.retireIdle("fn");
    expect(await run()).toMatchObject({ kind: "success" });
    expect(told(ToHost.snapshot)).toHaveLength(1);
    expect(fleet.starts("fn").map(({ strategy, reason }) => [strategy, reason])).toEqual([
      ["snapshot", undefined],
      ["snapshot", undefined],
    ]);
    expect(lines.filter((line) => line.startsWith("RESTORE_REPORT Restore Duration: 2.00 ms"))).toHaveLength(
      2,
    );
    expect(lines.filter((line) => line.startsWith("INIT_START"))).toEqual([]);
    expect(lines.find((line) => line.startsWith("REPORT"))).toContain("Restore Duration: 2.00 ms");
  });

  it("starts by init, and says why, while there is none", async () => {
    snapshot = { reason: "its snapshot is being made (freeze)" };
    behave = (host, message) => {
      if (message.kind === ToHost.open) host.say(FromHost.opened, message.id, openedFields);
      else honest(host, message);
    };
    start();
    await run();
    expect(told(ToHost.snapshot)).toEqual([]);
    expect(fleet.starts("fn")).toMatchObject([
      { strategy: "init", reason: "its snapshot is being made (freeze)" },
    ]);
  });

  it("starts by init when its file turns out to be damaged", async () => {
    snapshot = { ...ready, bytes: undefined, read: async () => undefined };
    behave = (host, message) => {
      if (message.kind === ToHost.open) host.say(FromHost.opened, message.id, openedFields);
      else honest(host, message);
    };
    start();
    expect(await run()).toMatchObject({ kind: "success" });
    expect([told(ToHost.snapshot), told(ToHost.open).length]).toEqual([[], 1]);
    expect(fleet.starts("fn")[0]?.reason).toMatch(/its snapshot/);
    expect(lines[0]).toMatch(/^INIT_START/);
  });

  it("whose version asks for none gets none", async () => {
    start();
    await invoke(fleet, "plain", {}, "init");
    expect(told(ToHost.snapshot)).toEqual([]);
  });
});

describe("a restore that fails", () => {
  const fails = (host: FakeHost, message: Told): void => {
    if (message.kind !== ToHost.open) {
      honest(host, message);
      return;
    }
    host.say(FromHost.restoreFailed, message.id, (frame) => frame.string("no database"));
    host.say(FromHost.opened, message.id, openedFields);
  };

  it("goes on by init, which the log says, and the world forgets what its hooks had asked for", async () => {
    behave = fails;
    start();
    expect(await run()).toMatchObject({ kind: "success" });
    expect(failed.mock.calls.map(([spec, reason]) => [spec.key, reason])).toEqual([["fn", "no database"]]);
    expect(lines.map((line) => line.split(" ")[0])).toEqual([
      "RESTORE_START",
      "RESTORE_REPORT",
      "INIT_START",
      "START",
      "END",
      "REPORT",
    ]);
    expect(lines[1]).toMatch(/Restore Duration: [\d.]+ ms\tStatus: error\tError Type: Runtime.RestoreFailed/);
    expect(lines.at(-1)).toContain("Init Duration");
    expect(fleet.starts("fn")[0]).toMatchObject({
      strategy: "init",
      reason: "its snapshot could not be restored: no database",
    });
    expect(environmentClosed).toHaveBeenCalledTimes(1);
  });

  it("is believed once, and only of an environment that was restored and is not open yet", async () => {
    const say = (host: FakeHost, id: number) =>
      host.say(FromHost.restoreFailed, id, (frame) => frame.string("x".repeat(10_000)));
    behave = (host, message) => {
      if (message.kind === ToHost.open) {
        for (let time = 0; time < 3; time++) say(host, message.id);
        host.say(FromHost.opened, message.id, openedFields);
        say(host, message.id);
        say(host, message.id + 100);
      } else honest(host, message);
    };
    start();
    await run();
    await invoke(fleet, "plain", {}, "init");
    await flushed();
    expect(failed).toHaveBeenCalledTimes(1);
    expect(failed.mock.calls[0]![1].length).toBeLessThanOrEqual(500);
  });

  it("a host that says that it restored what it was not given to restore is not believed", async () => {
    snapshot = { reason: "none" };
    start();
    await run();
    expect(lines.filter((line) => line.startsWith("RESTORE"))).toEqual([]);
    expect(lines.at(-1)).toContain("Init Duration");
  });

  it("counts once for a host that is lost over it, however many environments it restored", async () => {
    let opens = 0;
    behave = (host, message) => {
      if (message.kind === ToHost.open && ++opens === 3) host.end(null, "SIGSEGV");
      if (opens > 3) honest(host, message);
    };
    start({ spareHosts: 0 });
    const answers = await Promise.all([run(), run(), run()]);
    expect(answers.map(({ kind }) => kind)).toEqual(["success", "success", "success"]);
    expect(failed.mock.calls.map(([spec, reason]) => [spec.key, reason])).toEqual([
      ["fn", "its host ended with error: signal: segmentation fault while it was restored"],
    ]);
  });

  it("counts for none of several versions that were restored in the host, and tries each apart", async () => {
    let opens = 0;
    behave = (host, message) => {
      if (message.kind === ToHost.open && ++opens === 2) host.end(null, "SIGSEGV");
      if (opens > 2) honest(host, message);
    };
    start({ spareHosts: 0 });
    const answers = await Promise.all([run("one"), run("two")]);
    expect(answers.map(({ kind }) => kind)).toEqual(["success", "success"]);
    expect(failed).not.toHaveBeenCalled();
    const opened = hosts.map((host) => host.told.filter(({ kind }) => kind === ToHost.open).length);
    expect(opened).toEqual([2, 1, 1]);
  });

  it("that takes every host down is given up for init before the invocation is", async () => {
    const lost = new Set<FakeHost>();
    behave = (host, message) => {
      if (lost.has(host)) return;
      if (message.kind !== ToHost.open) honest(host, message);
      else if (message.json!.includes('"snapshot"')) {
        lost.add(host);
        host.end(null, "SIGSEGV");
      } else host.say(FromHost.opened, message.id, openedFields);
    };
    start({ spareHosts: 0 });
    // Somebody else's environment is in the first host, which is then no proof against the snapshot.
    await invoke(fleet, "other", {}, "init");
    expect(await run()).toMatchObject({ kind: "success" });
    expect(lost.size).toBe(2);
    expect(fleet.starts("fn")).toMatchObject([{ strategy: "init", reason: expect.stringMatching(/lost/) }]);
  });

  it("counts when it takes so long that its host has to be ended", async () => {
    let opens = 0;
    behave = (host, message) => {
      if (message.kind === ToHost.open && ++opens === 1)
        host.say(FromHost.longTurn, 0, (frame) => frame.u32(0).u32(1));
      else if (opens > 1) honest(host, message);
    };
    start({ initTimeoutMs: 100 });
    expect(await run()).toMatchObject({ kind: "success" });
    expect(failed).toHaveBeenCalledTimes(1);
  });

  it("is not what happened when its host broke the protocol", async () => {
    let opens = 0;
    behave = (host, message) => {
      if (message.kind === ToHost.open && ++opens === 1)
        host.say(FromHost.log, message.id, (frame) => frame.u32(1).bytes(new Uint8Array(20 * 1024 * 1024)));
      else if (opens > 1) honest(host, message);
    };
    start();
    await run();
    expect(hosts.filter((host) => host.isKilled)).toHaveLength(1);
    expect(failed).not.toHaveBeenCalled();
  });

  it("is not what happened when its host was in another one's turn", async () => {
    const running = Promise.withResolvers<{ host: FakeHost; id: number }>();
    behave = (host, message) => {
      if (message.kind === ToHost.open) host.say(FromHost.opened, message.id, openedFields);
      if (message.kind === ToHost.invoke) running.resolve({ host, id: message.id });
    };
    start();
    const hog = invoke(fleet, "hog", {}, "init");
    const { host, id } = await running.promise;
    behave = (other, message) => {
      if (other !== host) honest(other, message);
    };
    const restoring = run();
    await vi.waitFor(() => expect(told(ToHost.snapshot)).toHaveLength(1));
    behave = honest;
    host.say(FromHost.longTurn, id, (frame) => frame.u32(id).u32(1));
    host.end(null, "SIGSEGV");
    expect([(await hog).kind, (await restoring).kind]).toEqual(["exited", "success"]);
    expect(failed).not.toHaveBeenCalled();
  });

  it("is not what happened when we ended the host, or when it had restored before", async () => {
    start();
    await run();
    const [restorer] = hosts.filter((host) => host.told.some(({ kind }) => kind === ToHost.open));
    restorer!.end(null, "SIGSEGV");
    await flushed();
    expect(failed).not.toHaveBeenCalled();
  });
});

describe("environments that are restored ahead", () => {
  const spares = { spareEnvironments: 1 };

  it("is one, after each cold start and when the snapshot is ready", async () => {
    start(spares);
    const { spec } = request("fn");
    fleet.prepareSpare({ ...spec, start: "snapshot" });
    await vi.waitFor(() => expect(fleet.environments("fn")).toEqual({ idle: 1, busy: 0, starting: 0 }));
    fleet.prepareSpare({ ...spec, start: "snapshot" });
    await flushed();
    expect(fleet.environments("fn").idle).toBe(1);
    const starts = told(ToHost.open).length;
    await run();
    expect(fleet.starts("fn").at(-1)).toMatchObject({ isAhead: true });
    await flushed();
    expect(fleet.environments("fn").idle).toBeLessThanOrEqual(2);
    expect(told(ToHost.open).length).toBeGreaterThanOrEqual(starts);
    expect(lines.find((line) => line.startsWith("REPORT"))).not.toContain("Restore Duration");
  });

  it.each([
    ["has no snapshot", { snapshot: { reason: "none" } }],
    ["would fill half of the memory", { options: { memoryBudgetBytes: 3 * 1024 * 1024 } }],
    ["would be more than half of the environments", { options: { maxEnvironments: 1 } }],
    ["is not to have any", { options: { spareEnvironments: 0 } }],
  ] as [string, { snapshot?: { reason: string }; options?: Partial<FleetOptions> }][])(
    "is none for a version that %s",
    async (_, given) => {
      snapshot = given.snapshot ?? ready;
      start({ ...spares, ...given.options });
      fleet.prepareSpare({ ...request("fn").spec, start: "snapshot" });
      await flushed();
      expect(told(ToHost.open)).toEqual([]);
    },
  );

  it.each([
    ["was told to open it", ready],
    ["waits for its heap", { ...ready, bytes: undefined }],
  ])("is taken by an event while its host %s, which is answered once", async (_, found) => {
    const heap = Promise.withResolvers<Uint8Array>();
    snapshot = { ...found, read: () => heap.promise };
    const open: (() => void)[] = [];
    behave = (host, message) => {
      if (message.kind === ToHost.open) open.push(() => restored(host, message.id));
      else honest(host, message);
    };
    start(spares);
    fleet.prepareSpare({ ...request("fn").spec, start: "snapshot" });
    await vi.waitFor(() => expect(fleet.environments("fn").starting).toBe(1));
    const settled = vi.fn();
    const answered = run().then(settled);
    expect(fleet.environments("fn").starting).toBe(1);
    await flushed();
    if (found.bytes !== undefined) expect(told(ToHost.invoke)).toHaveLength(1);
    heap.resolve(Buffer.from("heap"));
    await vi.waitFor(() => expect(open).not.toEqual([]));
    for (const opens of open.splice(0)) opens();
    await answered;
    expect(settled).toHaveBeenCalledWith(expect.objectContaining({ kind: "success" }));
    expect(told(ToHost.invoke)).toHaveLength(1);
    // It is free again: nothing is left that it would have to wait for.
    expect(fleet.environments("fn").idle).toBe(1);
    expect(fleet.figures.running).toBe(0);
  });
});

describe("an environment that records", () => {
  const spec = { ...request("fn").spec, start: "snapshot" as const };
  const { signal } = new AbortController();
  const piece = (host: FakeHost, id: number, bytes: Uint8Array) =>
    host.say(FromHost.recording, id, (frame) => frame.bytes(bytes));

  it("is heard piece by piece, runs apart, and ends with its answer", async () => {
    behave = (host, { kind, id }) => {
      if (kind !== ToHost.open) return;
      piece(host, id, Buffer.from('{"init":'));
      piece(host, id, Buffer.from("[]}"));
      host.say(FromHost.opened, id, openedFields);
      piece(host, id, Buffer.from("too late"));
      host.say(FromHost.opened, id, openedFields);
    };
    start();
    const recorded = await fleet.record(spec, ["{}"], signal);
    expect(recorded).toMatchObject({ kind: "recorded" });
    expect(String((recorded as { json: Buffer }).json)).toBe('{"init":[]}');
    expect(fleet.figures.environments).toBe(0);
    expect(fleet.environments("fn")).toEqual({ idle: 0, busy: 0, starting: 0 });
    expect(told(ToHost.snapshot)).toEqual([]);
    expect(environmentClosed).toHaveBeenCalledTimes(1);
  });

  it("whose init left responses unread is no heap to freeze", async () => {
    openFetches.mockReturnValueOnce(2);
    behave = (host, { kind, id }) => {
      if (kind === ToHost.open) host.say(FromHost.opened, id, openedFields);
    };
    start();
    expect(await fleet.record(spec, [], signal)).toEqual({
      kind: "failed",
      code: "NotFreezable",
      message: "2 responses to requests of init were not read to their end",
      isTransient: false,
    });
  });

  it("whose init left a socket open is no heap to freeze", async () => {
    openSockets.mockReturnValueOnce(["db:5432"]);
    behave = (host, { kind, id }) => {
      if (kind === ToHost.open) host.say(FromHost.opened, id, openedFields);
    };
    start();
    expect(await fleet.record(spec, [], signal)).toMatchObject({
      code: "NotFreezable",
      message: expect.stringMatching(/socket to db:5432 .*registerBeforeSnapshot/),
    });
  });

  it("that is lost, or whose init fails, settles with the reason", async () => {
    behave = (host, { kind }) => {
      if (kind === ToHost.open) host.end(null, "SIGABRT");
    };
    start();
    expect(await fleet.record(spec, [], signal)).toMatchObject({ kind: "failed", code: "InitFailed" });
    behave = (host, { kind, id }) => {
      if (kind === ToHost.open)
        host.say(FromHost.openFailed, id, (frame) =>
          frame.u8(0).string('{"errorType":"Error","errorMessage":"no"}'),
        );
    };
    const recorded = await fleet.record(spec, [], signal);
    expect(recorded).toMatchObject({ kind: "failed", code: "InitFailed", isTransient: false });
    expect(fleet.figures.environments).toBe(0);
  });

  it("ends at once when nobody wants the recording any more, and is not heard after that", async () => {
    const opened = Promise.withResolvers<void>();
    behave = (_, { kind }) => {
      if (kind === ToHost.open) opened.resolve();
    };
    start();
    const ending = new AbortController();
    const recorded = fleet.record(spec, [], ending.signal);
    await opened.promise;
    ending.abort();
    expect(await recorded).toMatchObject({ kind: "failed" });
    expect(fleet.figures.environments).toBe(0);
    expect(environmentClosed).toHaveBeenCalledTimes(1);
  });

  it("that is not wanted any more before its host was ready is no failed start: there are spares as before", async () => {
    start();
    for (let count = 0; count < 5; count++) {
      const ending = new AbortController();
      void fleet.record(spec, [], ending.signal);
      ending.abort();
    }
    await flushed();
    behave = honest;
    await run();
    // The one that serves, and a spare.
    expect(fleet.figures.hosts).toBe(2);
  });

  it("that finds no room may be tried again", async () => {
    start({ maxEnvironments: 1 });
    behave = () => {};
    void run("busy");
    expect(await fleet.record(spec, [], signal)).toMatchObject({
      kind: "failed",
      code: "NoRoom",
      isTransient: true,
    });
  });

  it("that sends more than a recording holds is ended, with its host", async () => {
    behave = (host, { kind, id }) => {
      if (kind === ToHost.open)
        for (let sent = 0; sent < 20; sent++) piece(host, id, new Uint8Array(8 * 1024 * 1024));
    };
    start();
    expect(await fleet.record(spec, [], signal)).toMatchObject({ kind: "failed" });
    expect(hosts.filter((host) => host.isKilled)).toHaveLength(1);
  });

  it("is the only one whose pieces anybody keeps", async () => {
    behave = (host, message) => {
      if (message.kind === ToHost.open)
        for (let sent = 0; sent < 3; sent++) piece(host, message.id, Buffer.alloc(9));
      honest(host, message);
    };
    start();
    expect(await run()).toMatchObject({ kind: "success" });
    for (const host of hosts) piece(host, 999, Buffer.alloc(9));
    await flushed();
    expect(hosts.filter((host) => host.isKilled)).toEqual([]);
  });
});
