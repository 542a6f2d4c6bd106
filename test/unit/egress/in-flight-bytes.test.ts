import type { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { defaultEgressLimits } from "../../../src/egress/egress-limits.ts";
import { InFlightBytes } from "../../../src/egress/in-flight-bytes.ts";
import { ownAddresses } from "../../../src/egress/own-addresses.ts";

const limits = {
  ...defaultEgressLimits,
  requestBytesInFlight: 100,
  ownRequestBytesInFlight: 10,
  totalRequestBytesInFlight: 150,
};

test("an environment that has little in flight may send, whatever the others hold", () => {
  const shared = { handles: 0, requestBytes: 0 };
  const [one, two, three] = Array.from({ length: 3 }, () => new InFlightBytes(limits, shared));
  const release = one!.take(100);
  expect(shared.requestBytes).toBe(90);
  expect(() => one!.take(1)).toThrow(/at most 100 bytes of request bodies/);
  two!.take(70);
  expect(() => three!.take(11)).toThrow(/all environments together have 150 bytes in flight, at most 150/);
  const small = three!.take(10);
  expect(() => three!.take(1)).toThrow(/together/);
  release();
  release();
  expect(shared.requestBytes).toBe(60);
  const large = three!.take(90);
  expect(shared.requestBytes).toBe(150);
  small();
  expect(shared.requestBytes).toBe(140);
  large();
  expect(shared.requestBytes).toBe(60);
});

test("the addresses of this machine's interfaces are its own", () => {
  const isOwn = ownAddresses();
  expect([isOwn("127.0.0.1"), isOwn("203.0.113.250")]).toEqual([true, false]);
  let [nowMs, address] = [0, "203.0.113.1"];
  const changing = ownAddresses(
    () => nowMs,
    () => ({ eth0: [{ address }] }) as unknown as ReturnType<typeof networkInterfaces>,
  );
  expect(changing("203.0.113.1")).toBe(true);
  address = "203.0.113.2";
  nowMs = 4999;
  expect(changing("203.0.113.1")).toBe(true);
  nowMs = 5000;
  expect([changing("203.0.113.1"), changing("203.0.113.2")]).toEqual([false, true]);
});
