import { expect, test } from "vitest";
import { type SnapshotFacts, snapshotKey } from "../../../src/snapstart/snapshot-key.ts";

const facts: SnapshotFacts = {
  format: 1,
  baseHash: "b".repeat(64),
  bundleHash: "c".repeat(64),
  configuration: { arn: "arn:1", environmentVariables: { A: "1", B: "2" }, events: [{ a: [1, null, true] }] },
  v8: "14.6.202.33-node.19",
  flags: ["--no-node-snapshot"],
  arch: "x64",
};

test("snapshotKey() is 64 hex digits, the same whatever the order of properties is", () => {
  const { arch, configuration, ...rest } = facts;
  const { environmentVariables, ...others } = configuration;
  const reordered = {
    arch,
    configuration: { ...others, environmentVariables: { B: "2", A: "1" }, absent: undefined },
    ...rest,
  };
  expect(environmentVariables).toEqual(reordered.configuration.environmentVariables);
  expect(snapshotKey(facts)).toMatch(/^[0-9a-f]{64}$/);
  expect(snapshotKey(reordered)).toBe(snapshotKey(facts));
});

test("snapshotKey() of two facts is never one", () => {
  const configuration = facts.configuration;
  const others: SnapshotFacts[] = [
    facts,
    { ...facts, format: 2 },
    { ...facts, baseHash: facts.bundleHash, bundleHash: facts.baseHash },
    { ...facts, bundleHash: "d".repeat(64) },
    { ...facts, v8: "14.6.202.34-node.19" },
    { ...facts, flags: [] },
    { ...facts, flags: ["--no-node-snapshot", "--jitless"] },
    { ...facts, flags: ["--no-node-snapshot --jitless"] },
    { ...facts, arch: "arm64" },
    { ...facts, configuration: {} },
    { ...facts, configuration: { ...configuration, arn: "arn:2" } },
    { ...facts, configuration: { ...configuration, environmentVariables: { A: "12", B: "" } } },
    { ...facts, configuration: { ...configuration, environmentVariables: { A: '1","B":"2' } } },
    { ...facts, configuration: { ...configuration, events: [{ a: [1, true, null] }] } },
    { ...facts, configuration: { ...configuration, events: [{ a: ["1", null, true] }] } },
  ];
  expect(new Set(others.map(snapshotKey)).size).toBe(others.length);
});

test("snapshotKey() ignores what else an object has that is given to it", () => {
  const wider = { ...facts, madeAtMs: 1 };
  expect(snapshotKey(wider)).toBe(snapshotKey(facts));
});

test.each([Number.NaN, 1n, () => {}, new Map(), new Date(0), [undefined], Symbol("s")])(
  "snapshotKey() refuses %s, for which JSON would have another value's form",
  (value) => {
    expect(() => snapshotKey({ ...facts, configuration: { value } })).toThrow(TypeError);
  },
);
