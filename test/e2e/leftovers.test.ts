import type { FunctionError } from "brisk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "./server.ts";

/** What a function leaves behind when its event has ended goes on with the next event, but harms neither it nor others. */
let server: TestServer;
const sleep = "const sleep = (ms) => new Promise((done) => setTimeout(done, ms));";

beforeAll(async () => {
  server = await startServer({ spareHosts: 1 });
});
afterAll(() => server.close());

async function deploy(name: string, code: string, timeoutSeconds = 20): Promise<void> {
  await server.runtime.deploy({
    name,
    files: { "index.js": `${sleep} ${code}` },
    timeoutSeconds,
    // A loaded machine is not what these tests are about.
    environment: { BRISK_CPU_TIME_MS: "60000" },
  });
}

describe("a streaming handler's leftovers", () => {
  it("a rejection after the end of its stream does not fail the next event", async () => {
    await deploy(
      "late-rejection",
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        if (!event.first) await sleep(200);
        stream.end(event.first ? '"first"' : '"second"');
        if (event.first) { await sleep(20); throw new Error("late"); }
      });`,
    );
    expect(await server.runtime.invoke("late-rejection", { first: true })).toBe("first");
    expect(await server.runtime.invoke("late-rejection", {})).toBe("second");
  });

  it("writes to the stream of an event that failed do not reach the next event's client", async () => {
    await deploy(
      "late-writes",
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        if (event.first) { setInterval(() => stream.write("leaked"), 5); throw new Error("failed"); }
        stream.write('"cl');
        await sleep(200);
        stream.end('ean"');
      });`,
    );
    await expect(server.runtime.invoke("late-writes", { first: true })).rejects.toThrow("failed");
    expect(await server.runtime.invoke("late-writes", {})).toBe("clean");
  });
});

describe("a neighbour in the same host", () => {
  it("goes on when a function's unhandled rejection has a message of any length", async () => {
    await deploy("neighbour", `exports.handler = async () => { await sleep(1500); return "well" };`);
    await deploy(
      "long-message",
      `exports.handler = async () => { Promise.reject(new Error("x".repeat(20e6))); await sleep(1000); };`,
    );
    const neighbour = server.runtime.invoke("neighbour");
    const error = await server.runtime.invoke("long-message").catch((thrown: unknown) => thrown);
    expect((error as FunctionError).errorType).toBe("Runtime.UnhandledPromiseRejection");
    expect(await neighbour).toBe("well");
  });

  it("gets its turn in Node's thread pool, whatever others have put there", async () => {
    await deploy(
      "hog",
      `const { pbkdf2 } = require("node:crypto");
      exports.handler = async () => { for (let n = 0; n < 40; n++) pbkdf2("a", "b", 2e6, 32, "sha512", () => {}); };`,
    );
    await deploy(
      "zips",
      `const { gzip } = require("node:zlib");
      exports.handler = () => new Promise((done) => gzip("text", (error) => done(error ?? "zipped")));`,
      3,
    );
    await server.runtime.invoke("hog");
    expect(await server.runtime.invoke("zips")).toBe("zipped");
  });

  it("is not harmed by calls that hold more than their bytes", async () => {
    await deploy(
      "holds",
      `exports.handler = async () => {
        const bytes = new Uint8Array(32 * 1024 * 1024);
        const errors = [];
        for (let n = 0; n < 8; n++) crypto.subtle.digest("SHA-256", bytes).catch((error) => errors.push(String(error)));
        await sleep(500);
        return errors.length > 0 ? errors[0] : "held";
      };`,
    );
    expect(await server.runtime.invoke("holds")).toMatch(/at most \d+ (bytes )?are allowed/);
  });
});
