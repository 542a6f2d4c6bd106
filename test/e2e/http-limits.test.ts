import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { cutStalled } from "../../src/http/api-listener.ts";
import { ListeningUnderTest, untilClosed, urlHost } from "./listening.ts";

/** What slow, greedy and broken clients get, over real sockets. */

const head = (line: string, ...headers: string[]) =>
  `${[line, `Host: ${urlHost}`, ...headers].join("\r\n")}\r\n\r\n`;

function errorOf(answer: string): { status: number; code: string | undefined; message: string } {
  const [top = "", body = ""] = answer.split("\r\n\r\n");
  return {
    status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(top)?.[1]),
    code: /x-amzn-errortype: (.*)/i.exec(top)?.[1]?.trim(),
    message: JSON.parse(body).message,
  };
}

test("a head over maxHeaderBytes is refused with 431, the answer arrives whole, and nothing is invoked", async () => {
  await using server = await ListeningUnderTest.start({ maxHeaderBytes: 8192 });
  const tooLarge = {
    status: 431,
    code: "RequestHeaderFieldsTooLargeException",
    message: "Cannot read the request: the request line and headers have more than 8192 bytes together",
  };
  for (const text of [
    head("GET / HTTP/1.1", `X-Large: ${"x".repeat(100_000)}`),
    head(`GET /${"x".repeat(100_000)} HTTP/1.1`),
  ]) {
    expect(errorOf(await server.exchange(text))).toEqual(tooLarge);
  }
  expect(server.invoker.invocations).toEqual([]);
});

