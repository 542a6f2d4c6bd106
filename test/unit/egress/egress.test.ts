import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createEgress, type EgressOptions, type RemoteOperations } from "../../../src/egress/index.ts";
import type { OperationError, Value } from "../../../src/model/values.ts";

let server: Server;
let origin: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let sockets: number;
const opened: RemoteOperations[] = [];

beforeEach(async () => {
  sockets = 0;
  answer = (_request, response) => response.end("hello");
  server = createServer((request, response) => answer(request, response));
  server.on("connection", () => sockets++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((egress) => egress.close()));
  server.closeAllConnections();
  server.close();
});

function open(options: Partial<EgressOptions> = {}): RemoteOperations {
  const egress = createEgress({ allow: ["127.0.0.0/8"], ...options });
  opened.push(egress);
  return egress;
}

function call(egress: RemoteOperations, operation: string, ...args: Value[]): Promise<Value> {
  return new Promise((resolve, reject) => {
    let answered = false;
    egress.start(
      { environmentId: 1, operation, args },
      (error: OperationError | undefined, value?: Value) => {
        if (answered) throw new Error("done was called twice");
        answered = true;
        if (error === undefined) resolve(value);
        else reject(error);
      },
    );
  });
}

function request(url: string, options: Record<string, unknown> = {}): string {
  return JSON.stringify({ method: "GET", url, headers: [], redirect: "follow", hasBody: false, ...options });
}

interface Head {
  status: number;
  statusText: string;
  url: string;
  redirected: boolean;
  headers: [string, string][];
}

async function head(
  egress: RemoteOperations,
  handle: number,
  json: string,
  body: Value = null,
): Promise<Head> {
  return JSON.parse(String(await call(egress, "fetch.open", handle, json, body)));
}

async function text(egress: RemoteOperations, handle: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = await call(egress, "fetch.read", handle);
    if (chunk === null) return Buffer.concat(chunks).toString();
    chunks.push(chunk as Uint8Array);
  }
}

