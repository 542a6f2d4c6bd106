import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startServer, type TestServer } from "../server.ts";
import { CountingServer } from "./counting-server.ts";
import { FrozenServer } from "./frozen-server.ts";

/** What init made is in every environment that is restored. No spares: each start is one that the test asked for. */
// Builds take processes of their own: a machine that has much to do takes its time.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
let server: TestServer;
let frozen: FrozenServer;
let world: CountingServer;

beforeAll(async () => {
  world = await CountingServer.start();
  server = await startServer({ egressAllow: ["127.0.0.0/8"], spareEnvironments: 0 });
  frozen = new FrozenServer(server);
});
afterAll(async () => {
  await server.close();
  await world[Symbol.asyncDispose]();
});

const draws = `{
  random: Math.random(), uuid: randomUUID(), bytes: randomBytes(8).toString("hex"), web: crypto.randomUUID(),
  values: String(crypto.getRandomValues(new Uint32Array(4))), wallMs: Date.now(), iso: new Date().toISOString(),
  monotonicMs: performance.now(), hr: Number(process.hrtime.bigint() / 1000n), upMs: process.uptime() * 1000 }`;

it("what init drew is the same in all of them, and what a handler draws is its own", async () => {
  await frozen.freeze({
    name: "draws",
    files: {
      "index.mjs": `import { randomBytes, randomUUID } from "node:crypto";
        const atInit = ${draws};
        export const handler = async () => ({ atInit, live: ${draws} });`,
    },
  });
  type Draws = Record<string, string | number>;
  const answers: { atInit: Draws; live: Draws }[] = [];
  const beforeMs = Date.now();
  for (let start = 0; start < 3; start++) answers.push((await frozen.restored("draws")) as never);
  const [first] = answers;
  for (const { atInit, live } of answers) {
    expect(atInit).toEqual(first!.atInit);
    expect(live["wallMs"]).toBeGreaterThanOrEqual(beforeMs);
    expect(live["wallMs"]).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(String(live["iso"]))).toBeGreaterThanOrEqual(beforeMs);
    for (const clock of ["monotonicMs", "hr", "upMs"])
      expect([clock, Number(live[clock]) >= Number(atInit[clock])]).toEqual([clock, true]);
  }
  for (const name of ["random", "uuid", "bytes", "web", "values"]) {
    const all = [first!.atInit, ...answers.map(({ live }) => live)].map((draw) => draw[name]);
    expect([name, new Set(all).size]).toEqual([name, 4]);
  }
});

it("keys that init made or imported are kept, each for its use, and their making counts as randomness", async () => {
  const made = await frozen.freeze({
    name: "keys",
    files: {
      "index.mjs": `
        const { subtle } = crypto;
        const data = new TextEncoder().encode("what is signed");
        const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
        const secret = await subtle.importKey("raw", data, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
        const hybrid = await subtle.generateKey("MLKEM768-X25519", false, ["encapsulateBits", "decapsulateBits"]);
        const algorithm = { name: "ECDSA", hash: "SHA-256" };
        const atInit = await subtle.sign(algorithm, pair.privateKey, data);
        const text = (buffer) => Buffer.from(buffer).toString("hex");
        export const handler = async () => {
          const { ciphertext, sharedKey } = await subtle.encapsulateBits("MLKEM768-X25519", hybrid.publicKey);
          const shared = await subtle.decapsulateBits("MLKEM768-X25519", hybrid.privateKey, ciphertext);
          return {
            verified: [
              await subtle.verify(algorithm, pair.publicKey, atInit, data),
              await subtle.verify(algorithm, pair.publicKey, await subtle.sign(algorithm, pair.privateKey, data), data),
              text(shared) === text(sharedKey),
            ],
            mac: text(await subtle.sign("HMAC", secret, data)),
            key: text(await subtle.exportKey("raw", pair.publicKey)),
            hidden: await subtle.exportKey("raw", secret).catch(({ name }) => name),
            shown: [pair.privateKey.type, secret.algorithm, secret.usages],
          };
        };`,
    },
  });
  expect(made.report.randomReads).toBe(2);
  const answers = [await frozen.restored("keys"), await frozen.restored("keys")] as { mac: string }[];
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]).toMatchObject({
    verified: [true, true, true],
    mac: createHmac("sha256", "what is signed").update("what is signed").digest("hex"),
    hidden: "InvalidAccessError",
    shown: ["private", { name: "HMAC", hash: { name: "SHA-256" }, length: 112 }, ["sign"]],
  });
});

