import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createEgress, type EgressOptions, type RemoteOperations } from "../../../src/egress/index.ts";
import type { OperationError, Value } from "../../../src/model/values.ts";
import { TestAuthority } from "../../certificates.ts";

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

let authority: TestAuthority;
let certificates: { ca: string; cert: string; key: string };
beforeAll(() => {
  authority = new TestAuthority();
  const { certFile, keyFile } = authority.issue("localhost");
  const read = (file: string) => readFileSync(file, "utf8");
  certificates = { ca: read(authority.caFile), cert: read(certFile), key: read(keyFile) };
});
afterAll(() => authority[Symbol.dispose]());

function open(options: Partial<EgressOptions> = {}): RemoteOperations {
  const egress = createEgress({ allow: ["127.0.0.0/8"], ...options });
  opened.push(egress);
  return egress;
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  opened.push({
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function call(egress: RemoteOperations, operation: string, ...args: Value[]): Promise<Value> {
  return callOf(1, egress, operation, ...args);
}

function callOf(environmentId: number, egress: RemoteOperations, operation: string, ...args: Value[]) {
  return new Promise<Value>((resolve, reject) => {
    egress.start({ environmentId, operation, args }, (error: OperationError | undefined, value?: Value) =>
      error === undefined ? resolve(value) : reject(error),
    );
  });
}

const to = (port: number, more: object = {}) => JSON.stringify({ host: "127.0.0.1", port, ...more });

async function text(egress: RemoteOperations, handle: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = await call(egress, "net.read", handle);
    if (chunk === null) return Buffer.concat(chunks).toString();
    chunks.push(chunk as Uint8Array);
  }
}

/** Of no use as one, but quicker to make than one that is: the numbers of RSAPrivateKey, in DER. */
function hugeKey(): KeyObject {
  const der = (tag: number, content: Buffer) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(content.byteLength);
    return Buffer.concat([Buffer.from([tag, 0x82]), length, content]);
  };
  const numbers = [0, 1024, 3, 1024, 512, 512, 512, 512, 512].map((bytes, index) => {
    const value = index === 0 ? Buffer.from([0]) : Buffer.concat([Buffer.from([1]), randomBytes(bytes)]);
    value[value.byteLength - 1]! |= index === 0 ? 0 : 1;
    return der(2, value);
  });
  return createPrivateKey({ key: der(0x30, Buffer.concat(numbers)), format: "der", type: "pkcs1" });
}

const echo = () => createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));

