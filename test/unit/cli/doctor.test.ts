import { expect, test } from "vitest";
import { checkDisk, checkNode } from "../../../src/cli/doctor-checks.ts";
import { runCli } from "./run-cli.ts";

test("doctor says of each part whether it is fit", async () => {
  const { exitCode, stdout } = await runCli(["doctor", "--json"]);
  const report = JSON.parse(stdout) as { fit: boolean; checks: { name: string; verdict: string }[] };
  expect(report.checks.map((check) => check.name)).toEqual([
    "Node",
    "isolated-vm",
    "Permission model",
    "Memory watch",
    "Disk",
    "Names",
  ]);
  expect(report.checks.filter((check) => check.verdict === "unfit")).toEqual([]);
  expect({ exitCode, fit: report.fit }).toEqual({ exitCode: 0, fit: true });
});

test("an old Node is unfit, an untested one a warning", () => {
  expect(checkNode("22.1.0")).toEqual({
    name: "Node",
    verdict: "unfit",
    detail: "22.1.0, at least 24 is needed",
  });
  expect(checkNode("25.0.0").verdict).toBe("warning");
  expect(checkNode("24.0.0").verdict).toBe("fit");
});

test("a data folder that does not exist yet is judged by its parent's disk", async () => {
  expect(await checkDisk("/no/such/folder")).toMatchObject({
    name: "Disk",
    detail: expect.stringContaining("free"),
  });
});