it("init may await several fetches at once, which the world sees once", async () => {
  const made = await frozen.freeze({
    name: "fetches",
    files: {
      "index.mjs": `
        const order = [];
        const paths = ["/fetches/slow", "/fetches/b?secret=1", "/fetches/c"];
        const texts = await Promise.all(paths.map(async (path) => {
          const text = await (await fetch(${JSON.stringify(world.url)} + path)).text();
          order.push(path);
          return text;
        }));
        export const handler = async () => ({ texts, order });`,
    },
  });
  const asked = world.asked("/fetches");
  expect(asked).toHaveLength(3);
  const answers = [await frozen.restored("fetches"), await frozen.restored("fetches")] as {
    texts: string[];
    order: string[];
  }[];
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]!.texts.map((text) => text.split(",")[0])).toEqual([
    "answer to /fetches/slow",
    "answer to /fetches/b?secret=1",
    "answer to /fetches/c",
  ]);
  expect(answers[0]!.order.at(-1)).toBe("/fetches/slow");
  expect(world.asked("/fetches")).toEqual(asked);
  expect(made.report.fetches).toEqual([
    `GET ${world.url}/fetches/slow`,
    `GET ${world.url}/fetches/b`,
    `GET ${world.url}/fetches/c`,
  ]);
});

it("node:http may be used at init, and again after the restore", async () => {
  await frozen.freeze({
    name: "http-client",
    files: {
      "index.mjs": `import http from "node:http";
        const agent = new http.Agent({ keepAlive: true });
        const get = (path) => new Promise((resolve, reject) => {
          http.get(${JSON.stringify(world.url)} + path, { agent }, (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (piece) => { text += piece; }).on("end", () => resolve(text));
          }).on("error", reject);
        });
        const config = await get("/http/config");
        export const handler = async () => [config, await get("/http/live")];`,
    },
  });
  const answers = [await frozen.restored("http-client"), await frozen.restored("http-client")] as string[][];
  expect(answers[0]![0]).toContain("answer to /http/config");
  expect(answers[1]![0]).toBe(answers[0]![0]);
  expect(answers[1]![1]).not.toBe(answers[0]![1]);
  expect(world.asked("/http")).toEqual(["/http/config", "/http/live", "/http/live"]);
});

it("timers and intervals made at init go on after a restore", async () => {
  await frozen.freeze({
    name: "timers",
    files: {
      "index.mjs": `
        let ticks = 0, late = "not yet", cancelled = "never";
        const interval = setInterval(() => { ticks++; }, 5);
        setTimeout(() => { late = "fired"; }, 20);
        const gone = setTimeout(() => { cancelled = "fired"; }, 1);
        clearTimeout(gone);
        await new Promise((resolve) => setTimeout(resolve, 2));
        const atInit = ticks;
        export const handler = async () => {
          const from = ticks;
          while (ticks < from + 3 || late !== "fired") await new Promise((resolve) => setTimeout(resolve, 5));
          clearInterval(interval);
          return { late, cancelled, moved: ticks > atInit };
        };`,
    },
  });
  for (let start = 0; start < 2; start++)
    expect(await frozen.restored("timers")).toEqual({ late: "fired", cancelled: "never", moved: true });
});

it("streams, compressors, blobs and decoders made at init go on after a restore", async () => {
  await frozen.freeze({
    name: "streams",
    files: {
      "index.mjs": `
        import zlib from "node:zlib";
        import { pipeline } from "node:stream/promises";
        import { text } from "node:stream/consumers";
        const gzip = zlib.createGzip({ level: 9 });
        const packing = new CompressionStream("deflate");
        const brotli = zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } });
        const blob = new Blob(["from a ", new Uint8Array([98, 108, 111, 98])], { type: "text/plain" });
        const address = URL.createObjectURL(blob);
        const decoder = new TextDecoder("shift_jis");
        const half = decoder.decode(new Uint8Array([0x82]), { stream: true });
        const { readable, writable } = new TransformStream({ transform: (chunk, c) => c.enqueue(chunk.toUpperCase()) });
        const packed = zlib.gunzipSync(zlib.gzipSync("packed at init")).toString();
        const response = new Response("a body");
        export const handler = async () => {
          const writer = writable.getWriter();
          const [{ value }] = await Promise.all([readable.getReader().read(), writer.write("shout")]);
          const zipped = text(gzip.pipe(zlib.createGunzip()));
          gzip.end("zipped");
          const source = new Response("deflated").body.pipeThrough(packing).pipeThrough(new DecompressionStream("deflate"));
          const parts = [];
          await pipeline([Buffer.from("brotli")], brotli, zlib.createBrotliDecompress(), async (all) => {
            for await (const part of all) parts.push(String(part));
          });
          return [value, await zipped, await new Response(source).text(), parts.join(""), await (await fetch(address)).text(),
            half + decoder.decode(new Uint8Array([0xa0])), packed, await response.text()];
        };`,
    },
  });
  const made = ["SHOUT", "zipped", "deflated", "brotli", "from a blob", "\u3042", "packed at init", "a body"];
  for (let start = 0; start < 2; start++) expect(await frozen.restored("streams")).toEqual(made);
});

