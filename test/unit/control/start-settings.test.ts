import { describe, expect, test } from "vitest";
import {
  checkStartVariables,
  type StartDefaults,
  startSettings,
} from "../../../src/control/start-settings.ts";

const published: StartDefaults = { snapstart: "published", startStrategy: "code-cache" };
const auto: StartDefaults = { snapstart: "auto", startStrategy: "init" };
const off: StartDefaults = { snapstart: "off", startStrategy: "code-cache" };

function start(
  version: string,
  server: StartDefaults,
  own?: string,
  snapStart: "PublishedVersions" | "None" = "None",
) {
  const environmentVariables = own === undefined ? {} : { BRISK_START: own };
  return startSettings(version, { snapStart, environmentVariables }, server).start;
}

describe("startSettings()", () => {
  test("a published version starts from a snapshot when it asks for SnapStart, $LATEST never does so by that", () => {
    expect(start("1", published, undefined, "PublishedVersions")).toBe("snapshot");
    expect(start("$LATEST", published, undefined, "PublishedVersions")).toBe("code-cache");
    expect(start("1", published)).toBe("code-cache");
  });

  test("a server that is told auto gives every version a snapshot", () => {
    expect(start("1", auto)).toBe("snapshot");
    expect(start("$LATEST", auto)).toBe("snapshot");
  });

  test("the function's own choice goes before all but a server without snapshots", () => {
    expect(start("$LATEST", published, "snapshot")).toBe("snapshot");
    expect(start("1", auto, "init", "PublishedVersions")).toBe("init");
    expect(start("1", off, "snapshot", "PublishedVersions")).toBe("code-cache");
    expect(start("1", off, "init")).toBe("init");
  });

  test("a function that keeps its tenants apart never starts from a snapshot", () => {
    const apart = { snapStart: "None", tenantIsolation: "PER_TENANT" } as const;
    const environmentVariables = { BRISK_START: "snapshot" };
    expect(startSettings("1", apart, auto).start).toBe("init");
    expect(startSettings("1", { ...apart, environmentVariables }, auto).start).toBe("init");
    expect(startSettings("1", { ...apart, environmentVariables }, published).start).toBe("code-cache");
    expect(startSettings("1", { ...apart, environmentVariables: { BRISK_START: "init" } }, auto).start).toBe(
      "init",
    );
  });

  test("warm-up events are JSON texts of their own", () => {
    const environmentVariables = { BRISK_WARMUP_EVENTS: '[ {"a": 1}, "two" ]', BRISK_PRIMING: "1" };
    expect(startSettings("1", { snapStart: "None", environmentVariables }, published)).toMatchObject({
      warmUpEvents: ['{"a":1}', '"two"'],
      isPrimed: true,
    });
    expect(startSettings("1", { snapStart: "None" }, published)).toMatchObject({
      warmUpEvents: undefined,
      isPrimed: false,
    });
  });
});

describe("checkStartVariables()", () => {
  test.each([
    [{ BRISK_START: "fast" }, 'BRISK_START="fast": it is one of init, code-cache and snapshot'],
    [{ BRISK_START: "" }, 'BRISK_START="": it is one of'],
    [{ BRISK_WARMUP_EVENTS: "{}" }, 'BRISK_WARMUP_EVENTS="{}": it is a JSON array of at most 16 events'],
    [{ BRISK_WARMUP_EVENTS: "[{" }, "it is a JSON array"],
    [{ BRISK_WARMUP_EVENTS: JSON.stringify(Array(17).fill(1)) }, "at most 16"],
    [{ BRISK_PRIMING: "yes" }, 'BRISK_PRIMING="yes": it is 1 or 0'],
  ])("%o is refused with what it should be", (variables, message) => {
    expect(() => checkStartVariables(variables as Record<string, string>)).toThrow(message);
  });

  test("what is well formed passes", () => {
    checkStartVariables({
      BRISK_START: "code-cache",
      BRISK_WARMUP_EVENTS: "[]",
      BRISK_PRIMING: "0",
      OTHER: "x",
    });
  });
});
