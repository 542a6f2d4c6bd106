import crypto from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../../../src/host/operation.ts";
import { Jobs } from "../../../../src/host/operations/node-crypto-jobs.ts";
import { keyUseMs } from "../../../../src/host/operations/node-crypto-key-costs.ts";

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Jobs that end when they are told to, and who began. */
function environment() {
  const jobs = Jobs.of({ resources: new Map<string, Resource>() });
  const began: number[] = [];
  const probed: number[] = [];
  const ends = new Map<number, () => void>();
  const add = (number: number, costMs: number, heldBytes = 0) =>
    jobs.add(
      { number, costMs, heldBytes },
      () => probed.push(number),
      (done) => {
        began.push(number);
        ends.set(number, () => done(null, [`answer ${number}`]));
      },
    );
  const end = async (number: number) => {
    ends.get(number)!();
    await settled();
  };
  return { jobs, began, probed, add, end };
}

describe("jobs of node:crypto", () => {
  test("long ones go one at a time through the lane that all environments share, and are probed first", async () => {
    const [one, two, three] = [environment(), environment(), environment()];
    for (const number of [1, 2]) one.add(number, 60);
    two.add(1, 60);
    three.add(1, 60);
    await settled();
    expect([one.began, two.began, three.began]).toEqual([[1], [1], []]);
    expect(one.probed).toEqual([1, 2]);
    await one.end(1);
    expect([one.began, three.began]).toEqual([[1, 2], []]);
    await two.end(1);
    expect(three.began).toEqual([1]);
    await Promise.all([one.end(2), three.end(1)]);
    expect(JSON.parse((await one.jobs.answer(2)) as string)).toBe("answer 2");
    await three.jobs.answer(1);
  });

  test("short ones run until they come to half a second, the others wait their turn", async () => {
    const { jobs, began, probed, add, end } = environment();
    for (let number = 1; number <= 12; number++) add(number, 50);
    expect(began).toHaveLength(10);
    expect(probed).toEqual([11, 12]);
    await end(3);
    expect(began.at(-1)).toBe(11);
    expect(jobs.inUse()).toContain("12 jobs");
    expect(JSON.parse((await jobs.answer(3)) as string)).toBe("answer 3");
    expect(jobs.inUse()).toContain("11 jobs");
  });

  test("what Node refuses when it starts is thrown at once, or answered when the job had to wait", async () => {
    const { jobs, add, end } = environment();
    const refusing = (number: number, costMs: number) =>
      jobs.add(
        { number, costMs, heldBytes: 0 },
        () => {},
        () => {
          throw new TypeError("no such digest");
        },
      );
    expect(() => refusing(1, 2)).toThrow("no such digest");
    await expect(jobs.answer(1)).rejects.toThrow("not under way");
    refusing(2, 60);
    await expect(jobs.answer(2)).rejects.toThrow("no such digest");
    for (let number = 3; number <= 12; number++) add(number, 50);
    refusing(13, 50);
    await end(3);
    await expect(jobs.answer(13)).rejects.toThrow("no such digest");
    // The refused ones hold nothing any more.
    add(14, 50);
    await end(14);
  });

  test("arguments and answers that nobody took are counted", async () => {
    const { jobs, add, end } = environment();
    add(1, 1, 60 * 2 ** 20);
    expect(() => add(2, 1, 5 * 2 ** 20)).toThrow(/hold 62914560 bytes, at most 67108864/);
    await end(1);
    add(2, 1, 5 * 2 ** 20);
    await end(2);
    await Promise.all([jobs.answer(1), jobs.answer(2)]);
    await expect(jobs.answer(2)).rejects.toThrow("Job 2 is not under way");
  });
});

describe("what a signature costs", () => {
  const rsa = (modulusLength: number) => crypto.generateKeyPairSync("rsa", { modulusLength });
  const pem = { format: "pem", type: "pkcs8" } as const;

  test("follows the key, given as itself or as text", () => {
    const { privateKey, publicKey } = rsa(1024);
    expect(keyUseMs(["sha256", Buffer.of(1), privateKey])).toBe(2);
    expect(keyUseMs(["sha256", Buffer.of(1), publicKey])).toBe(2);
    const slow = crypto.generateKeyPairSync("slh-dsa-sha2-128s").privateKey;
    const text = slow.export(pem);
    for (const key of [slow, text, { key: slow }, { key: text }, { privateKey: slow }]) {
      expect(keyUseMs([null, Buffer.of(1), key])).toBeGreaterThan(400);
    }
    // Nobody unlocks a key to see how long it takes.
    const locked = slow.export({ ...pem, cipher: "aes-256-cbc", passphrase: "x" });
    expect(keyUseMs([null, Buffer.of(1), { key: locked, passphrase: "x" }])).toBeGreaterThan(400);
  });

  test("grows with RSA's modulus and with the prime of Diffie and Hellman", () => {
    const length = (bits: number) => "A".repeat((1600 * bits) / 2048);
    expect(keyUseMs([length(16_384)])).toBeGreaterThan(500);
    expect(keyUseMs([length(10_000_000)])).toBeLessThan(10_000);
    // Node's types don't know it.
    const generate = crypto.generateKeyPairSync as unknown as (
      type: string,
      options: object,
    ) => { privateKey: crypto.KeyObject };
    const [small, large] = ["modp14", "modp18"].map((group) =>
      keyUseMs([generate("dh", { group }).privateKey]),
    );
    expect(large).toBeGreaterThan(10);
    expect(small).toBeLessThan(5);
  });
});