test("more than maxHeaderCount headers are refused with 431, as many are taken", async () => {
  await using server = await ListeningUnderTest.start({ maxHeaderCount: 20 });
  const close = "Connection: close";
  const headers = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: ${index}`);
  expect(await server.exchange(head("GET / HTTP/1.1", close, ...headers(18)))).toContain("200 OK");
  expect(errorOf(await server.exchange(head("GET / HTTP/1.1", close, ...headers(19))))).toEqual({
    status: 431,
    code: "RequestHeaderFieldsTooLargeException",
    message: "Cannot read the request: it has more than 20 headers",
  });
  expect(errorOf(await server.exchange(head("GET / HTTP/1.1", close, ...headers(500)))).status).toBe(431);
  expect(server.invoker.invocations).toHaveLength(1);
});

test("what is no HTTP is refused with 400, and its bytes are not repeated", async () => {
  await using server = await ListeningUnderTest.start();
  const answer = await server.exchange("secret-token-123 gibberish\r\n\r\n");
  expect(errorOf(answer)).toMatchObject({ status: 400, code: "BadRequestException" });
  expect(answer).not.toContain("secret");
  expect(errorOf(await server.exchange("GET / HTTP/1.1\r\n\r\n".replace("/", "/ x y"))).status).toBe(400);
});

test("a message with two lengths, which two readers could see as two requests, is refused", async () => {
  await using server = await ListeningUnderTest.start();
  const smuggled = head("POST / HTTP/1.1", "Content-Length: 4", "Transfer-Encoding: chunked");
  expect(errorOf(await server.exchange(`${smuggled}0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n`)).status).toBe(400);
  const twice = head("POST / HTTP/1.1", "Content-Length: 4", "Content-Length: 5");
  expect(errorOf(await server.exchange(`${twice}12345`)).status).toBe(400);
  expect(server.invoker.invocations).toEqual([]);
});

const slow = { headersTimeoutMs: 200, requestTimeoutMs: 400 };

test("a client that sends its head a byte at a time gets 408, and one that sends nothing is closed", async () => {
  await using server = await ListeningUnderTest.start(slow);
  const silent = await server.open();
  const closed = untilClosed(silent);
  const dripping = await server.open();
  const text = head("GET / HTTP/1.1");
  let sent = 0;
  const drip = setInterval(() => dripping.write(text[sent++ % (text.length - 4)] as string), 20);
  const answer = await untilClosed(dripping);
  clearInterval(drip);
  expect(errorOf(answer)).toMatchObject({ status: 408, code: "RequestTimeoutException" });
  await closed;
  expect(server.invoker.invocations).toEqual([]);
});

test("a client that sends its body a byte at a time gets 408 when requestTimeoutMs is over", async () => {
  await using server = await ListeningUnderTest.start(slow);
  for (const line of ["POST / HTTP/1.1", "POST http://localhost/echo HTTP/1.1"]) {
    const socket = await server.open();
    socket.write(head(line, "Content-Length: 1000"));
    const drip = setInterval(() => socket.write("x"), 20);
    expect(errorOf(await untilClosed(socket))).toMatchObject({ status: 408 });
    clearInterval(drip);
  }
  expect(server.invoker.invocations).toEqual([]);
});

test("a connection without a request is closed after keepAliveTimeoutMs", async () => {
  await using server = await ListeningUnderTest.start({ keepAliveTimeoutMs: 100 });
  const socket = await server.open();
  socket.write(head("GET / HTTP/1.1"));
  // Node's server takes a second more than it tells the client.
  expect(await untilClosed(socket)).toContain("200 OK");
});

test("a slow function is not cut off by the time limits of requests", async () => {
  await using server = await ListeningUnderTest.start({ ...slow, keepAliveTimeoutMs: 100 });
  server.invoker.script = (invocation) => {
    setTimeout(() => invocation.succeed({ statusCode: 200, body: "late" }), 1500);
  };
  expect(await server.exchange(head("GET / HTTP/1.1", "Connection: close"))).toContain("late");
});

test("one address has maxConnectionsPerAddress, gives them back, and the operator is told once", async () => {
  await using server = await ListeningUnderTest.start({ maxConnectionsPerAddress: 3 });
  const first = await server.open();
  await server.open();
  await server.open();
  for (let index = 0; index < 5; index++) {
    const refused = await server.open();
    expect(await untilClosed(refused)).toBe("");
  }
  expect(server.notes).toEqual([
    expect.stringMatching(/^connections of 127\.0\.0\.1 to 127\.0\.0\.1:0 are refused: .*3 of one address/),
  ]);
  first.destroy();
  let answer = "";
  while (answer === "") answer = await server.exchange(head("GET / HTTP/1.1", "Connection: close"));
  expect(answer).toContain("200 OK");
});

test("a listener has maxConnections, whoever they are of", async () => {
  await using server = await ListeningUnderTest.start({ maxConnections: 2 });
  const [first] = [await server.open(), await server.open()];
  expect(await untilClosed(await server.open())).toBe("");
  expect(server.notes).toHaveLength(1);
  first?.destroy();
  let answer = "";
  while (answer === "") answer = await server.exchange(head("GET / HTTP/1.1", "Connection: close"));
  expect(answer).toContain("200 OK");
});

test("requests in one write are answered in their order, and a broken one ends the connection after them", async () => {
  await using server = await ListeningUnderTest.start();
  const started: (() => void)[] = [];
  server.invoker.script = (invocation) => {
    started.push(() =>
      invocation.succeed({ statusCode: 200, body: `answer ${invocation.event["rawPath"]}` }),
    );
    if (started.length === 3) for (const finish of started.reverse()) finish();
  };
  const socket = await server.open();
  const answer = untilClosed(socket);
  socket.write(["/1", "/2", "/3"].map((path) => head(`GET ${path} HTTP/1.1`)).join(""));
  while (started.length < 3) await new Promise((resolve) => setImmediate(resolve));
  socket.write("broken\r\n\r\n");
  const text = await answer;
  expect(text.match(/answer \/\d/g)).toEqual(["answer /1", "answer /2", "answer /3"]);
  expect(text).toContain("HTTP/1.1 400 ");
});

test("a client that ends its side within a request holds neither connection nor memory", async () => {
  await using server = await ListeningUnderTest.start();
  for (const text of ["GET / HT", `${head("POST / HTTP/1.1", "Content-Length: 10")}12345`]) {
    const socket = await server.open();
    socket.end(text);
    await untilClosed(socket);
  }
  expect(server.invoker.invocations).toEqual([]);
});

// The connection used to be closed half a second after the answer, over bytes that were still on their way.
test.each(["/refused", "/unknown"])(
  "a client that uploads for long to %s, and reads only then, gets its refusal and no reset",
  async (path) => {
    await using server = await ListeningUnderTest.start();
    const bytes = 80 * 1024 * 1024;
    const sent = request({
      host: "127.0.0.1",
      port: server.listeners.port,
      path,
      method: "POST",
      headers: { host: "localhost", "content-length": bytes },
    });
    const piece = Buffer.alloc(1024 * 1024, "x");
    const answered = once(sent, "response");
    for (let left = bytes; left > 0; left -= piece.length) {
      if (!sent.write(piece)) await once(sent, "drain");
      // Half of it at once, then a pause that is longer than the half second.
      if (left === bytes / 2) await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    sent.end();
    const [response] = (await answered) as [import("node:http").IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(path === "/refused" ? 403 : 404);
    await once(response, "end");
  },
);

test("a client that takes nothing of an API's answer is cut off, one that waits for more of it is not", async () => {
  const server = createServer((incoming, outgoing) => {
    cutStalled(outgoing, 100);
    if (incoming.url === "/large") outgoing.end(Buffer.alloc(50_000_000));
    else {
      outgoing.write("begun");
      setTimeout(() => outgoing.end(" and ended"), 500);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const waiting = await fetch(`http://127.0.0.1:${port}/silent`);
  expect(await waiting.text()).toBe("begun and ended");
  const stalled = connect(port, "127.0.0.1").pause();
  stalled.on("error", () => {});
  stalled.write("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const [accepted] = (await once(server, "connection")) as [Socket];
  await once(accepted, "close");
  stalled.destroy();
  server.close();
});
