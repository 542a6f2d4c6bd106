import { expect, test } from "vitest";
import { caseMakers } from "./cases.ts";
import { toBytes } from "./fuzz-case.ts";
import { faultOf } from "./judge.ts";
import { fuzzedOperations } from "./members.ts";
import type { RawAnswer } from "./raw-client.ts";
import { failures } from "./report.ts";
import { fuzz, generateCases } from "./run.ts";
import { startTarget } from "./target.ts";

test("each of 400 bad requests is refused by the name of what is bad, or answered; nothing breaks", async () => {
  await using target = await startTarget();
  const seed = 20_150_331;
  const results = await fuzz({ target, seed, count: 400 });
  expect(results).toHaveLength(400);
  expect(failures(results, `npm run fuzz:api -- --seed ${seed} --count 400`)).toBe("");
  expect(target.said()).toBe("");
  expect(await target.isAlive()).toBe(true);
});

test("a seed makes the same requests each time, another seed others", () => {
  const requests = (seed: number) =>
    generateCases({ seed, count: 500 }).map(({ request }) =>
      toBytes(request, "localhost").toString("latin1"),
    );
  expect(requests(1)).toEqual(requests(1));
  expect(requests(1)).not.toEqual(requests(2));
});

test("20,000 requests are enough for every way to spoil every member of every operation", () => {
  const ways = fuzzedOperations().flatMap(caseMakers);
  expect(ways.length).toBeGreaterThan(4000);
  expect(ways.length).toBeLessThan(20_000);
});

test("what a server must not do is found", () => {
  const [fuzzCase] = generateCases({ seed: 1, count: 1 });
  const judged = (answer: Partial<RawAnswer> & { message?: string; code?: string }) =>
    faultOf(
      { ...fuzzCase!, expectation: { kind: "refused", naming: ["'timeout'"] } },
      {
        kind: "answer",
        answer: {
          status: 400,
          headers: new Map([
            ["x-amzn-errortype", answer.code ?? "ValidationException"],
            ["x-amzn-requestid", "1"],
            ["content-type", "application/json"],
          ]),
          body: Buffer.from(JSON.stringify({ message: answer.message ?? "at 'timeout'" })),
          ...answer,
        },
      },
    );
  expect(judged({})).toBeUndefined();
  expect(judged({ status: 500 })).toBe("status 500");
  expect(judged({ status: 200 })).toBe("accepted (200), though it is bad");
  expect(judged({ code: "TypeError" })).toBe('"TypeError" is no error of the model');
  expect(judged({ status: 404 })).toBe("ValidationException with status 404 instead of 400");
  expect(judged({ message: "at 'memorySize'" })).toBe("the message does not name 'timeout'");
  expect(judged({ body: Buffer.from("<html>") })).toMatch(/no JSON structure/);
  expect(faultOf(fuzzCase!, { kind: "hang" })).toBe("no answer in time");
});
