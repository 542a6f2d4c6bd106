import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Fleet } from "../../../src/fleet/index.ts";
import { FromHost, ToHost } from "../../../src/model/wire/index.ts";
import { createFleet, FakeHost, invoke, openedFields, type Told } from "./fake-host.ts";
import { versionSpec } from "./version-spec.ts";

/** A host that was taken over may send anything: it harms what runs in it, never the supervisor or another host. */
const hosts: FakeHost[] = [];
const spawnFails = { value: false };
let behave: (host: FakeHost, message: Told) => void;
let fleet: Fleet;
let bugs: unknown[];

vi.mock("node:child_process", () => ({
  spawn: () => {
    const host = new FakeHost();
    if (spawnFails.value) {
      // As Node does without free file descriptors.
      host.stdio.length = 0;
      Object.assign(host, { stdio: undefined });
      setImmediate(() => host.emit("error", new Error("spawn EMFILE")));
      return host;
    }
    host.onTold = (message) => behave(host, message);
    hosts.push(host);
    return host;
  },
}));

const honest = (host: FakeHost, { kind, id }: Told): void => {
  if (kind === ToHost.open) host.say(FromHost.opened, id, openedFields);
  if (kind === ToHost.invoke) host.result(id);
};

beforeEach(() => {
  hosts.length = 0;
  spawnFails.value = false;
  behave = honest;
  bugs = [];
  fleet = createFleet(bugs);
});
afterEach(() => fleet.close(0));

describe("a host that lies", () => {
  it.each([Number.POSITIVE_INFINITY, 1e300, Number.NaN, -1])(
    "about its memory (%d bytes) takes nobody's room",
    async (memoryBytes) => {
      behave = (host, message) => {
        if (message.kind === ToHost.invoke) host.result(message.id, memoryBytes);
        else honest(host, message);
      };
      expect(await invoke(fleet, "liar")).toMatchObject({ kind: "success" });
      behave = honest;
      expect(await invoke(fleet, "neighbour")).toMatchObject({ kind: "success" });
      expect([fleet.figures.environments, bugs]).toEqual([2, []]);
    },
  );

  it("about the end of an environment whose bundle is still read loses no invocation", async () => {
    const settled = invoke(fleet, "unsent");
    hosts[0]!.say(FromHost.closed, 1);
    expect(await settled).toMatchObject({ kind: "success" });
  });

  it("about an init that it was not asked for loses no invocation", async () => {
    const settled = invoke(fleet, "unasked");
    hosts[0]!.say(FromHost.opened, 1, openedFields);
    setImmediate(() => hosts[0]!.kill());
    expect(await settled).toMatchObject({ kind: "success" });
  });

  it("about not having started, for ever, is believed a few times only", async () => {
    behave = (host, message) => {
      if (message.kind === ToHost.invoke) host.say(FromHost.bounced, message.id);
      else honest(host, message);
    };
    expect(await invoke(fleet, "bouncing")).toMatchObject({ kind: "exited" });
  });

  it("about not having started what has streamed is not believed", async () => {
    behave = (host, message) => {
      if (message.kind === ToHost.invoke) {
        host.say(FromHost.streamHead, message.id, (frame) => frame.string("text/plain"));
        host.say(FromHost.bounced, message.id);
      } else honest(host, message);
    };
    const streamStarted = vi.fn();
    expect(await invoke(fleet, "twice", { streamStarted })).toMatchObject({ kind: "exited" });
    expect(streamStarted).toHaveBeenCalledTimes(1);
  });

  it("settles no invocation of another host, and none twice", async () => {
    const running = Promise.withResolvers<number>();
    behave = (host, message) => {
      if (message.kind === ToHost.invoke) running.resolve(message.id);
      else honest(host, message);
    };
    const settled = vi.fn();
    void invoke(fleet, "victim", { settled });
    const id = await running.promise;
    const victim = hosts.find((host) => host.told.some(({ kind }) => kind === ToHost.invoke))!;
    const other = hosts.find((host) => host !== victim)!;
    for (const kind of [FromHost.result, FromHost.failure, FromHost.streamEnd, FromHost.bounced])
      other.say(kind, id, (frame) => frame.f64(1).f64(1).f64(1).u8(1).string('"stolen"'));
    victim.result(id);
    victim.result(id);
    await vi.waitFor(() => expect(settled).toHaveBeenCalled());
    expect(settled).toHaveBeenCalledTimes(1);
    expect(String(settled.mock.calls[0]![0].payload)).toBe('"well"');
  });

  it("and streams more than anybody reads is ended", async () => {
    behave = (host, message) => {
      if (message.kind !== ToHost.invoke) {
        honest(host, message);
        return;
      }
      host.say(FromHost.streamHead, message.id, (frame) => frame.string("text/plain"));
      for (let chunk = 0; chunk < 64; chunk++)
        host.say(FromHost.streamChunk, message.id, (frame) => frame.bytes(new Uint8Array(1024 * 1024)));
    };
    let bytes = 0;
    const chunk = (piece: Buffer) => {
      bytes += piece.length;
    };
    expect(await invoke(fleet, "flood", { chunk })).toMatchObject({ kind: "exited" });
    expect(bytes).toBeLessThan(32 * 1024 * 1024);
    expect(hosts.filter((host) => host.isKilled)).toHaveLength(1);
  });
});

