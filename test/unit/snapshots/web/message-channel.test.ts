import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { guest, outcome } from "./guest.ts";

/** Runs the same on both; Node's answer is the expectation. */
async function same(run: (realm: typeof globalThis) => unknown): Promise<void> {
  const ours = await outcome(() => run(guest));
  expect(ours).toEqual(await outcome(() => run(globalThis)));
  expect(ours).not.toHaveProperty("error");
}

test("messages wait for a handler, arrive in order, as clones, and later than the turn that posted them", () =>
  same(async (realm) => {
    const { port1, port2 } = new realm.MessageChannel();
    const seen: unknown[] = [];
    const sent = { list: [1], date: new Date(5), map: new Map([[1, 2]]) };
    port1.postMessage(sent);
    port1.postMessage("second");
    sent.list.push(2);
    await delay(20);
    seen.push("nothing yet");
    const arrived = new Promise<void>((resolve) => {
      port2.onmessage = ({ data, type, ports }) => {
        seen.push([type, data, ports.length]);
        if (data === "second") resolve();
      };
    });
    seen.push("still nothing");
    await arrived;
    port1.close();
    return seen;
  }));

test("whoever listens need not start a port, on() gives the data, and off() ends it", () =>
  same(async (realm) => {
    const { port1, port2 } = new realm.MessageChannel();
    const seen: unknown[] = [];
    port2.addEventListener("message", (event) => seen.push(["listener", (event as MessageEvent).data]));
    port1.postMessage(1);
    await delay(20);
    const port = port1 as unknown as import("node:worker_threads").MessagePort;
    const on = (data: unknown) => seen.push(["on", data]);
    port.on("message", on);
    port.once("message", (data: unknown) => seen.push(["once", data]));
    port2.postMessage({ a: 1 });
    port2.postMessage(2);
    await delay(20);
    port.off("message", on);
    port2.postMessage(3);
    await delay(20);
    port1.close();
    return seen;
  }));

test("closing tells both ends and swallows what is posted afterwards", () =>
  same(async (realm) => {
    const { port1, port2 } = new realm.MessageChannel();
    const seen: unknown[] = [];
    port1.addEventListener("close", () => seen.push("close"));
    port2.addEventListener("close", () => seen.push("close"));
    port2.onmessage = ({ data }) => seen.push(data);
    port1.close();
    await delay(20);
    port1.postMessage("lost");
    port2.postMessage("lost");
    await delay(20);
    return seen;
  }));

test("transfers buffers, and refuses what cannot be cloned and to be constructed", () =>
  same(async (realm) => {
    const { port1, port2 } = new realm.MessageChannel();
    const buffer = new ArrayBuffer(8);
    const length = new Promise((resolve) => {
      port2.onmessage = ({ data }) => resolve(data.byteLength);
    });
    port1.postMessage(buffer, [buffer]);
    const names = [];
    for (const wrong of [
      () => port1.postMessage(() => {}),
      () => new (realm.MessagePort as unknown as new () => unknown)(),
    ]) {
      try {
        wrong();
      } catch (error) {
        names.push((error as Error).name);
      }
    }
    const seen = [await length, buffer.byteLength, names, port1 instanceof realm.EventTarget];
    port1.close();
    return seen;
  }));

test("a MessageEvent says what it was made with", () =>
  same((realm) => {
    const { type, data, origin, lastEventId, source, ports } = new realm.MessageEvent("message", {
      data: [1],
      origin: "here",
    });
    return [type, data, origin, lastEventId, source, ports, new realm.MessageEvent("x").data];
  }));

test("a port is transferred with the messages that wait for it, and its other end does not notice", () =>
  same(async (realm) => {
    const outer = new realm.MessageChannel();
    const inner = new realm.MessageChannel();
    inner.port2.postMessage("early");
    const received = new Promise<MessageEvent>((resolve) => {
      outer.port2.onmessage = (event) => resolve(event as MessageEvent);
    });
    outer.port1.postMessage({ port: inner.port1 }, [inner.port1]);
    const { data, ports } = await received;
    const seen: unknown[] = [];
    data.port.onmessage = (event: MessageEvent) => {
      seen.push(event.data);
      data.port.postMessage(`${event.data} back`);
    };
    const answers = new Promise<unknown[]>((resolve) => {
      const got: unknown[] = [];
      inner.port2.onmessage = (event) => got.push(event.data) === 2 && resolve(got);
    });
    inner.port2.postMessage("late");
    const result = [await answers, seen, ports.length, ports[0] === data.port, data.port !== inner.port1];
    data.port.close();
    outer.port1.close();
    return result;
  }));

test("a transfer list is refused whole: a port twice, a port that is closed, the port itself", () =>
  same((realm) => {
    const { port1, port2 } = new realm.MessageChannel();
    const closed = new realm.MessageChannel().port1;
    closed.close();
    const buffer = new ArrayBuffer(4);
    const names = [[port1], [buffer, closed], [port2, port2], [{}], 5].map((list) => {
      try {
        return port1.postMessage(null, list as never);
      } catch (error) {
        return [(error as Error).name, (error as { code?: unknown }).code];
      }
    });
    port1.close();
    return [names, buffer.byteLength];
  }));

test("BroadcastChannel reaches all of its name but the one that posts, and none that is closed", () =>
  same(async (realm) => {
    const [one, two, three, other] = ["n", "n", "n", "m"].map((name) => new realm.BroadcastChannel(name));
    const seen: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      for (const [index, channel] of [one, two, three, other].entries()) {
        channel!.onmessage = (event) => {
          seen.push([index, (event as MessageEvent).data]);
          if (index === 3) resolve();
        };
      }
    });
    three!.close();
    one!.postMessage({ a: 1 });
    // Behind the message that others might wrongly hear.
    const last = new realm.BroadcastChannel("m");
    last.postMessage("done");
    await done;
    last.close();
    const refused = await outcomeName(() => three!.postMessage("closed"));
    for (const channel of [one, two, other]) channel!.close();
    return [seen, refused, one!.name];
  }));

async function outcomeName(run: () => unknown): Promise<string> {
  try {
    run();
    return "done";
  } catch (error) {
    return (error as Error).name;
  }
}
