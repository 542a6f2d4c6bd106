import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { deserialize } from "node:v8";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asyncTests } from "./guest-node-async.ts";
import { startServer, type TestServer } from "./server.ts";

/** Evaluates what an event says, so that each case states what runs in the isolate. */
const evaluator = `
  const AsyncFunction = (async () => {}).constructor;
  const load = (name) => process.getBuiltinModule(name);
  exports.handler = ({ code, ...args }) => new AsyncFunction("require", "args", code)(load, args);
`;

let server: TestServer;
let origin: Server;
let originUrl: string;

const inGuest = (code: string, args: Record<string, unknown> = {}) =>
  server.runtime.invoke("node", { code, ...args });

beforeAll(async () => {
  origin = createServer((request, response) => {
    if (request.url === "/gzip") {
      response.writeHead(200, { "content-encoding": "gzip" });
      return void response.end(gzipSync("packed"));
    }
    if (request.url === "/moved") return void response.writeHead(302, { location: "/" }).end();
    response.writeHead(201, "Made", { "x-method": request.method ?? "", "set-cookie": ["a=1", "b=2"] });
    request.pipe(response);
  });
  origin.listen(0, "127.0.0.1");
  await once(origin, "listening");
  originUrl = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  server = await startServer({ egressAllow: ["127.0.0.1/32"] });
  // Turns are measured by the clock, and machines are busy.
  const environment = { BRISK_CPU_TIME_MS: "20000" };
  await server.deploy({
    name: "node",
    files: { "index.js": evaluator },
    timeoutSeconds: 20,
    environment,
    url: false,
  });
}, 120_000);

afterAll(async () => {
  await server?.close();
  origin?.closeAllConnections();
  origin?.close();
});