describe("a host that sends bytecode", () => {
  const codeCaches = { find: vi.fn(() => undefined), keep: vi.fn(), rejected: vi.fn(), forget: vi.fn() };
  const say = (host: FakeHost, id: number, bytes: Uint8Array) =>
    host.say(FromHost.codeCache, id, (frame) => frame.bytes(bytes));
  const flushed = () => new Promise((resolve) => setTimeout(resolve, 20));
  let hostOf: (name: string, tenantId?: string) => Promise<{ host: FakeHost; id: number }>;

  beforeEach(async () => {
    for (const mock of Object.values(codeCaches)) mock.mockClear();
    await fleet.close(0);
    hosts.length = 0;
    fleet = createFleet(bugs, { codeCaches });
    hostOf = async (name, tenantId) => {
      const known = new Set(hosts.flatMap(({ told }) => told));
      await invoke(fleet, name, {}, name.startsWith("plain") ? "init" : "code-cache", tenantId);
      for (const host of hosts) {
        const open = host.told.find((message) => message.kind === ToHost.open && !known.has(message));
        if (open !== undefined) return { host, id: open.id };
      }
      throw new Error("No environment was opened");
    };
  });

  it("is believed once for each version", async () => {
    const { host, id } = await hostOf("one");
    for (let time = 0; time < 3; time++) say(host, id, Buffer.from(`bytes ${time}`));
    await vi.waitFor(() => expect(codeCaches.keep).toHaveBeenCalled());
    await flushed();
    expect(codeCaches.keep).toHaveBeenCalledTimes(1);
    const [[spec, bytes]] = codeCaches.keep.mock.calls as [[{ key: string }, Buffer]];
    expect([spec.key, String(bytes)]).toEqual(["one", "bytes 0"]);
  });

  it("is not believed about environments of others, of versions that start without, or that are not wanted", async () => {
    const { host, id } = await hostOf("one");
    const plain = await hostOf("plain");
    say(host, id + 100, Buffer.from("nobody's"));
    say(plain.host, plain.id, Buffer.from("not asked for"));
    const other = hosts.find((candidate) => candidate !== host)!;
    say(other, id, Buffer.from("another host's"));
    // It was given none that V8 could have refused.
    say(host, id, new Uint8Array(0));
    fleet.retire(versionSpec({ key: "one" }));
    say(host, id, Buffer.from("too late"));
    await flushed();
    expect(codeCaches.keep).not.toHaveBeenCalled();
    expect(codeCaches.rejected).not.toHaveBeenCalled();
    expect(codeCaches.forget).toHaveBeenCalledTimes(1);
  });

  it("is not believed about what one tenant's events led to: others would run it", async () => {
    const { host, id } = await hostOf("apart", "blue");
    say(host, id, Buffer.from("blue's"));
    await flushed();
    expect(codeCaches.keep).not.toHaveBeenCalled();
  });

  it("and more than there may be is ended", async () => {
    const { host, id } = await hostOf("one");
    say(host, id, new Uint8Array(13 * 1024 * 1024));
    await vi.waitFor(() => expect(host.isKilled).toBe(true));
    expect(codeCaches.keep).not.toHaveBeenCalled();
  });

  it("gets another host's for that version, once, and what it says of V8's refusal counts once", async () => {
    codeCaches.find.mockReturnValue(Buffer.from("bytes") as never);
    const { host, id } = await hostOf("one");
    expect(host.told.map(({ kind }) => kind)).toContain(ToHost.codeCache);
    for (let time = 0; time < 3; time++) say(host, id, new Uint8Array(0));
    say(host, id, Buffer.from("its own"));
    say(host, id, new Uint8Array(0));
    await vi.waitFor(() => expect(codeCaches.keep).toHaveBeenCalledTimes(1));
    await flushed();
    expect(codeCaches.rejected).toHaveBeenCalledTimes(1);
    expect(codeCaches.keep).toHaveBeenCalledTimes(1);
    codeCaches.find.mockReset();
  });
});

it("an error of ours while a frame is handled ends that host, not the process", async () => {
  behave = (host, message) => {
    if (message.kind === ToHost.invoke) {
      host.say(FromHost.streamHead, message.id, (frame) => frame.string("text/plain"));
    } else honest(host, message);
  };
  const bug = new TypeError("a bug in a response");
  const streamStarted = () => {
    throw bug;
  };
  expect(await invoke(fleet, "unlucky", { streamStarted })).toMatchObject({ kind: "exited" });
  expect(bugs).toEqual([bug]);
});

it("hosts that can't be started end invocations in an error that says so", async () => {
  spawnFails.value = true;
  for (const host of hosts) host.kill();
  expect(await invoke(fleet, "hostless")).toEqual({
    kind: "exited",
    reason: "because its host could not be started: spawn EMFILE",
  });
});
