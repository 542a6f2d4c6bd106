import http from "node:http";
import { PassThrough } from "node:stream";
import { beforeAll, describe, expect, test } from "vitest";
import { type Guest, type GuestModule, loadGuest } from "./guest-modules.ts";

let guest: Guest;
beforeAll(async () => {
  guest = await loadGuest();
});

type Steps = (response: http.ServerResponse) => void;

/** What a response writes to its socket, and what it says of itself, without the date. */
async function written(module: GuestModule, steps: Steps, method = "GET"): Promise<unknown> {
  const response = new module.ServerResponse({ method, httpVersionMajor: 1, httpVersionMinor: 1 });
  const socket = new PassThrough();
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  const events: string[] = [];
  for (const name of ["prefinish", "finish"]) response.on(name, () => events.push(name));
  response.assignSocket(socket);
  let thrown: string | undefined;
  try {
    steps(response);
  } catch (error) {
    thrown = (error as { code?: string }).code ?? (error as Error).name;
  }
  await new Promise((resolve) => setImmediate(resolve));
  const { headersSent, writableEnded, finished, statusCode, statusMessage } = response;
  return {
    message: parsed(Buffer.concat(chunks).toString()),
    headers: { ...response.getHeaders() },
    ...{ headersSent, writableEnded, finished, statusCode, statusMessage, events, thrown },
  };
}

/** Order of headers and cuts between chunks may differ: HTTP gives them no meaning. */
function parsed(text: string): unknown {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return text;
  const [line, ...headers] = text.slice(0, end).split("\r\n");
  const body = text.slice(end + 4);
  const isChunked = headers.includes("Transfer-Encoding: chunked");
  return {
    line,
    headers: headers.filter((header) => !header.startsWith("Date: ")).toSorted(),
    body: isChunked ? unchunked(body) : body,
  };
}

function unchunked(body: string): string[] {
  let text = "";
  let rest = Buffer.from(body);
  for (;;) {
    const end = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.subarray(0, end).toString(), 16);
    if (!(size > 0)) return [text, rest.toString()];
    text += rest.subarray(end + 2, end + 2 + size).toString();
    rest = rest.subarray(end + 2 + size + 2);
  }
}

describe("ServerResponse", () => {
  test.each<[string, Steps, string?]>([
    ["an empty end", (response) => response.end()],
    ["a body in one piece has a length", (response) => response.end("hällo")],
    [
      "a body in pieces is chunked",
      (response) => {
        response.write("one");
        response.write(Buffer.from("two"));
        response.end("three");
      },
    ],
    [
      "headers of all kinds",
      (response) => {
        response.setHeader("X-One", "1").setHeader("Set-Cookie", ["a=1", "b=2"]).setHeader("x-number", 5);
        response.appendHeader("x-one", "2");
        response.removeHeader("x-number");
        response.end("x");
      },
    ],
    [
      "writeHead with reason and headers",
      (response) => response.writeHead(201, "Made", { "Content-Type": "text/plain" }).end("x"),
    ],
    [
      "writeHead over set headers",
      (response) => {
        response.setHeader("a", "1");
        response.writeHead(404, { a: "2", b: "3" }).end();
      },
    ],
    ["writeHead with a flat list", (response) => response.writeHead(200, ["x-a", "1", "x-b", "2"]).end()],
    ["no body for 204", (response) => response.writeHead(204).end("ignored")],
    [
      "no body for 304",
      (response) => {
        response.statusCode = 304;
        response.end();
      },
    ],
    ["no body for HEAD", (response) => response.setHeader("content-length", 5).end("12345"), "HEAD"],
    ["a stated length", (response) => response.setHeader("Content-Length", 3).end("abc")],
    ["connection close", (response) => response.setHeader("Connection", "close").end("x")],
    [
      "flushHeaders first",
      (response) => {
        response.flushHeaders();
        response.end("later");
      },
    ],
    [
      "trailers",
      (response) => {
        response.setHeader("Trailer", "x-sum");
        response.write("a");
        response.addTrailers({ "x-sum": "1" });
        response.end();
      },
    ],
    ["an unknown status", (response) => response.writeHead(799).end()],
    ["a bad status", (response) => response.writeHead(42)],
    [
      "a header after the head",
      (response) => {
        response.write("x");
        response.setHeader("a", "b");
      },
    ],
    ["a bad header name", (response) => response.setHeader("a b", "c")],
    ["a bad header value", (response) => response.setHeader("a", "b\r\nc: d")],
    ["an undefined header value", (response) => response.setHeader("a", undefined as unknown as string)],
    ["a wrong chunk", (response) => response.write(5 as unknown as string)],
    [
      "a second head",
      (response) => {
        response.writeHead(200);
        response.writeHead(200);
      },
    ],
  ])("%s is as Node's", async (_name, steps, method) => {
    expect(await written(guest.require("node:http"), steps, method)).toEqual(
      await written(http, steps, method),
    );
  });

  test("can be built on by ES5 and by class, and given another prototype, as adapters and Express do", () => {
    const { ServerResponse } = guest.require("node:http");
    function Old(this: object) {
      ServerResponse.call(this, { method: "GET" });
    }
    Object.setPrototypeOf(Old.prototype, ServerResponse.prototype);
    const old = new (Old as unknown as new () => http.ServerResponse)();
    const changed = new (class extends (ServerResponse as new (request: object) => http.ServerResponse) {})({
      method: "GET",
    });
    Object.setPrototypeOf(changed, Object.create(ServerResponse.prototype));
    for (const response of [old, changed]) {
      response.setHeader("A", "1");
      expect([response.getHeader("a"), response.headersSent]).toEqual(["1", false]);
    }
  });
});

