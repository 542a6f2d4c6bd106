import { describe, expect, test } from "vitest";
import type { Resource } from "../../../../src/host/operation.ts";
import { SlowLane } from "../../../../src/host/operations/slow-lane.ts";

/** Starts work that ends when it is told to, and notes its beginning. */
function worksOf(lane: SlowLane) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const start = (environment: { resources: Map<string, Resource> }, name: string) =>
    lane.run(environment, async () => {
      started.push(name);
      await new Promise<void>((end) => ends.set(name, end));
      return name;
    });
  const end = async (name: string) => {
    ends.get(name)!();
    // The lane goes on in a few microtasks.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { started, start, end };
}

const environment = () => ({ resources: new Map<string, Resource>() });
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("slow work", () => {
  test("of one environment runs one at a time, in its order, and of all two", async () => {
    const { started, start, end } = worksOf(new SlowLane());
    const [a, b, c] = [environment(), environment(), environment()];
    const works = [start(a, "a1"), start(a, "a2"), start(a, "a3"), start(b, "b1"), start(c, "c1")];
    await settled();
    expect(started).toEqual(["a1", "b1"]);
    await end("a1");
    // Whoever waits for its first goes before another's second is repeated.
    expect(started).toEqual(["a1", "b1", "a2"]);
    await end("a2");
    expect(started).toEqual(["a1", "b1", "a2", "c1"]);
    await end("b1");
    expect(started).toEqual(["a1", "b1", "a2", "c1", "a3"]);
    await end("c1");
    await end("a3");
    expect(await Promise.all(works)).toEqual(["a1", "a2", "a3", "b1", "c1"]);
  });

  test("that fails makes room, and that of a closed environment never begins", async () => {
    const lane = new SlowLane();
    const { started, start, end } = worksOf(lane);
    const [a, b] = [environment(), environment()];
    await expect(lane.run(a, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    void start(a, "a1");
    void start(a, "a2");
    void start(b, "b1");
    await settled();
    for (const resource of a.resources.values()) resource.close?.();
    await end("a1");
    await end("b1");
    expect(started).toEqual(["a1", "b1"]);
  });
});
