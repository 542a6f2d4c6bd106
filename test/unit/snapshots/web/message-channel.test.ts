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
