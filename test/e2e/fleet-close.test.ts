import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime, type Runtime } from "brisk";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createGate, type Gate } from "./gate.ts";
import { requestUrl, startServer } from "./server.ts";

/** The end of a runtime, and what the next one on its data folder finds. */
let dataDir: string;
let gate: Gate;
let runtimes: Runtime[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "brisk-close-"));
  gate = await createGate();
  runtimes = [];
});
afterEach(async () => {
  await Promise.all(runtimes.map((runtime) => runtime.close({ drainMs: 0 })));
  await gate[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<Runtime> {
  const runtime = await createRuntime({
    dataDir,
    port: 0,
    spareHosts: 0,
    egressAllow: ["127.0.0.1/32"],
  });
  runtimes.push(runtime);
  return runtime;
}

const waits = {
  name: "waits",
  files: {
    "index.js": `exports.handler = async (event) => {
      if (event.gate) await (await fetch(event.gate)).text();
      return "done";
    }`,
  },
  timeoutSeconds: 60,
};

it("close({ drainMs }) waits for a running invocation, whose caller gets its result, and refuses new ones", async () => {
  const runtime = await start();
  await runtime.deploy(waits);
  const events: string[] = [];
  const running = runtime.invoke("waits", { gate: gate.url }).then((result) => {
    events.push("answered");
    return result;
  });
  await gate.waiting(1);
  const closed = runtime.close({ drainMs: 60_000 }).then(() => events.push("closed"));
  await expect(runtime.invoke("waits")).rejects.toThrow();
  gate.release();
  expect(await running).toBe("done");
  await closed;
  expect(events).toEqual(["answered", "closed"]);
  await expect(runtime.invoke("waits")).rejects.toThrow();
});

it("an HTTP client whose invocation was running at close({ drainMs }) gets its response", async () => {
  const server = await startServer({ dataDir, spareHosts: 0, egressAllow: ["127.0.0.1/32"] });
  runtimes.push(server.runtime);
  const fn = await server.deploy({
    ...waits,
    name: "answers",
    files: {
      "index.js": `exports.handler = async () => { await (await fetch("${gate.url}")).text(); return "done"; }`,
    },
  });
  const response = server.request(fn);
  await gate.waiting(1);
  const closed = server.runtime.close({ drainMs: 60_000 });
  gate.release();
  expect(await response).toMatchObject({ status: 200, text: "done" });
  await closed;
  await expect(server.request(fn)).rejects.toThrow();
  server.client.destroy();
});

it("close({ drainMs: 0 }) ends a running invocation, and its caller is told why", async () => {
  const runtime = await start();
  await runtime.deploy(waits);
  const running = runtime.invoke("waits", { gate: gate.url }).catch((error: Error) => error.message);
  await gate.waiting(1);
  await runtime.close({ drainMs: 0 });
  expect(await running).toContain("because Brisk was stopped");
});

it("the next runtime on a data folder serves the same functions under the same URLs", async () => {
  const first = await start();
  await first.listen();
  const deployed = await first.deploy({ ...waits, url: true });
  const host = new URL(deployed.url ?? "").host;
  await first.close();

  const second = await start();
  const { port } = await second.listen();
  expect(await second.invoke("waits")).toBe("done");
  const { status, text } = await requestUrl(port, host.replace(/:\d+$/, `:${port}`), "/");
  expect([status, text]).toEqual([200, "done"]);
});

it("a second runtime on the folder of a running one is refused, and takes nothing from the first", async () => {
  const first = await start();
  await first.deploy(waits);
  await expect(createRuntime({ dataDir, port: 0 })).rejects.toThrow(/another Brisk server/);
  expect(await first.invoke("waits")).toBe("done");
  await first.close();
  const second = await start();
  expect(await second.invoke("waits")).toBe("done");
});
