import { expect, test } from "vitest";
import { ChangeOrder } from "../../../src/snapstart/change-order.ts";

test("changes of one thing wait for each other, also for one that fails; those of another don't", async () => {
  const order = new ChangeOrder();
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = order.run("a", async () => {
    await gate.promise;
    log.push("first");
    throw new Error("failed");
  });
  const second = order.run("a", async () => void log.push("second"));
  await order.run("b", async () => void log.push("other"));
  expect(log).toEqual(["other"]);
  gate.resolve();
  await expect(first).rejects.toThrow("failed");
  await second;
  expect(log).toEqual(["other", "first", "second"]);
});

test("idle() also waits for changes that others start meanwhile", async () => {
  const order = new ChangeOrder();
  let isDone = false;
  const first = order.run("a", async () => {
    void order.run("a", async () => {
      await new Promise(setImmediate);
      isDone = true;
    });
  });
  await order.idle();
  await first;
  expect(isDone).toBe(true);
  await order.idle();
});
