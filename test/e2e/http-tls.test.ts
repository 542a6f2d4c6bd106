import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { Agent, type RequestOptions, request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { TestAuthority } from "../certificates.ts";
import { ListeningUnderTest, untilClosed, urlHost } from "./listening.ts";

/** TLS of the listeners, over real sockets. */

let authority: TestAuthority;
let ca: Buffer;
beforeAll(() => {
  authority = new TestAuthority();
  ca = readFileSync(authority.caFile);
});
afterAll(() => authority[Symbol.dispose]());

function start(name: string, more: object = {}) {
  const { certFile, keyFile } = authority.issue(name);
  return ListeningUnderTest.start(
    { tlsCert: certFile, tlsKey: keyFile, ...more },
    { certificatePoll: { pollMs: 20, settleMs: 20 } },
  );
}

async function get(port: number, host: string, more: RequestOptions = {}): Promise<string> {
  const sent = request({ host: "127.0.0.1", port, path: "/api", ca, headers: { host }, ...more }).end();
  const [response] = (await once(sent, "response")) as [import("node:http").IncomingMessage];
  return `${response.statusCode} ${await text(response)}`;
}

async function handshake(port: number, more: object = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", ca, servername: "localhost", ...more });
  await once(socket, "secureConnect");
  return socket;
}

/** Whose certificate new connections see. */
async function served(port: number): Promise<string | undefined> {
  const socket = await handshake(port);
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN as string;
}

test("both the API and function URLs are served over TLS, and a function is told so", async () => {
  await using server = await start("first", { urlListen: "127.0.0.1:0" });
  const { listeners, invoker } = server;
  expect(listeners.url).toBe(`https://127.0.0.1:${listeners.port}`);
  expect(listeners.urlListener?.url).toMatch(/^https:/);
  expect(await get(listeners.port, "localhost")).toBe("200 the API");
  for (const port of [listeners.port, listeners.urlListener?.port ?? 0]) {
    expect(await get(port, urlHost)).toMatch(/^200 /);
    expect(invoker.last.event.headers).toMatchObject({
      "x-forwarded-proto": "https",
      "x-amzn-tls-version": "TLSv1.3",
    });
  }
});

test("TLS 1.2 is the least, and HTTP/1.1 the one protocol", async () => {
  await using server = await start("versions");
  const { port } = server.listeners;
  const old = await handshake(port, { maxVersion: "TLSv1.2" });
  expect(old.getProtocol()).toBe("TLSv1.2");
  old.destroy();
  const chosen = await handshake(port, { ALPNProtocols: ["h2", "http/1.1"] });
  expect(chosen.alpnProtocol).toBe("http/1.1");
  chosen.destroy();
  await expect(
    handshake(port, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }),
  ).rejects.toThrow(/protocol version|unsupported protocol/);
});