describe("a socket", () => {
  test("carries bytes both ways, and each side ends on its own", async () => {
    const port = await listen(echo());
    const egress = open();
    const ends = JSON.parse(String(await call(egress, "net.connect", 1, to(port, { noDelay: true }))));
    expect(ends).toMatchObject({ remoteAddress: "127.0.0.1", remotePort: port, remoteFamily: "IPv4" });
    await call(egress, "net.write", 1, Buffer.from("one "));
    await call(egress, "net.write", 1, Buffer.from("two"));
    await call(egress, "net.end", 1);
    expect(await text(egress, 1)).toBe("one two");
    await call(egress, "net.close", 1, false);
    await expect(call(egress, "net.read", 1)).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("says as Node what went wrong", async () => {
    const server = createServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const port = await listen(server);
    const egress = open({ resolve: async (name) => (name === "empty.test" ? [] : ["127.0.0.1"]) });
    await call(egress, "net.connect", 1, to(port));
    await call(egress, "net.write", 1, Buffer.from("x"));
    await expect(call(egress, "net.read", 1)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(call(egress, "net.write", 1, Buffer.from("x"))).rejects.toMatchObject({
      code: "ECONNRESET",
    });
    server.close();
    await expect(call(egress, "net.connect", 2, to(port))).rejects.toMatchObject({
      code: "ECONNREFUSED",
      message: `connect ECONNREFUSED 127.0.0.1:${port}`,
    });
    await expect(
      call(egress, "net.connect", 3, JSON.stringify({ host: "empty.test", port: 1 })),
    ).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  test("that nobody reads pauses its peer, as one of a frozen environment", async () => {
    let sent = 0;
    const server = createServer(async (socket) => {
      for (;;) {
        sent += 65_536;
        if (!socket.write(Buffer.alloc(65_536))) await once(socket, "drain");
      }
    });
    const egress = open();
    await call(egress, "net.connect", 1, to(await listen(server)));
    const first = (await call(egress, "net.read", 1)) as Uint8Array;
    expect(first.byteLength).toBeLessThanOrEqual(65_536);
    let before = -1;
    await vi.waitUntil(
      () => {
        const rests = sent === before;
        before = sent;
        return rests;
      },
      { interval: 200, timeout: 10_000 },
    );
    // What the kernel buffers on the way, and no more.
    expect(sent).toBeLessThan(16 * 1024 * 1024);
    await call(egress, "net.read", 1);
  });

  test("accepts writes only as fast as the peer takes them, and counts what it holds", async () => {
    const server = createServer((socket) => socket.pause());
    const egress = open({ limits: { requestBytesInFlight: 1024 * 1024 } });
    await call(egress, "net.connect", 1, to(await listen(server)));
    let accepted = 0;
    const chunk = Buffer.alloc(512 * 1024);
    const fill = (async () => {
      for (;;) {
        await call(egress, "net.write", 1, chunk);
        accepted++;
      }
    })();
    fill.catch(() => {});
    let before = -1;
    await vi.waitUntil(
      () => {
        const rests = accepted === before;
        before = accepted;
        return rests;
      },
      { interval: 200, timeout: 10_000 },
    );
    const more = Promise.allSettled([1, 2, 3].map(() => call(egress, "net.write", 1, chunk)));
    await call(egress, "net.close", 1, false);
    await expect(fill).rejects.toBeInstanceOf(Error);
    expect((await more).at(-1)).toMatchObject({ reason: { code: "ELIMIT" } });
    await call(egress, "net.connect", 2, to(await listen(echo())));
    await call(egress, "net.write", 2, chunk);
  });
});

test("writes of nothing to a peer that takes nothing are bounded too", async () => {
  // More than the kernel takes on the way.
  const large = 32 * 1024 * 1024;
  const egress = open({ limits: { requestBytesInFlight: large + 10 * 1024 } });
  await call(egress, "net.connect", 1, to(await listen(createServer((socket) => socket.pause()))));
  const write = (bytes: number) => call(egress, "net.write", 1, Buffer.alloc(bytes));
  const waiting = Promise.allSettled([write(large), ...Array.from({ length: 10 }, () => write(0))]);
  await expect(write(0)).rejects.toMatchObject({ code: "ELIMIT" });
  await call(egress, "net.close", 1, false);
  await waiting;
});

describe("policy", () => {
  test.each([
    ["169.254.169.254", "link local"],
    ["10.0.0.1", "private"],
    ["::1", "loopback"],
    ["::ffff:10.0.0.1", "private"],
    ["metadata.test", "link local"],
    ["half.test", "private"],
  ])("a socket to %s is refused", async (host, reason) => {
    const addresses: Record<string, string[]> = {
      "metadata.test": ["169.254.169.254"],
      "half.test": ["10.0.0.1", "::1"],
    };
    const egress = open({ resolve: async (name) => addresses[name] ?? [] });
    for (const tls of [undefined, {}]) {
      await expect(
        call(egress, "net.connect", 1, JSON.stringify({ host, port: 80, tls })),
      ).rejects.toMatchObject({ code: "EGRESS_DENIED", message: expect.stringContaining(reason) });
    }
  });

  test("a name that changes its mind gains nothing: the address that was checked is the one", async () => {
    const port = await listen(echo());
    const answers = [["127.0.0.1"], ["10.0.0.1"]];
    const egress = open({ resolve: async () => answers.shift() ?? [] });
    await call(egress, "net.connect", 1, JSON.stringify({ host: "flip.test", port }));
    await expect(
      call(egress, "net.connect", 2, JSON.stringify({ host: "flip.test", port })),
    ).rejects.toMatchObject({ code: "EGRESS_DENIED" });
  });

  test("a rule for a name holds for the addresses that the environment was told of it, and for no others", async () => {
    const port = await listen(echo());
    const egress = open({ allow: ["*.internal"], resolve: async () => ["127.0.0.1"] });
    const connect = (environment: number, handle: number, name: string) =>
      callOf(environment, egress, "net.connect", handle, JSON.stringify({ host: "127.0.0.1", port, name }));
    await expect(connect(1, 1, "db.internal")).rejects.toMatchObject({ code: "EGRESS_DENIED" });
    expect(await call(egress, "dns.lookup", "db.internal")).toBe('["127.0.0.1"]');
    await connect(1, 1, "db.internal");
    await expect(connect(1, 2, "other.internal")).rejects.toMatchObject({ code: "EGRESS_DENIED" });
    await expect(connect(2, 1, "db.internal")).rejects.toMatchObject({ code: "EGRESS_DENIED" });
  });

  test("a denied name is not even looked up", async () => {
    const resolve = vi.fn(async () => ["127.0.0.1"]);
    const egress = open({ deny: ["*.evil.test"], resolve });
    const json = JSON.stringify({ host: "a.EVIL.test", port: 80 });
    await expect(call(egress, "net.connect", 1, json)).rejects.toMatchObject({ code: "EGRESS_DENIED" });
    await expect(call(egress, "dns.lookup", "a.evil.test")).rejects.toMatchObject({ code: "EGRESS_DENIED" });
    expect(resolve).not.toHaveBeenCalled();
  });

  test.each(["2130706433", "127.1", "0177.0.0.1", "1.2.3.4.", "a b", "a/b", "[::1]", "%00"])(
    "%j is no host",
    async (host) => {
      const resolve = vi.fn(async () => ["127.0.0.1"]);
      const egress = open({ resolve });
      await expect(call(egress, "net.connect", 1, JSON.stringify({ host, port: 80 }))).rejects.toMatchObject({
        code: "ENOTFOUND",
      });
      expect(resolve).not.toHaveBeenCalled();
    },
  );
});

describe("environments", () => {
  test("one gets nothing of another's sockets, whatever numbers its host claims", async () => {
    const egress = open();
    await callOf(1, egress, "net.connect", 7, to(await listen(echo())));
    await callOf(1, egress, "net.write", 7, Buffer.from("secret"));
    for (const [operation, ...args] of [
      ["net.read"],
      ["net.write", Buffer.from("x")],
      ["net.end"],
      ["net.startTls", "{}"],
    ] as [string, ...Value[]][]) {
      await expect(callOf(2, egress, operation, 7, ...args)).rejects.toMatchObject({ code: "ECONNRESET" });
    }
    await callOf(2, egress, "net.close", 7, true);
    await callOf(2, egress, "net.configure", 7, true, 0);
    egress.environmentClosed(2);
    expect(String(await callOf(1, egress, "net.read", 7))).toBe(String(Buffer.from("secret")));
  });

  test("a flood of connections is bounded, for one and for all, and in time", async () => {
    const port = await listen(echo());
    const egress = open({ limits: { socketsPerEnvironment: 2, handles: 3, connectsPerSecond: 1 } });
    await callOf(1, egress, "net.connect", 1, to(port));
    await callOf(1, egress, "net.connect", 2, to(port));
    await expect(callOf(1, egress, "net.connect", 3, to(port))).rejects.toMatchObject({
      code: "ELIMIT",
      message: expect.stringContaining("2 sockets of this environment"),
    });
    await callOf(2, egress, "net.connect", 1, to(port));
    await expect(callOf(3, egress, "net.connect", 1, to(port))).rejects.toMatchObject({
      code: "ELIMIT",
      message: expect.stringContaining("of all functions"),
    });
    await callOf(1, egress, "net.close", 1, false);
    await callOf(1, egress, "net.connect", 4, to(port));
    await expect(callOf(1, egress, "net.connect", 5, to(port))).rejects.toMatchObject({
      message: expect.stringContaining("times a second"),
    });
    expect(egress.openSockets(1)).toEqual([`127.0.0.1:${port}`, `127.0.0.1:${port}`]);
    egress.environmentClosed(1);
    expect(egress.openSockets(1)).toEqual([]);
  });

  test("one that closes ends its connections, open and opening", async () => {
    let closed = 0;
    const server = createServer((socket) => socket.resume().on("close", () => closed++));
    const port = await listen(server);
    const egress = open();
    await call(egress, "net.connect", 1, to(port));
    // It never gets to the end of its handshake.
    callOf(1, egress, "net.connect", 2, to(port, { tls: {} })).catch(() => {});
    await once(server, "connection");
    egress.environmentClosed(1);
    await vi.waitUntil(() => closed === 2);
  });

  test.each<[string, Value]>([
    ["no JSON", "x"],
    ["an array", "[]"],
    ["no port", '{"host":"a"}'],
    ["a port that is none", '{"host":"a","port":70000}'],
    ["a path", '{"host":"a","port":1,"path":"/run/x.sock"}'],
    ["an option of Node's", '{"host":"a","port":1,"localAddress":"1.1.1.1"}'],
    ["an option of TLS", '{"host":"a","port":1,"tls":{"enableTrace":true}}'],
    ["a context", '{"host":"a","port":1,"tls":{"secureContext":{}}}'],
    ["bytes", new Uint8Array(2)],
  ])("options with %s are refused", async (_what, json) => {
    await expect(call(open(), "net.connect", 1, json)).rejects.toMatchObject({ code: "EINVAL" });
  });
});

describe("TLS", () => {
  const secured = (options: object = {}) =>
    createTlsServer({ key: certificates.key, cert: certificates.cert, ...options }, (socket) => {
      socket.on("error", () => {});
      socket.end(`hello ${socket.alpnProtocol}`);
    });

  test("the guest is told what came of the handshake, and decides", async () => {
    const port = await listen(secured({ ALPNProtocols: ["a", "b"] }));
    const egress = open();
    const report = async (handle: number, tls: object) =>
      JSON.parse(String(await call(egress, "net.connect", handle, to(port, { tls })))).tls;
    const trusted = await report(1, { ca: [certificates.ca], alpn: ["b"], servername: "localhost" });
    expect(trusted).toMatchObject({ authorized: true, alpnProtocol: "b", protocol: "TLSv1.3" });
    expect(trusted.chain[0]).toMatchObject({ subject: { CN: "localhost" }, raw: expect.any(String) });
    expect(await text(egress, 1)).toBe("hello b");
    const unknown = await report(2, {});
    expect(unknown).toMatchObject({
      authorized: false,
      authorizationError: { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" },
    });
  });

  test("takes over an open socket, as STARTTLS asks for", async () => {
    const server = createServer((socket) => {
      socket.once("data", () => {
        socket.write("S", () => {
          const secure = new TLSSocket(socket, {
            isServer: true,
            key: certificates.key,
            cert: certificates.cert,
          });
          secure.on("error", () => {});
          secure.once("data", (data) => secure.end(`got ${data}`));
        });
      });
    });
    const egress = open();
    await call(egress, "net.connect", 1, to(await listen(server)));
    await call(egress, "net.write", 1, Buffer.from("?"));
    expect(String(Buffer.from((await call(egress, "net.read", 1)) as Uint8Array))).toBe("S");
    const waiting = call(egress, "net.read", 1);
    const tls = JSON.parse(
      String(await call(egress, "net.startTls", 1, JSON.stringify({ ca: [certificates.ca] }))),
    );
    expect(tls.authorized).toBe(true);
    expect(await waiting).toHaveLength(0);
    await call(egress, "net.write", 1, Buffer.from("secret"));
    expect(await text(egress, 1)).toBe("got secret");
  });

  test("runs over a stream of the guest's own", async () => {
    const port = await listen(secured());
    const egress = open();
    await call(egress, "net.connect", 1, to(port));
    const answered = call(egress, "net.pipe", 3, 2, JSON.stringify({ ca: [certificates.ca] }));
    const carry = async (from: number, into: number) => {
      for (;;) {
        const chunk = await call(egress, "net.read", from);
        if (chunk === null) return;
        await call(egress, "net.write", into, chunk as Uint8Array);
      }
    };
    carry(2, 1).catch(() => {});
    carry(1, 2).catch(() => {});
    expect(JSON.parse(String(await answered)).tls).toMatchObject({ authorized: true });
    expect(await text(egress, 3)).toBe("hello false");
  });

  test("a client has its certificate; keys that cost too much or are no keys are refused", async () => {
    const server = secured({ requestCert: true, rejectUnauthorized: true, ca: certificates.ca });
    const port = await listen(server);
    const egress = open();
    const { ca, cert, key } = certificates;
    await call(egress, "net.connect", 1, to(port, { tls: { ca: [ca], cert: [cert], key: [key] } }));
    expect(await text(egress, 1)).toBe("hello false");
    const format = { type: "pkcs8", format: "pem" } as const;
    const slow = { cipher: "aes-256-cbc", passphrase: "x" };
    const huge = hugeKey().export(format);
    const encrypted = generateKeyPairSync("ed25519").privateKey.export({ ...format, ...slow });
    for (const [handle, bad] of [huge, encrypted, "no key"].entries()) {
      await expect(
        call(egress, "net.connect", handle + 2, to(port, { tls: { cert: [cert], key: [bad] } })),
      ).rejects.toMatchObject({ code: "ERR_TLS_INVALID_CONTEXT" });
    }
  });

  test("an option that node:tls refuses leaves the socket as it was", async () => {
    const egress = open();
    await call(egress, "net.connect", 1, to(await listen(echo())));
    for (const refused of [{ ciphers: "NONE" }, { alpn: ["\u20ac".repeat(200)] }]) {
      await expect(call(egress, "net.startTls", 1, JSON.stringify(refused))).rejects.toBeInstanceOf(Error);
    }
    await call(egress, "net.write", 1, Buffer.from("in clear"));
    expect(String(await call(egress, "net.read", 1))).toBe(String(Buffer.from("in clear")));
  });

  test("handshakes that take our time count as several connections", async () => {
    const port = await listen(secured());
    const egress = open({ limits: { connectsPerSecond: 1 } });
    await call(egress, "net.connect", 1, to(port, { tls: { ca: [certificates.ca] } }));
    await call(egress, "net.connect", 2, to(port, { tls: { ca: [certificates.ca] } }));
    await expect(call(egress, "net.connect", 3, to(port))).rejects.toMatchObject({ code: "ELIMIT" });
  });

  test("a server that speaks no TLS, or nothing, is an error", async () => {
    const plain = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const egress = open({ limits: { connectTimeoutMs: 300 } });
    await expect(call(egress, "net.connect", 1, to(await listen(plain), { tls: {} }))).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_SSL_/),
    });
    const silent = createServer(() => {});
    await expect(call(egress, "net.connect", 2, to(await listen(silent), { tls: {} }))).rejects.toMatchObject(
      {
        code: "ETIMEDOUT",
      },
    );
  });
});

test("a socket to the own service's origin ends in this process", async () => {
  const egress = open({
    ownService: {
      origin: "http://own.test",
      fetch: async (request) => new Response(`${request.method} ${request.url} ${await request.text()}`),
    },
    resolve: async () => [],
  });
  const [host] = JSON.parse(String(await call(egress, "dns.lookup", "own.test")));
  await call(egress, "net.connect", 1, JSON.stringify({ host, name: "own.test", port: 80 }));
  const head =
    "POST /a?b=1 HTTP/1.1\r\nHost: elsewhere.test\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
  await call(egress, "net.write", 1, Buffer.from(head));
  expect(await text(egress, 1)).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*POST http:\/\/own\.test\/a\?b=1 hi/);
  for (const port of [8080, 443]) {
    await expect(
      call(egress, "net.connect", 2, JSON.stringify({ host: "own.test", port })),
    ).rejects.toMatchObject({ code: "ENOTFOUND" });
  }
});

test("an HTTP upgrade goes where its socket goes", async () => {
  const server = createHttpServer();
  server.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\nraw"));
  const egress = open();
  await call(egress, "net.connect", 1, to(await listen(server)));
  await call(
    egress,
    "net.write",
    1,
    Buffer.from("GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
  );
  expect(await text(egress, 1)).toContain("raw");
});
