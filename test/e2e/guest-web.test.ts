import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { webProvided } from "../../snapshots/web/provided.ts";
import { createRuntime, type Runtime } from "../../src/index.ts";

let dataDir: string;
let runtime: Runtime;
let server: Server;
let origin: string;

/** Evaluates what an event says, so that each case states what runs in the isolate. */
const evaluator = `
  const AsyncFunction = (async () => {}).constructor;
  exports.handler = async ({ code, ...args }) => new AsyncFunction("args", code)(args);
`;

async function inFreshGuest(code: string): Promise<unknown> {
  await runtime.deploy({ name: "fresh", files: { "index.js": evaluator } });
  return runtime.invoke("fresh", { code });
}

async function inGuest(code: string, args: Record<string, unknown> = {}): Promise<unknown> {
  return runtime.invoke("web", { code, ...args });
}

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === "/slow") return void response.write("first");
    if (request.url === "/broken") return void response.write("x", () => response.destroy());
    if (request.url === "/moved") return void response.writeHead(302, { location: "/echo" }).end();
    response.writeHead(200, {
      "x-method": String(request.method),
      "x-type": String(request.headers["content-type"]),
    });
    request.pipe(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  dataDir = await mkdtemp(join(tmpdir(), "brisk-web-"));
  runtime = await createRuntime({ dataDir, egressAllow: ["127.0.0.1"] });
  await runtime.deploy({ name: "web", files: { "index.js": evaluator }, timeoutSeconds: 10 });
});

afterAll(async () => {
  await runtime?.close();
  server?.closeAllConnections();
  server?.close();
  if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
});

describe("in an isolate", () => {
  test("every global of the table is there, under its own name and not enumerable", async () => {
    const names = webProvided.map(({ name }) => name);
    const seen = await inGuest(
      `return args.names.map((name) => {
        const value = globalThis[name];
        const shown = typeof value === "function" ? value.name : typeof value === "object" ? name : typeof value;
        return shown + (Object.keys(globalThis).includes(name) ? " (enumerable)" : "");
      });`,
      { names },
    );
    expect(seen).toEqual(names);
  });

  test("what crosses to the host comes back right", async () => {
    const seen = await inGuest(`
      const long = "aé€😀".repeat(5000);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("abc")));
      return [
        new URL("../x?y#z", "http://u:p@h:81/a/b").href,
        URL.canParse("nope"),
        new TextDecoder().decode(new TextEncoder().encode(long)) === long,
        new TextDecoder("shift_jis").decode(new Uint8Array([0x82, 0xa0])),
        atob(btoa("\\xff\\0a")) === "\\xff\\0a",
        digest.slice(0, 4).join(),
        crypto.getRandomValues(new Uint8Array(8)).length,
        crypto.randomUUID().length,
        structuredClone({ a: [new Date(5), new Map([[1, new Set([2])]])] }).a[1].get(1).has(2),
        performance.now() > 0,
        navigator.userAgent.startsWith("Node.js/"),
      ];
    `);
    expect(seen).toEqual([
      ...["http://u:p@h:81/x?y#z", false, true, "あ", true, "186,120,22,191", 8, 36, true, true, true],
    ]);
  });

  test("a function that replaces a global before its first use is obeyed", async () => {
    expect(
      await inFreshGuest(`
        const before = Object.getOwnPropertyDescriptor(globalThis, "FormData").get !== undefined;
        globalThis.FormData = "mine";
        const after = FormData;
        delete globalThis.FormData;
        return [before, after, typeof FormData];
      `),
    ).toEqual([true, "mine", "undefined"]);
  });

  test("timers abort signals, and streams flow", async () => {
    const seen = await inGuest(`
      const alive = setTimeout(() => {}, 5000);
      const signal = AbortSignal.timeout(5);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      clearTimeout(alive);
      const text = new Blob(["hé", "llo"]).stream().pipeThrough(new TextDecoderStream());
      let all = "";
      for await (const chunk of text) all += chunk;
      return [signal.reason.name, all];
    `);
    expect(seen).toEqual(["TimeoutError", "héllo"]);
  });
});

describe("fetch in an isolate", () => {
  test("sends and receives whole and streamed bodies", async () => {
    const seen = await inGuest(
      `
      const form = new FormData();
      form.append("a", "1");
      const whole = await fetch(args.origin + "/echo", { method: "POST", body: form });
      const back = await new Response(await whole.text(), {
        headers: { "content-type": whole.headers.get("x-type") },
      }).formData();
      const body = new ReadableStream({
        start(controller) {
          for (let part = 0; part < 20; part++) controller.enqueue(new Uint8Array(50_000).fill(part));
          controller.close();
        },
      });
      const streamed = await fetch(args.origin + "/echo", { method: "PUT", body, duplex: "half" });
      let length = 0;
      let sum = 0;
      for await (const chunk of streamed.body) {
        length += chunk.length;
        sum += chunk[0];
      }
      const moved = await fetch(args.origin + "/moved");
      const manual = await fetch(args.origin + "/moved", { redirect: "manual" });
      return [
        whole.status, whole.headers.get("x-method"), back.get("a"), streamed.headers.get("x-method"), length,
        moved.redirected, moved.url, manual.status, await fetch(args.origin, { method: "HEAD" }).then((r) => r.text()),
      ];
      `,
      { origin },
    );
    expect(seen).toEqual([200, "POST", "1", "PUT", 1_000_000, true, `${origin}/echo`, 302, ""]);
  });

  test("can be aborted while it reads", async () => {
    const seen = await inGuest(
      `
      const controller = new AbortController();
      const response = await fetch(args.origin + "/slow", { signal: controller.signal });
      const reader = response.body.getReader();
      const first = await reader.read();
      controller.abort();
      return [first.value.length, await reader.read().catch((error) => error.name)];
      `,
      { origin },
    );
    expect(seen).toEqual([5, "AbortError"]);
  });

  test("fails with a cause that can be acted on", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const closed = (other.address() as AddressInfo).port;
    await new Promise((resolve) => other.close(resolve));
    const seen = await inGuest(
      `
      const failure = async (run) => run().then(() => "none", (error) => [error.name, error.message, error.cause?.code]);
      return [
        await failure(() => fetch("http://169.254.169.254/latest/meta-data")),
        await failure(() => fetch("http://127.0.0.1:" + args.closed)),
        await failure(() => fetch(args.origin + "/moved", { redirect: "error" })),
        await failure(async () => (await fetch(args.origin + "/broken")).text()),
        await failure(() => fetch("nope")),
      ];
      `,
      { origin, closed },
    );
    expect(seen).toEqual([
      ["TypeError", "fetch failed", "EGRESS_DENIED"],
      ["TypeError", "fetch failed", "ECONNREFUSED"],
      ["TypeError", "fetch failed", "ERR_REDIRECT"],
      ["TypeError", "terminated", "ECONNRESET"],
      ["TypeError", "Failed to parse URL from nope", "ERR_INVALID_URL"],
    ]);
  });
});