async function body(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Resolves when `count` has come to rest. */
async function settled(count: () => number): Promise<void> {
  let before = -1;
  await vi.waitUntil(
    () => {
      const rests = count() === before;
      before = count();
      return rests;
    },
    { interval: 200, timeout: 10_000 },
  );
}

describe("fetch", () => {
  test("answers status, headers and body, and reuses the connection", async () => {
    answer = (message, response) => {
      response.writeHead(201, "Made", {
        "set-cookie": ["a=1", "b=2"],
        "x-seen": message.headers["x-one"] ?? "",
      });
      response.end("made");
    };
    const egress = open();
    for (const handle of [1, 2]) {
      const answered = await head(egress, handle, request(`${origin}/x#y`, { headers: [["X-One", "eins"]] }));
      expect(answered).toMatchObject({
        status: 201,
        statusText: "Made",
        url: `${origin}/x`,
        redirected: false,
      });
      expect(answered.headers).toEqual(
        expect.arrayContaining([
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
          ["x-seen", "eins"],
        ]),
      );
      expect(await text(egress, handle)).toBe("made");
      // The pool takes the connection back a moment after the last byte.
      await setImmediate();
    }
    expect(sockets).toBe(1);
  });

  test("sends a whole body with its length", async () => {
    answer = async (message, response) =>
      response.end(`${message.method} ${message.headers["content-length"]} ${await body(message)}`);
    const egress = open();
    await head(
      egress,
      1,
      request(origin, { method: "POST", hasBody: true, headers: [["content-length", "999"]] }),
      Buffer.from("abc"),
    );
    expect(await text(egress, 1)).toBe("POST 3 abc");
  });

  test("sends a streamed body, chunked or of the length that the guest states", async () => {
    answer = async (message, response) =>
      response.end(
        `${message.headers["content-length"] ?? message.headers["transfer-encoding"]} ${await body(message)}`,
      );
    const egress = open();
    for (const [handle, headers, expected] of [
      [1, [], "chunked abcdef"],
      [2, [["Content-Length", "6"]], "6 abcdef"],
    ] as const) {
      const opening = head(egress, handle, request(origin, { method: "PUT", hasBody: true, headers }));
      await call(egress, "fetch.write", handle, Buffer.from("abc"));
      await call(egress, "fetch.write", handle, new Uint8Array());
      await call(egress, "fetch.write", handle, Buffer.from("def"));
      await call(egress, "fetch.endBody", handle);
      expect((await opening).status).toBe(200);
      expect(await text(egress, handle)).toBe(expected);
    }
  });

  test("a streamed body longer than its stated length fails and smuggles nothing", async () => {
    const paths: string[] = [];
    answer = async (message, response) => {
      paths.push(message.url ?? "");
      response.end(await body(message).catch(() => ""));
    };
    const egress = open();
    const opening = head(
      egress,
      1,
      request(`${origin}/a`, { method: "PUT", hasBody: true, headers: [["content-length", "3"]] }),
    );
    const refusals = Promise.allSettled([
      opening,
      call(egress, "fetch.write", 1, Buffer.from("abcGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n")),
    ]);
    await expect(opening).rejects.toMatchObject({ code: "EINVAL" });
    await refusals;
    expect(paths).not.toContain("/smuggled");
  });

  test("writes are accepted only as fast as the peer takes them", async () => {
    const arrived = Promise.withResolvers<IncomingMessage>();
    answer = (message) => arrived.resolve(message);
    const egress = open();
    const opening = head(egress, 1, request(origin, { method: "POST", hasBody: true }));
    opening.catch(() => {});
    const chunk = Buffer.alloc(1024 * 1024);
    let accepted = 0;
    const writing = (async () => {
      for (; accepted < 64; accepted++) await call(egress, "fetch.write", 1, chunk);
    })();
    writing.catch(() => {});
    const message = await arrived.promise;
    // The peer reads nothing: the writer comes to rest once the kernel's buffers are full.
    await settled(() => accepted);
    expect(accepted).toBeLessThan(20);
    await expect(call(egress, "fetch.write", 1, chunk)).rejects.toMatchObject({ code: "EINVAL" });
    message.resume();
    await writing;
    await call(egress, "fetch.close", 1);
    await expect(opening).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
  ])("decodes %s", async (encoding, compress) => {
    const plain = "words ".repeat(50_000);
    answer = (_message, response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(compress(plain));
    const egress = open();
    await head(egress, 1, request(origin));
    expect(await text(egress, 1)).toBe(plain);
  });

  test("a compressed bomb unfolds only as far as it is read", async () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
    answer = (_message, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    const egress = open();
    await head(egress, 1, request(origin));
    const before = process.memoryUsage.rss();
    expect((await call(egress, "fetch.read", 1)) as Uint8Array).toHaveProperty("byteLength");
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
    await call(egress, "fetch.close", 1);
  });

  test("a response that nobody reads pauses its sender, and chunks are at most 64 KiB", async () => {
    let sent = 0;
    answer = (_message, response) => {
      const chunk = Buffer.alloc(1024 * 1024);
      const pump = () => {
        while (sent < 200) {
          sent++;
          if (!response.write(chunk)) return void response.once("drain", pump);
        }
        response.end();
      };
      pump();
    };
    const egress = open();
    await head(egress, 1, request(origin));
    await settled(() => sent);
    expect(sent).toBeLessThan(20);
    let bytes = 0;
    for (;;) {
      const chunk = (await call(egress, "fetch.read", 1)) as Uint8Array | null;
      if (chunk === null) break;
      expect(chunk.byteLength).toBeLessThanOrEqual(64 * 1024);
      bytes += chunk.byteLength;
    }
    expect(bytes).toBe(200 * 1024 * 1024);
  });

  test("a refused, a missing and a broken peer have codes", async () => {
    const egress = open({
      resolve: async () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" })),
    });
    await expect(head(egress, 1, request("http://nowhere.example/"))).rejects.toMatchObject({
      code: "ENOTFOUND",
    });
    answer = (message) => message.socket.destroy();
    await expect(head(egress, 2, request(origin))).rejects.toMatchObject({ code: "ECONNRESET" });
    answer = (_message, response) => {
      response.writeHead(200, { "content-length": "10" }).write("half");
      process.nextTick(() => response.destroy());
    };
    await head(egress, 3, request(origin));
    await expect(text(egress, 3)).rejects.toMatchObject({ code: "ECONNRESET" });
    answer = (_message, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("no gzip");
    await head(egress, 4, request(origin));
    await expect(text(egress, 4)).rejects.toMatchObject({ message: expect.stringContaining("header") });
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
    await expect(head(open(), 5, request(origin))).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("a peer that is silent, before its headers or within its body, ends in ETIMEDOUT", async () => {
    const egress = open({ limits: { headersTimeoutMs: 100, bodyTimeoutMs: 100 } });
    answer = () => {};
    await expect(head(egress, 1, request(origin))).rejects.toMatchObject({ code: "ETIMEDOUT" });
    answer = (_message, response) => void response.writeHead(200).write("first");
    await head(egress, 2, request(origin));
    expect(String(await call(egress, "fetch.read", 2))).toBe(String(new Uint8Array(Buffer.from("first"))));
    await expect(call(egress, "fetch.read", 2)).rejects.toMatchObject({ code: "ETIMEDOUT" });
  });
});

describe("policy", () => {
  test("private addresses are denied by default, with the address and the setting", async () => {
    const egress = open({ allow: [] });
    await expect(head(egress, 1, request(origin))).rejects.toMatchObject({
      code: "EGRESS_DENIED",
      message: expect.stringMatching(/127\.0\.0\.1.*loopback.*--egress-allow/),
    });
    expect(sockets).toBe(0);
  });

  test.each([
    "http://0x7f.1",
    "http://2130706433",
    "http://0177.0.0.1",
    "http://[::1]",
    "http://[::ffff:127.0.0.1]",
    "http://127.1",
    "http://0",
  ])("%s is the loopback it means", async (url) => {
    await expect(head(open({ allow: [] }), 1, request(url))).rejects.toMatchObject({ code: "EGRESS_DENIED" });
  });

  test("a name that resolves to a private address is denied, naming both", async () => {
    const egress = open({ allow: [], resolve: async () => ["10.0.0.5", "fd00::1"] });
    await expect(head(egress, 1, request("http://rebound.example/"))).rejects.toMatchObject({
      code: "EGRESS_DENIED",
      message: expect.stringMatching(/rebound\.example.*10\.0\.0\.5/),
    });
  });

  test("a name is resolved for each connection, and the checked address is the one connected to", async () => {
    const answers = [["127.0.0.1"], ["169.254.169.254"]];
    const resolve = vi.fn(async () => answers.shift() ?? []);
    const egress = open({ resolve });
    const url = origin.replace("127.0.0.1", "rebinding.example");
    answer = (_message, response) => response.writeHead(200, { connection: "close" }).end("once");
    await head(egress, 1, request(url));
    expect(await text(egress, 1)).toBe("once");
    await expect(head(egress, 2, request(url))).rejects.toMatchObject({ code: "EGRESS_DENIED" });
    await expect(head(egress, 3, request(url))).rejects.toMatchObject({ code: "ENOTFOUND" });
    expect(resolve).toHaveBeenCalledTimes(3);
  });

  test("of a name's addresses only the permitted ones are tried", async () => {
    const egress = open({ resolve: async () => ["10.0.0.1", "127.0.0.1"] });
    await head(egress, 1, request(origin.replace("127.0.0.1", "both.example")));
    expect(await text(egress, 1)).toBe("hello");
  });

  test("a redirect to a denied address is denied", async () => {
    answer = (_message, response) =>
      response.writeHead(302, { location: "http://169.254.169.254/latest" }).end();
    await expect(head(open(), 1, request(origin))).rejects.toMatchObject({ code: "EGRESS_DENIED" });
  });
});

describe("redirects", () => {
  test.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "PUT", "GET"],
    [307, "POST", "POST"],
    [308, "PUT", "PUT"],
  ])("%i turns %s into %s", async (status, method, then) => {
    answer = async (message, response) => {
      if (message.url === "/from") response.writeHead(status, { location: "/to" }).end();
      else response.end(`${message.method} ${await body(message)}`);
    };
    const egress = open();
    const answered = await head(
      egress,
      1,
      request(`${origin}/from`, { method, hasBody: true }),
      Buffer.from("data"),
    );
    expect(answered).toMatchObject({ url: `${origin}/to`, redirected: true });
    expect(await text(egress, 1)).toBe(then === "GET" ? "GET " : `${then} data`);
  });

  test("Authorization and Cookie stay with their origin", async () => {
    const egress = open({ resolve: async () => ["127.0.0.1"] });
    const other = origin.replace("127.0.0.1", "other.example");
    answer = (message, response) => {
      if (message.url === "/from") response.writeHead(302, { location: `${other}/to` }).end();
      else
        response.end(
          JSON.stringify([message.headers.authorization, message.headers.cookie, message.headers.host]),
        );
    };
    const headers = [
      ["authorization", "secret"],
      ["cookie", "a=b"],
      ["host", "own.example"],
    ];
    await head(egress, 1, request(`${origin}/from`, { headers }));
    expect(JSON.parse(await text(egress, 1))).toEqual([null, null, new URL(other).host]);
  });

  test("manual answers the redirect itself; error and too many fail; other schemes fail", async () => {
    answer = (message, response) =>
      response
        .writeHead(302, { location: message.url === "/file" ? "file:///etc/passwd" : message.url })
        .end();
    const egress = open();
    const answered = await head(egress, 1, request(`${origin}/a`, { redirect: "manual" }));
    expect(answered.status).toBe(302);
    expect(answered.headers).toContainEqual(["location", "/a"]);
    await expect(head(egress, 2, request(origin, { redirect: "error" }))).rejects.toMatchObject({
      code: "ERR_REDIRECT",
    });
    await expect(head(egress, 3, request(origin))).rejects.toMatchObject({ code: "ERR_REDIRECT" });
    await expect(head(egress, 4, request(`${origin}/file`))).rejects.toMatchObject({ code: "ERR_REDIRECT" });
  });
});

describe("lifetimes", () => {
  test("fetch.close ends a pending open and a pending read, and is idempotent", async () => {
    const egress = open();
    answer = () => {};
    const opening = expect(head(egress, 1, request(origin))).rejects.toMatchObject({ code: "ECONNRESET" });
    await call(egress, "fetch.close", 1);
    await opening;
    answer = (_message, response) => response.flushHeaders();
    await head(egress, 1, request(origin));
    const reading = expect(call(egress, "fetch.read", 1)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(call(egress, "fetch.read", 1)).rejects.toMatchObject({ code: "EINVAL" });
    await call(egress, "fetch.close", 1);
    await reading;
    expect(await call(egress, "fetch.close", 1)).toBeNull();
  });

  test("an environment's connections end with it, its answers are dropped, its neighbour's go on", async () => {
    const egress = open();
    const done = vi.fn();
    const arrived = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    answer = (message) => {
      message.socket.once("close", () => closed.resolve());
      arrived.resolve();
    };
    egress.start({ environmentId: 2, operation: "fetch.open", args: [1, request(origin), null] }, done);
    await arrived.promise;
    egress.environmentClosed(2);
    await closed.promise;
    answer = (_message, response) => response.end("still here");
    await head(egress, 1, request(origin));
    expect(await text(egress, 1)).toBe("still here");
    expect(done).not.toHaveBeenCalled();
  });

  test("handles and request bytes are bounded, and given back", async () => {
    const egress = open({ limits: { handlesPerEnvironment: 2, requestBytesInFlight: 10 } });
    await head(egress, 1, request(origin));
    await head(egress, 2, request(origin));
    await expect(head(egress, 3, request(origin))).rejects.toMatchObject({ code: "ELIMIT" });
    await text(egress, 1);
    const post = request(origin, { method: "POST", hasBody: true });
    await expect(head(egress, 3, post, Buffer.alloc(11))).rejects.toMatchObject({ code: "ELIMIT" });
    await head(egress, 3, post, Buffer.alloc(10));
    expect(await text(egress, 3)).toBe("hello");
  });

  test("connections are bounded in time", async () => {
    const egress = open({ limits: { connectsPerSecond: 0.25 } });
    await head(egress, 1, request(origin));
    await text(egress, 1);
    await expect(head(egress, 1, request(origin.replace("127.0.0.1", "127.0.0.2")))).rejects.toMatchObject({
      code: "ELIMIT",
    });
  });

  test("connections that are kept are bounded, and none that is in use ends for that", async () => {
    let left = 0;
    server.on("connection", (socket) => {
      left++;
      socket.on("close", () => left--);
    });
    answer = (message, response) => {
      response.setHeader("Keep-Alive", "timeout=600");
      response.write("hel");
      if (message.url !== "/slow") response.end("lo");
      else server.once("finish", () => response.end("lo"));
    };
    const limits = { handlesPerEnvironment: 2, idleConnectionsPerEnvironment: 2 };
    const egress = open({ limits, resolve: async () => ["127.0.0.1"], allow: ["*.test", "127.0.0.0/8"] });
    await head(egress, 1, request(`${origin}/slow`));
    for (let host = 0; host < 20; host++) {
      await head(egress, 2, request(origin.replace("127.0.0.1", `h${host}.test`)));
      expect(await text(egress, 2)).toBe("hello");
    }
    expect(sockets).toBe(21);
    await vi.waitUntil(() => left <= 4);
    server.emit("finish");
    expect(await text(egress, 1)).toBe("hello");
    egress.environmentClosed(1);
    await vi.waitUntil(() => left === 0);
  });

  test("the bound over all environments holds too", async () => {
    const egress = open({ limits: { handles: 1 } });
    await head(egress, 1, request(origin));
    const refused = new Promise((resolve) =>
      egress.start({ environmentId: 9, operation: "fetch.open", args: [1, request(origin), null] }, resolve),
    );
    expect(await refused).toMatchObject({ code: "ELIMIT" });
    egress.environmentClosed(1);
    const accepted = new Promise((resolve) =>
      egress.start({ environmentId: 9, operation: "fetch.open", args: [1, request(origin), null] }, resolve),
    );
    expect(await accepted).toBeUndefined();
  });

  test("after close() everything is refused", async () => {
    const egress = open();
    await egress.close();
    await expect(head(egress, 1, request(origin))).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});

describe("hostile arguments", () => {
  const good = () => request(origin);
  test.each<[string, string, () => Value[]]>([
    ["no arguments", "fetch.open", () => []],
    ["handle 0", "fetch.open", () => [0, good(), null]],
    ["handle NaN", "fetch.open", () => [Number.NaN, good(), null]],
    ["handle 1.5", "fetch.open", () => [1.5, good(), null]],
    ["handle text", "fetch.open", () => ["1", good(), null]],
    ["no JSON", "fetch.open", () => [1, "{", null]],
    ["JSON null", "fetch.open", () => [1, "null", null]],
    ["bytes as request", "fetch.open", () => [1, new Uint8Array(9), null]],
    ["text as body", "fetch.open", () => [1, good(), "body"]],
    ["too long", "fetch.open", () => [1, request(`${origin}/${"x".repeat(300_000)}`), null]],
    ["deep JSON", "fetch.open", () => [1, "[".repeat(200_000), null]],
    ["file URL", "fetch.open", () => [1, request("file:///etc/passwd"), null]],
    ["data URL", "fetch.open", () => [1, request("data:,x"), null]],
    ["relative URL", "fetch.open", () => [1, request("/x"), null]],
    ["credentials", "fetch.open", () => [1, request("http://a:b@127.0.0.1/"), null]],
    ["blocked port", "fetch.open", () => [1, request("http://127.0.0.1:25/"), null]],
    ["CONNECT", "fetch.open", () => [1, request(origin, { method: "CONNECT" }), null]],
    ["TRACE", "fetch.open", () => [1, request(origin, { method: "trace" }), null]],
    ["method with CRLF", "fetch.open", () => [1, request(origin, { method: "GET / HTTP/1.1\r\nx" }), null]],
    ["GET with a body", "fetch.open", () => [1, request(origin, { hasBody: true }), new Uint8Array(1)]],
    ["header CRLF", "fetch.open", () => [1, request(origin, { headers: [["x", "a\r\nb: c"]] }), null]],
    ["header name", "fetch.open", () => [1, request(origin, { headers: [["x y", "a"]] }), null]],
    ["header beyond latin1", "fetch.open", () => [1, request(origin, { headers: [["x", "☃"]] }), null]],
    ["header pair", "fetch.open", () => [1, request(origin, { headers: [["x"]] }), null]],
    ["redirect mode", "fetch.open", () => [1, request(origin, { redirect: "maybe" }), null]],
    ["read of nothing", "fetch.read", () => [7]],
    ["write of nothing", "fetch.write", () => [7, new Uint8Array(1)]],
    ["write of text", "fetch.write", () => [7, "text"]],
    ["end of nothing", "fetch.endBody", () => [7]],
    ["close without handle", "fetch.close", () => []],
    ["another operation", "fetch.constructor", () => [1]],
    ["prototype", "__proto__", () => [1]],
  ])("%s is refused with a code", async (_name, operation, args) => {
    const answered = vi.fn();
    answer = (_message, response) => {
      answered();
      response.end();
    };
    await expect(call(open(), operation, ...args())).rejects.toMatchObject({
      name: "OperationError",
      code: expect.stringMatching(/^(EINVAL|ECONNRESET)$/),
    });
    expect(answered).not.toHaveBeenCalled();
  });

  test("hop-by-hop headers do not reach the peer", async () => {
    answer = (message, response) => response.end(JSON.stringify(message.headers));
    const egress = open();
    const headers = [
      "Connection",
      "Keep-Alive",
      "Transfer-Encoding",
      "TE",
      "Upgrade",
      "Expect",
      "Proxy-Connection",
      "Content-Length",
    ].map((name) => [name, "5"]);
    await head(egress, 1, request(origin, { headers: [...headers, ["x-end", "kept"]] }));
    const seen = JSON.parse(await text(egress, 1));
    expect(seen).toMatchObject({ "x-end": "kept", connection: "keep-alive", "user-agent": "node" });
    for (const name of [
      "te",
      "upgrade",
      "expect",
      "transfer-encoding",
      "proxy-connection",
      "content-length",
    ]) {
      expect(seen).not.toHaveProperty(name);
    }
  });

  test("a handle in use is not taken over", async () => {
    const egress = open();
    await head(egress, 1, request(origin));
    await expect(head(egress, 1, request(origin))).rejects.toMatchObject({ code: "EINVAL" });
    expect(await text(egress, 1)).toBe("hello");
  });
});
