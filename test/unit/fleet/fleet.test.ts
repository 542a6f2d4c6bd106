import { availableParallelism } from "node:os";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Fleet } from "../../../src/fleet/index.ts";
import { TooManyRequestsException } from "../../../src/model/errors.ts";
import { Failure, FromHost, ToHost } from "../../../src/model/wire/index.ts";
import { createFleet, FakeHost, openedFields, request, type Told } from "./fake-host.ts";

const hosts: FakeHost[] = [];
let behave: (host: FakeHost, message: Told) => void;
let fleet: Fleet;
const observer = { streamStarted() {}, chunk() {}, settled() {} };

vi.mock("node:child_process", () => ({
  spawn: () => {
    const host = new FakeHost();
    host.onTold = (message) => behave(host, message);
    hosts.push(host);
    return host;
  },
}));

beforeEach(() => {
  hosts.length = 0;
  behave = () => {};
  fleet = createFleet();
});
afterEach(() => fleet.close(0));

/** An endless loop's end. */
const cpuTimeExceeded: Parameters<FakeHost["say"]>[2] = (frame) =>
  frame.f64(1000).f64(1000).f64(1_000_000).u8(1).u8(Failure.cpuTimeExceeded).u8(0).bytes(new Uint8Array());

it("a client that leaves before the stream starts stops it when it does", async () => {
  const aborted = Promise.withResolvers<number>();
  behave = (host, { kind, id }) => {
    if (kind === ToHost.open) host.say(FromHost.opened, id, openedFields);
    if (kind === ToHost.invoke) host.say(FromHost.streamHead, id, (frame) => frame.string("text/plain"));
    if (kind === ToHost.abort) aborted.resolve(id);
  };
  fleet.invoke(request("leaving"), observer).abort();
  expect(await aborted.promise).toBe(1);
});

it("no environment serves two tenants, nor a tenant's events as samples, and tenants without one are forgotten", async () => {
  const { spec, ...rest } = request("tenants");
  const apart = { ...rest, spec: { ...spec, isPerTenant: true } };
  const served: [environment: number | undefined, tenantId: string][] = [];
  behave = (host, { kind, id, environment, json }) => {
    if (kind === ToHost.open) host.say(FromHost.opened, id, openedFields);
    if (kind !== ToHost.invoke) return;
    served.push([environment, JSON.parse(json!).tenantId]);
    host.result(id);
  };
  const run = (tenantId: string) =>
    new Promise((settled) => void fleet.invoke({ ...apart, tenantId }, { ...observer, settled }));
  for (const tenant of ["blue", "green", "blue", "green"]) await run(tenant);
  const [blue, green, blueAgain, greenAgain] = served.map(([environment]) => environment);
  expect([blueAgain, greenAgain]).toEqual([blue, green]);
  expect(green).not.toBe(blue);
  expect(served.map(([, tenantId]) => tenantId)).toEqual(["blue", "green", "blue", "green"]);
  expect(fleet.environments(spec.key)).toEqual({ idle: 2, busy: 0, starting: 0 });
  expect(fleet.starts(spec.key)).toHaveLength(2);
  expect(fleet.sampleEvents(spec.functionArn)).toEqual([]);
  expect(fleet.retireIdle(spec.key)).toBe(2);
  await vi.waitFor(() => expect(fleet.starts(spec.key)).toEqual([]));
});

it("what ran too long for one tenant runs apart for all of them, also once that tenant is forgotten", async () => {
  const { spec, ...rest } = request("tenants");
  const apart = { ...rest, spec: { ...spec, isPerTenant: true } };
  const served: FakeHost[] = [];
  behave = (host, { kind, id, json }) => {
    if (kind === ToHost.open) host.say(FromHost.opened, id, openedFields);
    if (kind !== ToHost.invoke) return;
    served.push(host);
    if (JSON.parse(json!).tenantId === "loop") host.say(FromHost.failure, id, cpuTimeExceeded);
    else host.result(id);
  };
  const run = (tenantId: string) =>
    new Promise((settled) => void fleet.invoke({ ...apart, tenantId }, { ...observer, settled }));
  await run("loop");
  await vi.waitFor(() => expect(fleet.starts(spec.key)).toEqual([]));
  for (const tenant of ["blue", "green"]) await run(tenant);
  expect(new Set(served).size).toBe(3);
});

it("environments that run apart count with their process, so that their number is bounded", () => {
  const solo = request("solo", { BRISK_PLACEMENT: "solo" });
  let opened = 0;
  const open = () => {
    for (; opened < 100; opened++) fleet.invoke(solo, observer);
  };
  expect(open).toThrow(TooManyRequestsException);
  // Of the budget of 1 GiB each takes 66 MiB.
  expect(opened).toBe(15);
});

it("a rush of environments that run apart starts few processes at once, and all of it is served", async () => {
  const solo = request("solo", { BRISK_PLACEMENT: "solo" });
  behave = (host, { kind, id }) => {
    if (kind === ToHost.open) host.say(FromHost.opened, id, openedFields);
    if (kind === ToHost.invoke) host.result(id);
  };
  const running = Array.from(
    { length: 10 },
    () => new Promise((settled) => void fleet.invoke(solo, { ...observer, settled })),
  );
  // Those that start, and a spare.
  expect(hosts.length).toBeLessThanOrEqual(Math.max(2, availableParallelism()) + 1);
  const outcomes = await Promise.all(running);
  expect(outcomes).toEqual(Array.from({ length: 10 }, () => expect.objectContaining({ kind: "success" })));
  expect(fleet.figures.running).toBe(0);
});

it("what waits of a version that was retired is not the beginning of another pool", async () => {
  const solo = request("solo", { BRISK_PLACEMENT: "solo" });
  behave = (host, { kind, id }) => {
    if (kind === ToHost.open) host.say(FromHost.opened, id, openedFields);
    if (kind === ToHost.invoke) host.result(id);
  };
  const running = Array.from(
    { length: 6 },
    () => new Promise((settled) => void fleet.invoke(solo, { ...observer, settled })),
  );
  fleet.retire(solo.spec);
  await Promise.all(running);
  expect(fleet.figures.environments).toBe(0);
  expect(fleet.environments("solo")).toEqual({ idle: 0, busy: 0, starting: 0 });
});

it("an endless loop, which ends its environment in its first event, runs apart from then on", async () => {
  behave = (host, { kind, id }) => {
    if (kind === ToHost.open) host.say(FromHost.opened, id, openedFields);
    if (kind === ToHost.invoke) host.say(FromHost.failure, id, cpuTimeExceeded);
  };
  const run = () => new Promise((settled) => void fleet.invoke(request("loop"), { ...observer, settled }));
  await run();
  await run();
  const told = hosts.filter((host) => host.told.some(({ kind }) => kind === ToHost.invoke));
  expect(told).toHaveLength(2);
});

it("who waits for a process when Brisk stops hears so", async () => {
  const solo = request("solo", { BRISK_PLACEMENT: "solo" });
  const settled = vi.fn();
  for (let count = 0; count < 10; count++) fleet.invoke(solo, { ...observer, settled });
  await fleet.close(0);
  expect(settled.mock.calls.map(([outcome]) => outcome)).toEqual(
    Array.from({ length: 10 }, () => ({ kind: "exited", reason: "because Brisk was stopped" })),
  );
});
