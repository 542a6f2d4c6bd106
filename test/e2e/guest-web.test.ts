import { createHash, pbkdf2Sync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { webProvided } from "../../snapshots/web/provided.ts";
import { createRuntime, type Runtime } from "../../src/index.ts";

let dataDir: string;
let runtime: Runtime;
let server: Server;
let sockets: WebSocketServer;
let origin: string;

/** Evaluates what an event says, so that each case states what runs in the isolate. */
const evaluator = `
  const AsyncFunction = (async () => {}).constructor;
  exports.handler = async ({ code, ...args }) => new AsyncFunction("args", "require", code)(args, require);
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
    if (request.url === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const last = request.headers["last-event-id"];
      return void response.end(`retry: 1\rid: 7\revent: greet\rdata: a\r\ndata: after ${last}\n\n`);
    }
    if (request.url === "/moved") return void response.writeHead(302, { location: "/echo" }).end();
    response.writeHead(200, {
      "x-method": String(request.method),
      "x-type": String(request.headers["content-type"]),
    });
    request.pipe(response);
  });
  sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => {
      const text = String(data);
      if (text === "close") socket.close(4001, "bye");
      else if (text === "break") socket.terminate();
      else if (text === "pieces") {
        socket.send("one ", { fin: false });
        socket.ping("between");
        socket.send("two", { fin: true });
      } else socket.send(data, { binary: isBinary });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  dataDir = await mkdtemp(join(tmpdir(), "brisk-web-"));
  runtime = await createRuntime({ dataDir, egressAllow: ["127.0.0.1"] });
  await runtime.deploy({
    name: "web",
    files: { "index.js": evaluator },
    timeoutSeconds: 10,
    // A machine that has much to do takes its time, and a turn is measured by the clock.
    environment: { BRISK_CPU_TIME_MS: "10000" },
  });
});

afterAll(async () => {
  await runtime?.close();
  for (const socket of sockets?.clients ?? []) socket.terminate();
  server?.closeAllConnections();
  server?.close();
  if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
});

describe("in an isolate", () => {
  test("every global of the table is there, under its own name and as enumerable as in Node", async () => {
    const names = webProvided.map(({ name }) => name);
    const seen = await inGuest(
      `return args.names.map((name) => {
        const value = globalThis[name];
        const shown = typeof value === "function" ? value.name : typeof value === "object" ? name : typeof value;
        return shown + (Object.keys(globalThis).includes(name) ? " (enumerable)" : "");
      });`,
      { names },
    );
    // Up to Node 24 there is no storage to enumerate, and without a file there is no local one.
    const others: Readonly<Record<string, string>> = {
      sessionStorage: "sessionStorage",
      localStorage: "undefined",
    };
    const isEnumerable = (name: string) => Object.getOwnPropertyDescriptor(globalThis, name)?.enumerable;
    const shown = (name: string) => name + (isEnumerable(name) ? " (enumerable)" : "");
    expect(seen).toEqual(names.map((name) => others[name] ?? shown(name)));
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

describe("WebCrypto in an isolate", () => {
  test("makes, moves and uses keys as Node does, several at once", async () => {
    const seen = await inGuest(`
      const { subtle } = crypto;
      const data = new TextEncoder().encode("what is signed");
      const hex = (buffer) => Buffer.from(buffer).toString("hex");
      const signatures = ["RSASSA-PKCS1-v1_5", "Ed25519", "ML-DSA-44"].map(async (name) => {
        const generate = { name, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
        const { privateKey, publicKey } = await subtle.generateKey(generate, false, ["sign", "verify"]);
        const signature = await subtle.sign(name, privateKey, data);
        const jwk = await subtle.exportKey("jwk", publicKey);
        const moved = await subtle.importKey("jwk", jwk, generate, true, ["verify"]);
        return subtle.verify(name, moved, signature, data);
      });
      const password = await subtle.importKey("raw", data, "PBKDF2", false, ["deriveKey"]);
      const parameters = { name: "PBKDF2", hash: "SHA-256", salt: data, iterations: 100_000 };
      const aes = { name: "AES-GCM", length: 256 };
      const key = await subtle.deriveKey(parameters, password, aes, true, ["encrypt", "decrypt"]);
      const sealed = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: data };
      const large = new Uint8Array(1_000_000).fill(7);
      const opened = await subtle.decrypt(sealed, key, await subtle.encrypt(sealed, key, large));
      const asked = (iterations) => ({ ...parameters, iterations });
      return {
        verified: await Promise.all(signatures),
        derived: hex(await subtle.exportKey("raw", key)),
        opened: [opened instanceof ArrayBuffer, opened.byteLength, new Uint8Array(opened)[999_999]],
        digest: hex(await subtle.digest("SHA-1", large)),
        hidden: await subtle.exportKey("raw", password).catch((error) => [error.name, error instanceof DOMException]),
        refused: await subtle.deriveBits(asked(20_000_000), password, 8).catch((error) => error.name),
        toKeyObject: require("node:crypto").KeyObject.from(key).export().toString("hex"),
      };
    `);
    const derived = pbkdf2Sync("what is signed", "what is signed", 100_000, 32, "sha256").toString("hex");
    expect(seen).toMatchObject({
      verified: [true, true, true],
      derived,
      opened: [true, 1_000_000, 7],
      digest: createHash("sha1").update(new Uint8Array(1_000_000).fill(7)).digest("hex"),
      hidden: ["NotSupportedError", true],
      refused: "OperationError",
      toKeyObject: derived,
    });
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

describe("a WebSocket", () => {
  const connect = `
    const socket = new WebSocket(args.url, ["chat"]);
    socket.binaryType = "arraybuffer";
    const next = (type) => new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
    const closed = next("close").then(({ code, reason, wasClean }) => [code, reason, wasClean, socket.readyState]);
    let errors = 0;
    socket.onerror = ({ message }) => errors++ || (errors.message = message);
  `;
  const url = () => origin.replace("http:", "ws:");

  test("sends and receives text and bytes of every length, answers pings, and closes cleanly", async () => {
    const seen = await inGuest(
      `${connect}
      await next("open");
      const seen = [socket.readyState, socket.protocol];
      const bytes = new Uint8Array(70_000).fill(7);
      for (const message of ["ü😀", "", "x".repeat(126), bytes, new Blob(["blob"]), "pieces"]) {
        socket.send(message);
        const { data } = await next("message");
        seen.push(typeof data === "string" ? data.slice(0, 8) : [data.byteLength, new Uint8Array(data)[0]]);
      }
      seen.push(socket.bufferedAmount);
      socket.close(3000, "enough");
      return [...seen, await closed, errors];`,
      { url: url() },
    );
    expect(seen).toEqual([
      ...[1, "chat", "ü😀", "", "xxxxxxxx", [70_000, 7], [4, 98], "one two", 0],
      ...[[3000, "enough", true, 3], 0],
    ]);
  });

  test("says how it ended: by the server, by breaking off, without a server, against the policy", async () => {
    const ends = (path: string, message: string) =>
      inGuest(
        `${connect}
        let message = "";
        socket.addEventListener("error", (event) => { message = event.message; });
        socket.onopen = () => socket.send(args.message);
        return [await closed, message];`,
        { url: path, message },
      );
    expect(await ends(url(), "close")).toEqual([[4001, "bye", true, 3], ""]);
    expect(await ends(url(), "break")).toEqual([[1006, "", false, 3], expect.stringMatching(/./)]);
    expect(await ends("ws://127.0.0.1:1/", "")).toEqual([
      [1006, "", false, 3],
      expect.stringContaining("ECONNREFUSED"),
    ]);
    expect(await ends("ws://10.1.2.3/", "")).toEqual([
      [1006, "", false, 3],
      expect.stringContaining("--egress-allow"),
    ]);
  });

  test("is refused what makes no WebSocket", async () => {
    const refused = await inGuest(
      `const cases = [["ftp://h"], ["ws://h/#x"], ["nowhere"], ["ws://h", ["a", "A"]], ["ws://h", "a b"]];
      const socket = new WebSocket(args.url);
      const calls = [() => socket.send("early"), () => socket.close(1001), () => socket.close(3000, "x".repeat(124))];
      for (const one of cases) calls.push(() => new WebSocket(...one));
      const names = calls.map((call) => { try { call(); return "done"; } catch (error) { return error.name; } });
      socket.close();
      return names;`,
      { url: url() },
    );
    const syntax = Array(6).fill("SyntaxError");
    expect(refused).toEqual(["InvalidStateError", "InvalidAccessError", ...syntax]);
  });
});

test("an EventSource reads events, and connects anew with the last one's id", async () => {
  const seen = await inGuest(
    `const source = new EventSource(args.url);
    const seen = [];
    await new Promise((resolve) => {
      source.addEventListener("greet", ({ data, lastEventId }) => seen.push([data, lastEventId]) === 2 && resolve());
    });
    source.close();
    const wrong = new EventSource(args.other);
    await new Promise((resolve) => { wrong.onerror = resolve; });
    return [seen, source.readyState, wrong.readyState];`,
    { url: `${origin}/events`, other: `${origin}/echo` },
  );
  expect(seen).toEqual([
    [
      ["a\nafter undefined", "7"],
      ["a\nafter 7", "7"],
    ],
    2,
    2,
  ]);
});
