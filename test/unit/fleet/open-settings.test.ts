import { expect, it } from "vitest";
import { openSettingsJson } from "../../../src/fleet/open-settings.ts";
import type { OpenSettings } from "../../../src/model/wire/index.ts";
import { versionSpec } from "./version-spec.ts";

function settings(environmentVariables: Record<string, string> = {}): OpenSettings {
  const spec = versionSpec({ environmentVariables, version: "7", memorySizeMb: 256 });
  const limits = { initTimeoutMs: 10_000, logBytesPerInvocation: 4096 };
  return JSON.parse(openSettingsJson(spec, "2026/11/20/[7]abc", limits)) as OpenSettings;
}

/** Those that Lambda reserves: a function may rely on them whatever its owner configured. */
const reserved = {
  _HANDLER: "index.handler",
  AWS_REGION: "us-east-1",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
  AWS_LAMBDA_FUNCTION_NAME: "hello",
  AWS_LAMBDA_FUNCTION_VERSION: "7",
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
  AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/hello",
  AWS_LAMBDA_LOG_STREAM_NAME: "2026/11/20/[7]abc",
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  LAMBDA_TASK_ROOT: "/var/task",
  LAMBDA_RUNTIME_DIR: "/var/runtime",
};

it("reserved variables win over the function's own", () => {
  const stolen = Object.fromEntries(Object.keys(reserved).map((name) => [name, "stolen"]));
  expect(settings(stolen).variables).toMatchObject(reserved);
});

it("the function's own variables win over those that Lambda only presets", () => {
  const own = { TZ: "Europe/Berlin", LANG: "de_DE.UTF-8", PATH: "/bin", NODE_PATH: "/x", OWN: "yes" };
  expect(settings(own).variables).toMatchObject(own);
  expect(settings().variables).toMatchObject({ TZ: ":UTC", LANG: "en_US.UTF-8", PWD: "/var/task" });
});

it("NODE_PATH names the runtime's own major version", () => {
  expect(settings().variables["NODE_PATH"]).toMatch(/^\/opt\/nodejs\/node22\/node_modules:/);
});

it("no variable of the server's own process gets in", () => {
  process.env["BRISK_TEST_SECRET"] = "secret";
  try {
    expect(JSON.stringify(settings())).not.toContain("secret");
  } finally {
    delete process.env["BRISK_TEST_SECRET"];
  }
});

it("limits and the version's figures go along", () => {
  expect(settings()).toMatchObject({
    bundleHash: "0".repeat(64),
    handler: "index.handler",
    memorySizeMb: 256,
    cpuTimeMs: 1000,
    initTimeoutMs: 10_000,
    logBytesPerInvocation: 4096,
  });
});