describe("IncomingMessage", () => {
  test("joins repeated headers as Node's", () => {
    const raw = [
      "A",
      "1",
      "a",
      "2",
      "Set-Cookie",
      "x",
      "set-cookie",
      "y",
      "Cookie",
      "a=1",
      "cookie",
      "b=2",
      "Host",
      "h",
      "host",
      "i",
    ];
    const headersOf = (module: GuestModule) => {
      const message = new module.IncomingMessage(new PassThrough() as never);
      // What the parser calls.
      message._addHeaderLines(raw, raw.length);
      return { ...message.headers };
    };
    const headers = headersOf(guest.require("node:http"));
    expect(headers).toEqual(headersOf(http));
    expect(headers).toEqual({ a: "1, 2", "set-cookie": ["x", "y"], cookie: "a=1; b=2", host: "h" });
  });
});

describe("http.request", () => {
  test("sends method, path, headers and body over a socket, and reads the answer piece by piece", async () => {
    let sent = "";
    const asked = Promise.withResolvers<void>();
    const targets: unknown[] = [];
    const pieces = ["HTTP/1.1 201 Made\r\nx-a: b\r\ncontent-length: 6\r\n\r\n", "one", "two"];
    guest.onRemote = async (operation, args) => {
      if (operation === "net.connect") {
        targets.push(JSON.parse(String(args[1])));
        return "{}";
      }
      if (operation === "net.write") {
        sent += Buffer.from(args[1] as Uint8Array).toString();
        if (sent.endsWith("0\r\n\r\n")) asked.resolve();
      }
      if (operation !== "net.read") return null;
      await asked.promise;
      const piece = pieces.shift();
      return piece === undefined ? null : new Uint8Array(Buffer.from(piece));
    };
    const { request } = guest.require("node:http");
    const target = { hostname: "192.0.2.1", port: 8080, path: "/p?q=1", method: "PUT" };
    const answer = await new Promise((resolve, reject) => {
      const sending = request(
        { ...target, headers: { "X-A": "1" }, auth: "u:p" },
        (response: http.IncomingMessage) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => (text += chunk));
          response.on("end", () =>
            resolve([response.statusCode, response.headers["x-a"], text, response.complete]),
          );
        },
      );
      sending.on("error", reject);
      sending.write("bo");
      sending.end("dy");
    });
    expect(answer).toEqual([201, "b", "onetwo", true]);
    expect(targets).toMatchObject([{ host: "192.0.2.1", port: 8080 }]);
    const [head, body] = sent.split(/\r\n\r\n(.*)/s);
    expect(head?.split("\r\n")).toEqual(
      expect.arrayContaining([
        "PUT /p?q=1 HTTP/1.1",
        "X-A: 1",
        "Authorization: Basic dTpw",
        "Host: 192.0.2.1:8080",
      ]),
    );
    expect(body).toBe("2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n");
  });

  test("a failed connection is an error event with the host's code; destroy closes the socket", async () => {
    guest.onRemote = async (operation) => {
      if (operation === "net.connect") throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
      return null;
    };
    const { get } = guest.require("node:http");
    const failureOf = (request: http.ClientRequest) =>
      new Promise((resolve) => request.on("error", (error: { code?: string }) => resolve(error.code)));
    expect(await failureOf(get("http://192.0.2.1:1/"))).toBe("ECONNREFUSED");
    const closed = new Promise((resolve) => {
      guest.onRemote = (operation) => {
        if (operation === "net.close") resolve(true);
        return new Promise(() => {});
      };
    });
    const pending = get("http://192.0.2.1:1/");
    const failed = failureOf(pending);
    setImmediate(() => pending.destroy());
    expect([await failed, await closed]).toEqual(["ECONNRESET", true]);
  });
});