describe("in an isolate", () => {
  test("every module that node:module lists can be loaded", async () => {
    const missing = await inGuest(`
      const { builtinModules } = require("module");
      return builtinModules.filter((name) => !["object", "function"].includes(typeof require(name)));
    `);
    expect(missing).toEqual([]);
  });

  test("a module is one object, with and without the prefix, and Buffer and process are its global", async () => {
    const same = await inGuest(`return [
      require("node:events") === require("events"),
      require("buffer").Buffer === Buffer,
      require("process") === process,
      require("stream").Readable.prototype instanceof require("events"),
    ]`);
    expect(same).toEqual([true, true, true, true]);
  });

  test("a vm context has built-ins of its own, its object's names, and no way to the host", async () => {
    const result = await inGuest(`
      const vm = require("vm");
      const names = vm.createContext({ count: 1, add: (by) => by + 1 });
      const inside = vm.runInContext(
        "var total = add(count); count = 5; function twice() { return count * 2; } [typeof process, typeof fetch]",
        names,
      );
      names.count = 6;
      const bound = vm.runInNewContext("try { __brisk_bind(() => {}); } catch (error) { error.message }");
      return [inside, inside instanceof Array, names.total, names.twice(), vm.isContext(names), bound];
    `);
    expect(result).toEqual([["undefined", "undefined"], false, 2, 12, true, "The host is bound already"]);
  });

  test("what a vm context calls runs further code in contexts, its own too, and ends when it never does", async () => {
    const result = await inGuest(`
      const vm = require("vm");
      const outcome = (run) => { try { return run(); } catch (error) { return error.code ?? error.name; } };
      const context = vm.createContext({});
      context.same = () => vm.runInContext("1 + 1", context);
      context.fresh = () => vm.runInNewContext("a + 2", { a: 1 });
      context.compiled = () => vm.compileFunction("return b * 2", ["b"], { parsingContext: context })(3);
      context.wrong = () => outcome(() => vm.runInContext("1 +", context));
      context.here = () => outcome(() => vm.runInThisContext("1"));
      context.again = () => vm.runInContext("again()", context);
      const inside = vm.runInContext("[same(), fresh(), compiled(), wrong(), here()]", context);
      const endless = outcome(() => vm.runInContext("again()", context));
      return [...inside, typeof endless, vm.runInThisContext("4")];
    `);
    expect(result).toEqual([2, 3, 6, "SyntaxError", "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", "string", 4]);
  });

  test("hashes, zlib, random bytes and the heap's size come from the host; what v8 serializes is read by Node", async () => {
    const result = await inGuest(`
      const v8 = require("v8");
      const { heapUsed, rss } = process.memoryUsage();
      const { used_heap_size: used, heap_size_limit: limit } = v8.getHeapStatistics();
      const { createHash, randomBytes } = require("crypto");
      const { gzipSync, gunzipSync } = require("zlib");
      return [
        createHash("sha256").update("abc").digest("hex").slice(0, 8),
        gunzipSync(gzipSync("text")).toString(),
        randomBytes(16).length,
        heapUsed > 1e6 && used >= heapUsed && used < limit && rss < limit,
        v8.serialize(new Map([["a", [1n, /x/g, Buffer.from("b")]]])).toString("base64"),
      ];
    `);
    const bytes = Buffer.from((result as unknown[]).pop() as string, "base64");
    expect(result).toEqual(["ba7816bf", "text", 16, true]);
    expect(deserialize(bytes)).toEqual(new Map([["a", [1n, /x/g, Buffer.from("b")]]]));
  });

  test("streams, timers and zlib work in one pipeline", async () => {
    const result = await inGuest(`
      const { Readable, Transform } = require("stream");
      const { pipeline } = require("stream/promises");
      const { text } = require("stream/consumers");
      const zlib = require("zlib");
      const slow = async function* () {
        for (const part of ["a", "b", "c"]) {
          await require("timers/promises").setTimeout(1);
          yield part;
        }
      };
      const upper = new Transform({ transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()) });
      const gunzip = zlib.createGunzip();
      const [answer] = await Promise.all([text(gunzip), pipeline(Readable.from(slow()), upper, zlib.createGzip(), gunzip)]);
      return answer;
    `);
    expect(result).toBe("ABC");
  });

  test("readline reads a stream's lines, and process.stdin has none", async () => {
    const result = await inGuest(`
      const { createInterface } = require("readline/promises");
      const { Readable } = require("stream");
      const name = await createInterface({ input: Readable.from(["A", "da\\nB"]) }).question("Name? ");
      const rest = await Array.fromAsync(createInterface({ input: Readable.from(["b", "c\\nd"]) }));
      return [name, rest, await Array.fromAsync(createInterface({ input: process.stdin }))];
    `);
    expect(result).toEqual(["Ada", ["bc", "d"], []]);
  });

  test("Node streams and web streams turn into each other", async () => {
    const result = await inGuest(`
      const { Readable, Writable } = require("stream");
      const { pipeline } = require("stream/promises");
      const web = Readable.toWeb(Readable.from([Buffer.from("one "), Buffer.from("two")]));
      const parts = [];
      const sink = new WritableStream({ write: (chunk) => void parts.push(Buffer.from(chunk).toString()) });
      await pipeline(Readable.fromWeb(web), Writable.fromWeb(sink));
      return parts.join("");
    `);
    expect(result).toBe("one two");
  });

  test("http.request sends and receives, leaves redirects alone, and gives a compressed body as it came", async () => {
    const result = await inGuest(
      `
      const http = require("http");
      const call = (path, options, body) => new Promise((resolve, reject) => {
        const request = http.request(args.originUrl + path, options, (response) => {
          const chunks = [];
          response.on("data", (chunk) => chunks.push(chunk));
          response.on("end", () => resolve([response.statusCode, response.headers, Buffer.concat(chunks)]));
        });
        request.on("error", reject);
        request.end(body);
      });
      const [status, headers, body] = await call("/", { method: "POST" }, "sent");
      const [moved] = await call("/moved", {});
      const [, packedHeaders, packed] = await call("/gzip", {});
      return [status, headers["x-method"], headers["set-cookie"], body.toString(), moved, packedHeaders["content-encoding"], require("zlib").gunzipSync(packed).toString()];
    `,
      { originUrl },
    );
    expect(result).toEqual([201, "POST", ["a=1", "b=2"], "sent", 302, "gzip", "packed"]);
  });

  test("a server that listens is reached from its own isolate, over TCP and by a path", async () => {
    const result = await inGuest(`
      const http = require("http");
      const net = require("net");
      const server = http.createServer((request, response) => {
        response.writeHead(200, { trailer: "x-sum" });
        request.on("data", (chunk) => response.write(String(chunk).toUpperCase()));
        request.on("end", () => { response.addTrailers({ "x-sum": "1" }); response.end(request.url); });
      });
      server.on("upgrade", (request, socket) => socket.end("HTTP/1.1 101 Switching Protocols\\r\\nConnection: upgrade\\r\\nUpgrade: x\\r\\n\\r\\nraw"));
      const answers = [];
      for (const place of [0, "/tmp/server.sock"]) {
        await new Promise((resolve) => server.listen(place, resolve));
        const at = place === 0 ? { port: server.address().port } : { socketPath: place };
        answers.push(await new Promise((resolve, reject) => {
          const request = http.request({ ...at, path: "/a", method: "POST" }, (response) => {
            let text = "";
            response.on("data", (chunk) => { text += chunk; });
            response.on("end", () => resolve([text, response.trailers]));
          });
          request.on("error", reject).end("body");
        }));
        answers.push(await new Promise((resolve, reject) => {
          http.get({ ...at, headers: { connection: "upgrade", upgrade: "x" } })
            .on("upgrade", (response, socket, head) => { socket.destroy(); resolve([response.statusCode, String(head)]); })
            .on("error", reject);
        }));
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      return answers;
    `);
    const both = [
      ["BODY/a", { "x-sum": "1" }],
      [101, "raw"],
    ];
    expect(result).toEqual([...both, ...both]);
  });

  test.each([
    ["net", "require('net').connect(80, args.host)"],
    ["tls", "require('tls').connect(443, args.host)"],
    [
      "http upgrade",
      "require('http').get({ host: args.host, headers: { connection: 'upgrade', upgrade: 'x' } })",
    ],
  ])("the metadata service and private addresses are out of reach of %s", async (_what, open) => {
    for (const host of ["169.254.169.254", "10.0.0.1", "::ffff:169.254.169.254", "127.0.0.2"]) {
      const code = `return new Promise((resolve) => { ${open}.on("error", (error) => resolve(error.code)); });`;
      expect(await inGuest(code, { host })).toBe("EGRESS_DENIED");
    }
  });

  test("what http.request may not reach is an error event with a code", async () => {
    const result = await inGuest(`
      return new Promise((resolve) => {
        require("http").get("http://10.0.0.1/", () => resolve("answered")).on("error", (error) => resolve(error.code));
      });
    `);
    expect(result).toBe("EGRESS_DENIED");
  });

  test("keys are cloned, marked signals and no pool of Buffers are transferred, a failed assertion quotes its call", async () => {
    const result = await inGuest(`
      const { inspect, transferableAbortController, getCallSites } = require("util");
      const outcome = (run) => { try { return run(); } catch (error) { return error.name; } };
      const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
      key.usages.push("spoiled");
      const clone = structuredClone(key);
      const signed = await Promise.all([key, clone].map((one) => crypto.subtle.sign("HMAC", one, Buffer.from("x"))));
      const controller = transferableAbortController();
      const moved = structuredClone(controller.signal, { transfer: [controller.signal] });
      controller.abort("reason");
      const pooled = Buffer.from("pooled");
      const url = URL.createObjectURL(new Blob(["blob"]));
      return [clone !== key && clone instanceof CryptoKey, String(Buffer.from(signed[0])) === String(Buffer.from(signed[1])), inspect(clone).includes("spoiled"),
        moved.reason, outcome(() => structuredClone(pooled, { transfer: [pooled.buffer] })), outcome(() => pooled.buffer.transfer()), String(pooled),
        outcome(() => structuredClone(new AbortController().signal, { transfer: [AbortSignal.abort()] })),
        await require("buffer").resolveObjectURL(url).text(), require("buffer").resolveObjectURL({}),
        ["process", "Buffer"].map((name) => typeof Object.getOwnPropertyDescriptor(globalThis, name).get)];
    `);
    expect(result).toEqual([
      ...[
        true,
        true,
        false,
        "reason",
        "DataCloneError",
        "TypeError",
        "pooled",
        "DataCloneError",
        "blob",
        null,
      ],
      ["function", "function"],
    ]);
    await server.deploy({
      name: "quotes",
      url: false,
      files: {
        "index.mjs": `import assert from "node:assert";
          import { getCallSites } from "node:util";
          export const handler = async ({ a }) => {
            const [{ scriptName, lineNumber }] = getCallSites(1);
            try { assert(a?.b === (")", 2)); } catch ({ message }) { return [message, scriptName, lineNumber]; }
          };`,
      },
    });
    expect(await server.runtime.invoke("quotes", {})).toEqual([
      'The expression evaluated to a falsy value:\n\n  assert(a?.b === (")", 2))\n',
      ...["/var/task/index.mjs", 4],
    ]);
  });

  test("what listens to an EventTarget is counted and listed as in Node", async () => {
    const result = await inGuest(`
      const { getEventListeners, getMaxListeners, listenerCount, once, setMaxListeners } = require("events");
      const target = new EventTarget();
      const one = () => {};
      target.addEventListener("x", one);
      target.addEventListener("x", { handleEvent() {} });
      const before = getMaxListeners(target);
      setMaxListeners(3, target);
      const { signal } = new AbortController();
      const stopped = new AbortController();
      stopped.signal.addEventListener("abort", (event) => event.stopImmediatePropagation());
      const waiting = once(target, "never", { signal: stopped.signal }).catch((error) => error.name);
      stopped.abort();
      return [listenerCount(target, "x"), getEventListeners(target, "x")[0] === one, before, getMaxListeners(target),
        getMaxListeners(new EventTarget()), getMaxListeners(signal), await waiting];
    `);
    expect(result).toEqual([2, true, 10, 3, 10, 0, "AbortError"]);
  });

  test("process.exit ends the environment with its status; the next invocation starts cold and works", async () => {
    await server.deploy({
      name: "exits",
      url: false,
      files: {
        "index.js": `exports.handler = async ({ code }) => { if (code) process.exit(code); return "alive"; };`,
      },
    });
    await expect(server.runtime.invoke("exits", { code: 3 })).rejects.toThrow(/exit status 3/);
    expect(await server.runtime.invoke("exits")).toBe("alive");
  });

  describe("what goes on later", () => asyncTests(() => server, inGuest));
});
