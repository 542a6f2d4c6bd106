import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runBuilderJob } from "../../../src/snapstart/builder-job.ts";
import { spawnBuilder } from "../../../src/snapstart/builder-process.ts";
import type { NewBundle } from "../../../src/snapstart/bundle-cache.ts";
import { contentOf } from "../../stored-content.ts";

const limits = { timeoutMs: 20_000, memoryMb: 256 };
const zip = contentOf(Buffer.alloc(1_000_000));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "brisk-job-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A job whose builder runs this code: what a builder could do that a zip has taken over. */
function jobOf(code: string, kind: "bundle" | "inspect" = "bundle"): Promise<NewBundle | undefined> {
  const frame = `const frame = (type, payload, length) => {
    const bytes = Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
    const header = Buffer.alloc(5); header[0] = type; header.writeUInt32BE(length ?? bytes.length, 1);
    process.stdout.write(Buffer.concat([header, bytes]));
  };`;
  const child = spawn(process.execPath, ["-e", frame + code], { stdio: ["pipe", "pipe", "pipe"] });
  return runBuilderJob({
    child,
    job: { kind, handler: "index.handler", runtime: "nodejs22.x", zips: 1 },
    zips: [zip],
    limits,
    signal: new AbortController().signal,
    onInspected: () => {},
  });
}

const brokeProtocol = {
  reasonCode: "BuilderFailed",
  message: "Cannot bundle the function: its builder process broke the protocol",
};

describe("runBuilderJob()", () => {
  test("takes the pieces of script and map, whether the builder reads its job or not", async () => {
    const made = await jobOf(
      `frame(2, { kind: "inspected" }); frame(3, "one"); frame(4, "{}"); frame(3, "two"); frame(2, { kind: "bundled", builtins: ["node:fs"], files: { bytes: 0, root: [0, 0] } })`,
    );
    expect(Buffer.concat(made!.script).toString()).toBe("onetwo");
    expect(Buffer.concat(made!.map).toString()).toBe("{}");
    expect(made!.builtins).toEqual(["node:fs"]);
  });

  test("an inspection ends when the builder has found nothing amiss, and makes nothing", async () => {
    expect(await jobOf(`frame(2, { kind: "inspected" }); setInterval(() => {}, 1000)`, "inspect")).toBe(
      undefined,
    );
  });

  test.each([
    ["announces gigabytes", `frame(3, "", 0xffffffff)`],
    ["sends frames of an unknown type", `frame(9, "x")`],
    ["sends the supervisor's own frames", `frame(1, "{}")`],
    ["replies with what is no JSON", `frame(2, "{")`],
    [
      "replies with more than was asked for",
      `frame(2, { kind: "bundled", builtins: [], files: { bytes: 0, root: [0, 0] }, scriptFile: "/etc/passwd" })`,
    ],
    ["names modules that are none", `frame(2, { kind: "bundled", builtins: ["../../etc/passwd"] })`],
    ["talks without end", `frame(2, { kind: "failed", message: "x".repeat(50_000) })`],
  ])("a builder that %s breaks the protocol", async (_, code) => {
    await expect(jobOf(`${code}; setInterval(() => {}, 1000)`)).rejects.toMatchObject(brokeProtocol);
  });

  test("a builder that ends early gives an error with what it said as cause", async () => {
    const error = await jobOf(
      `process.stderr.write("gone wrong"); process.exitCode = 3; process.stdin.destroy()`,
    ).catch((reason: Error) => reason);
    expect(error).toMatchObject({
      reasonCode: "BuilderFailed",
      message: "Cannot bundle the function: its builder process ended early",
    });
    expect(String((error as Error).cause)).toContain("gone wrong");
  });

  test("a refusal is InvalidParameterValueException", async () => {
    await expect(jobOf(`frame(2, { kind: "refused", message: "bad zip" })`)).rejects.toMatchObject({
      code: "InvalidParameterValueException",
      message: "bad zip",
    });
  });
});

describe("spawnBuilder()", () => {
  test("a builder can read nothing but its program, write nothing, start nothing and reach nothing", async () => {
    const builder = spawnBuilder(limits);
    builder.kill("SIGKILL");
    const flags = builder.spawnargs.slice(1, -1);
    const attempts = `
      const tried = {};
      const attempt = async (name, run) => { try { await run(); tried[name] = "allowed" } catch (error) { tried[name] = error.code } };
      await attempt("read", () => process.getBuiltinModule("fs").readFileSync("/etc/passwd"));
      await attempt("readState", () => process.getBuiltinModule("fs").readdirSync(${JSON.stringify(tmpdir())}));
      await attempt("write", () => process.getBuiltinModule("fs").writeFileSync(${JSON.stringify(join(folder, "x"))}, "x"));
      await attempt("spawn", () => process.getBuiltinModule("child_process").spawnSync("true"));
      await attempt("thread", () => new (process.getBuiltinModule("worker_threads").Worker)("1", { eval: true }));
      const { connect } = process.getBuiltinModule("net");
      await attempt("connect", () => new Promise((_, reject) => connect(9, "127.0.0.1").on("error", reject)));
      tried.variables = Object.keys(process.env).length;
      console.log(JSON.stringify(tried));`;
    const child = spawn(builder.spawnfile, [...flags, "--input-type=module", "-e", attempts], { env: {} });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += String(chunk);
    });
    await new Promise((resolve) => child.on("close", resolve));
    const denied = "ERR_ACCESS_DENIED";
    // Node 24's permission model does not know the network yet.
    const restrictsNetwork = Number.parseInt(process.versions.node, 10) >= 25;
    expect(JSON.parse(output)).toEqual({
      read: denied,
      readState: denied,
      write: denied,
      spawn: denied,
      thread: denied,
      connect: expect.stringMatching(restrictsNetwork ? denied : /./),
      variables: 0,
    });
  });
});
