import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Fleet } from "../../../src/fleet/index.ts";
import { FromHost, ToHost } from "../../../src/model/wire/index.ts";
import { createFleet, FakeHost, invoke, openedFields } from "./fake-host.ts";

const anHourMs = 3_600_000;
const hosts: FakeHost[] = [];
let fleet: Fleet;
/** Set by a test: how long the next ones are good for. */
let renewAfterMs: number;
let issued = 0;
/** Invocations that the host gives back unstarted. */
let bounces = 0;

vi.mock("node:child_process", () => ({
  spawn: () => {
    const host = new FakeHost();
    host.onTold = ({ kind, id }) => {
      if (kind === ToHost.open) host.say(FromHost.opened, id, openedFields);
      if (kind !== ToHost.invoke) return;
      if (bounces > 0) {
        bounces--;
        host.say(FromHost.bounced, id);
      } else host.result(id);
    };
    hosts.push(host);
    return host;
  },
}));

beforeEach(() => {
  hosts.length = 0;
  issued = 0;
  renewAfterMs = anHourMs;
  fleet = createFleet([], {
    credentials: { issue: () => ({ variables: { KEY: `key ${++issued}` }, renewAfterMs }) },
  });
});
afterEach(() => fleet.close(0));

/** The variables that hosts were told: of environments when they opened, and of invocations that brought new ones. */
function told(kind: number): unknown[] {
  return hosts.flatMap((host) =>
    host.told
      .filter((message) => message.kind === kind)
      .map(({ json = "" }) => (JSON.parse(json) as { variables?: { KEY?: string } }).variables?.KEY),
  );
}

it("an environment opens with credentials, and its events bring none while these are good", async () => {
  for (let count = 0; count < 3; count++) await invoke(fleet, "hello");
  expect(told(ToHost.open)).toEqual(["key 1"]);
  expect(told(ToHost.invoke)).toEqual([undefined, undefined, undefined]);
});

it("the first event after their time brings new ones", async () => {
  renewAfterMs = 0;
  await invoke(fleet, "hello");
  renewAfterMs = anHourMs;
  await invoke(fleet, "hello");
  await invoke(fleet, "hello");
  expect(told(ToHost.open)).toEqual(["key 1"]);
  expect(told(ToHost.invoke)).toEqual(["key 2", "key 3", undefined]);
});

it("what an event brought that was not started comes again with the next", async () => {
  await invoke(fleet, "hello");
  bounces = 1;
  await invoke(fleet, "hello");
  expect(told(ToHost.invoke)).toEqual([undefined, undefined, "key 2"]);
});

it("without a source of credentials there are none", async () => {
  await fleet.close(0);
  hosts.length = 0;
  fleet = createFleet();
  await invoke(fleet, "hello");
  await invoke(fleet, "hello");
  expect(told(ToHost.open)).toEqual([undefined]);
  expect(told(ToHost.invoke)).toEqual([undefined, undefined]);
});