it("a compressor that holds what init wrote to it is no part of a heap: the build says so", async () => {
  await frozen.deploy({
    name: "half-written",
    files: {
      "index.mjs": `
        import zlib from "node:zlib";
        const gzip = zlib.createGzip();
        await new Promise((resolve) => gzip.write("a", resolve));
        export const handler = async () => gzip.bytesWritten;`,
    },
  });
  const state = await frozen.settled("half-written");
  expect(state.kind).toBe("failed");
  expect(JSON.stringify(state)).toContain("1 zlib streams are open");
});

it("AsyncLocalStorage works across a restore", async () => {
  await frozen.freeze({
    name: "storage",
    files: {
      "index.mjs": `import { AsyncLocalStorage } from "node:async_hooks";
        const storage = new AsyncLocalStorage();
        const snapshot = storage.run("snapshot", () => AsyncLocalStorage.snapshot());
        const bound = storage.run("bound", () => AsyncLocalStorage.bind(() => storage.getStore()));
        const awaited = await storage.run("awaited", async () => { await null; return storage.getStore(); });
        export const handler = (event) => storage.run(event.id, async () => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          return [awaited, snapshot(() => storage.getStore()), bound(), storage.getStore()];
        });`,
    },
  });
  expect(await frozen.restored("storage", { id: "one" })).toEqual(["awaited", "snapshot", "bound", "one"]);
});

it("classes, their instances and what they keep to themselves are the same after a restore", async () => {
  await frozen.freeze({
    name: "classes",
    files: {
      "index.mjs": `
        class Secret { #value = 41; static count = 0; constructor() { Secret.count++; } bump() { return ++this.#value; }
          static has(other) { return #value in other; } }
        class Derived extends Secret {}
        const made = new Derived();
        const key = {}; const weak = new WeakMap([[key, "weak"]]); const ref = new WeakRef(made);
        const symbol = Symbol("own"); const tagged = { [symbol]: 1 };
        function* counter() { yield 1; yield 2; yield 3; }
        const generator = counter(); generator.next();
        const error = new RangeError("kept");
        let settle; const pending = new Promise((resolve) => { settle = resolve; });
        const big = 2n ** 70n; const typed = new Float64Array([1.5, -0]); const pattern = /a(?<x>.)/gd; pattern.exec("ab");
        const buffer = Buffer.from("héllo"); const map = new Map([[made, new Set([key])]]);
        export const handler = async () => {
          settle("settled");
          return [made instanceof Secret, Secret.has(made), made.bump(), Secret.count, weak.get(key), ref.deref() === made,
            tagged[symbol], generator.next().value, error instanceof RangeError && error instanceof Error, await pending,
            String(big), Object.is(typed[1], -0), pattern.lastIndex, buffer.toString(), map.get(made).has(key),
            new Derived() instanceof Secret, Array.isArray([]) && Object.getPrototypeOf([]) === Array.prototype,
            globalThis.Buffer === Buffer, new Date(0) instanceof Date];
        };`,
    },
  });
  const expected = [
    true,
    true,
    42,
    1,
    "weak",
    true,
    1,
    2,
    true,
    "settled",
    String(2n ** 70n),
    true,
    2,
    "héllo",
  ];
  for (let start = 0; start < 2; start++)
    expect(await frozen.restored("classes")).toEqual([...expected, true, true, true, true, true]);
});