test("plain HTTP is told to speak TLS, and what is neither is closed", async () => {
  await using server = await start("plain");
  const answer = await server.exchange("GET /api HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect(answer).toContain("HTTP/1.1 400 Bad Request\r\n");
  expect(answer).toContain(
    '{"Type":"User","message":"The client sent plain HTTP to a port that speaks TLS: the URL begins with https://"}',
  );
  expect(await server.exchange("\x00\x01\x02")).toBe("");
  expect(await get(server.listeners.port, "localhost")).toBe("200 the API");
});

test("who connects and says nothing, or stops in the handshake, is closed in time", async () => {
  await using server = await start("silent", { headersTimeoutMs: 150 });
  const silent = await server.open();
  const halfway = await server.open();
  const closed = [untilClosed(silent), untilClosed(halfway)];
  halfway.write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
  await Promise.all(closed);
  expect(await get(server.listeners.port, "localhost")).toBe("200 the API");
});

test("the limits hold over TLS too", async () => {
  await using server = await start("limits", { maxHeaderBytes: 8192, maxConnectionsPerAddress: 2 });
  const { port } = server.listeners;
  expect(await get(port, "localhost", { headers: { host: "localhost", x: "y".repeat(10_000) } })).toMatch(
    /^431 .*8192 bytes/,
  );
  await server.open();
  await server.open();
  await expect(handshake(port)).rejects.toThrow();
  expect(server.notes).toHaveLength(1);
});

test("a renewed certificate is served within a moment, and no request under load fails", async () => {
  await using server = await start("before");
  const { port } = server.listeners;
  const { certFile, keyFile } = { certFile: "before.pem", keyFile: "before.key" };
  const next = authority.issue("after");
  const failures: unknown[] = [];
  let answered = 0;
  let isOver = false;
  const keptAlive = new Agent({ keepAlive: true });
  const client = async (agent: Agent | false) => {
    while (!isOver) {
      const answer = await get(port, "localhost", { agent }).catch((error: unknown) => error);
      if (answer === "200 the API") answered += 1;
      else failures.push(answer);
    }
  };
  // Half of them make a connection for each request.
  const clients = [client(keptAlive), client(keptAlive), client(false), client(false)];
  expect(await served(port)).toBe("before");
  // As certbot does it: one file, and then the other.
  copyFileSync(next.certFile, join(authority.dir, certFile));
  copyFileSync(next.keyFile, join(authority.dir, keyFile));
  await vi.waitFor(async () => expect(await served(port)).toBe("after"), { timeout: 10_000 });
  const before = answered;
  while (answered < before + 50) await new Promise((resolve) => setImmediate(resolve));
  isOver = true;
  await Promise.all(clients);
  keptAlive.destroy();
  expect(failures).toEqual([]);
  expect(server.notes.at(-1)).toMatch(/^TLS: new certificate CN=after, valid until /);
});

test("a pair that does not fit, or is broken, is named, and the old one stays", async () => {
  await using server = await start("stays");
  const { port } = server.listeners;
  const certFile = join(authority.dir, "stays.pem");
  const good = readFileSync(certFile);
  copyFileSync(authority.issue("foreign").certFile, certFile);
  const said = (part: string) =>
    vi.waitFor(() => expect(server.notes.at(-1)).toContain(part), { timeout: 10_000 });
  await said(`does not belong to the certificate in ${certFile} (CN=foreign)`);
  expect(server.notes.at(-1)).toMatch(/^TLS: the certificate in use stays: /);
  expect(await served(port)).toBe("stays");
  writeFileSync(certFile, "half a fil");
  await said("it is not PEM");
  expect(await served(port)).toBe("stays");
  // Back to what is in use: nothing is new, and nothing is said.
  const count = server.notes.length;
  writeFileSync(certFile, good);
  expect(await get(port, "localhost")).toBe("200 the API");
  expect(server.notes).toHaveLength(count);
});

test("a server does not start with a key of another certificate", async () => {
  const { certFile } = authority.issue("mine");
  const { keyFile } = authority.issue("yours");
  await expect(ListeningUnderTest.start({ tlsCert: certFile, tlsKey: keyFile })).rejects.toThrow(
    `the private key in ${keyFile} does not belong to the certificate in ${certFile} (CN=mine)`,
  );
});

test("a certificate that expires soon is told of at the start", async () => {
  const { certFile, keyFile } = authority.issue("soon", { days: 7 });
  await using server = await ListeningUnderTest.start({ tlsCert: certFile, tlsKey: keyFile });
  expect(server.notes).toEqual([
    expect.stringMatching(/^TLS: the certificate in .*soon\.pem expires on .*, in [67] days$/),
  ]);
});

test("close() lets running requests over TLS end", async () => {
  await using server = await start("drain");
  const { listeners, invoker } = server;
  invoker.script = () => {};
  const pending = get(listeners.port, urlHost);
  while (invoker.invocations.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const closed = listeners.close({ drainMs: 10_000 });
  invoker.last.succeed({ statusCode: 200, body: "finished" });
  expect(await pending).toBe("200 finished");
  await closed;
});
