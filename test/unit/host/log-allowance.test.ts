import { expect, test } from "vitest";
import { LogAllowance } from "../../../src/host/log-allowance.ts";

test("lines come as they are up to the limit, then one that says so, then none", () => {
  const allowance = new LogAllowance(300);
  const lines = Array.from({ length: 5 }, (_, line) => allowance.admit(`${line}`.repeat(60)));
  expect(lines).toEqual([
    "0".repeat(60),
    "1".repeat(60),
    "The rest of this invocation's log is left out: it may have 300 bytes",
    undefined,
    undefined,
  ]);
  allowance.renew();
  expect(allowance.admit("the next one's")).toBe("the next one's");
});