it.each([
  ["a CommonJS function", "index.js", `const { x } = require("./x.js"); exports.handler = async () => x();`],
  [
    "an ES module with top-level await",
    "index.mjs",
    `import { x } from "./x.js"; await null; export const handler = async () => x();`,
  ],
])("%s throws with the same stack as without a snapshot", async (_, file, code) => {
  const files = {
    [file]: code,
    "x.js": `exports.x = function thrower() {\n  throw new TypeError("here");\n};`,
  };
  const name = `stack-${file.slice(6)}`;
  await server.runtime.deploy({ name: `plain-${name}`, files });
  await frozen.freeze({ name, files });
  const thrown = (fn: string) =>
    server.runtime.invoke(fn).then(
      () => undefined,
      (error: { errorType: string; trace: string[] }) => [error.errorType, ...error.trace],
    );
  const restored = await thrown(name);
  expect(restored).toEqual(await thrown(`plain-${name}`));
  expect(restored?.join("\n")).toContain("/var/task/x.js:2:9");
  expect((await frozen.starts(name))[0]?.strategy).toBe("snapshot");
});

it.each([
  ["", 10],
  ["Error.stackTraceLimit = 3;", 3],
  ["Error.stackTraceLimit = 25;", 25],
])("stacks are as long after a restore as init wanted them: %s", async (code, lines) => {
  const name = `stack-limit-${lines}`;
  await frozen.freeze({
    name,
    files: {
      "index.js": `${code}
        const deep = (left) => (left > 0 ? [deep(left - 1)][0] : new Error("deep").stack.split("\\n").length - 1);
        exports.handler = async () => [Error.stackTraceLimit, deep(40)];`,
    },
  });
  expect(await frozen.restored(name)).toEqual([lines, lines]);
});

it("a heap of 50 MB is restored", async () => {
  const made = await frozen.freeze({
    name: "large",
    memorySizeMb: 512,
    timeoutSeconds: 30,
    files: {
      "index.js": `
        const rows = Array.from({ length: 700_000 }, (_, id) => ({ id, name: "row " + id, tags: ["a", id] }));
        exports.handler = async ({ id }) => rows[id];`,
    },
  });
  expect(made.report.bytes).toBeGreaterThan(50 * 1024 * 1024);
  expect(await frozen.restored("large", { id: 699_999 })).toEqual({
    id: 699_999,
    name: "row 699999",
    tags: ["a", 699_999],
  });
});

it("a function that streams its response is restored", async () => {
  const fn = await frozen.freeze({
    name: "streams",
    url: "stream",
    files: {
      "index.mjs": `const pieces = ["one ", "two ", "three"];
        export const handler = awslambda.streamifyResponse(async (event, stream) => {
          stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { "x-from": "heap" } });
          for (const piece of pieces) { stream.write(piece); await new Promise((resolve) => setTimeout(resolve, 1)); }
          stream.end();
        });`,
    },
  });
  for (let start = 0; start < 2; start++) {
    await frozen.endIdle("streams");
    const response = await server.request(fn);
    expect([response.status, response.headers["x-from"], response.text]).toEqual([
      201,
      "heap",
      "one two three",
    ]);
    expect((await frozen.starts("streams"))[0]?.strategy).toBe("snapshot");
  }
});

describe("process.env", () => {
  it("has the variables of the new environment, and what init set itself", async () => {
    await frozen.freeze({
      name: "variables",
      environment: { GIVEN: "given", REPLACED: "configured", DELETED: "configured" },
      files: {
        "index.js": `
          process.env.OWN = "set by init"; process.env.REPLACED = "replaced by init"; delete process.env.DELETED;
          const env = process.env; const streamAtInit = env.AWS_LAMBDA_LOG_STREAM_NAME;
          exports.handler = async () => ({ streamAtInit, ...process.env, same: env === process.env });`,
      },
    });
    const one = (await frozen.restored("variables")) as Record<string, string>;
    const two = (await frozen.restored("variables")) as Record<string, string>;
    for (const variables of [one, two]) {
      expect(variables).toMatchObject({
        GIVEN: "given",
        OWN: "set by init",
        REPLACED: "replaced by init",
        AWS_LAMBDA_INITIALIZATION_TYPE: "snap-start",
        same: true,
      });
      expect(variables).not.toHaveProperty("DELETED");
      expect(variables["AWS_LAMBDA_LOG_STREAM_NAME"]).not.toBe(variables["streamAtInit"]);
    }
    expect(one["streamAtInit"]).toBe(two["streamAtInit"]);
    expect(one["AWS_LAMBDA_LOG_STREAM_NAME"]).not.toBe(two["AWS_LAMBDA_LOG_STREAM_NAME"]);
  });
});
