import { createServer } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEgress, type OwnService, type RemoteOperations } from "../../../src/egress/index.ts";
import type { Value } from "../../../src/model/values.ts";

// What leads to a service of this process, and what does not.

const seen: string[] = [];
const ownService: OwnService = {
  origin: "http://own.test",
  fetch: async (request) => {
    const { method, url, headers } = request;
    if (url === "http://own.test/endless") {
      return new Response(new ReadableStream({ cancel: () => void seen.push("left") }));
    }
    seen.push(`${method} ${url} ${headers.get("x-one")} ${await request.text()}`);
    return Response.json({ hello: 1 }, { status: 201, headers: { "x-two": "2" } });
  },
};
const redirecting = createServer((message, response) => {
  response.writeHead(302, { location: "http://own.test/by-redirect" }).end();
  message.resume();
});
let egress: RemoteOperations;
let elsewhere: string;

beforeAll(async () => {
  egress = createEgress({
    allow: ["127.0.0.0/8"],
    ownService,
    resolve: async (name) => {
      throw Object.assign(new Error(`no ${name}`), { code: "ENOTFOUND" });
    },
  });
  await new Promise<void>((resolve) => redirecting.listen(0, "127.0.0.1", resolve));
  const address = redirecting.address();
  elsewhere = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/`;
});
afterAll(async () => {
  await egress.close();
  redirecting.close();
});

let handle = 0;
function open(url: string, more: object = {}, body: Value = null): Promise<Value> {
  const json = JSON.stringify({
    method: "GET",
    url,
    headers: [],
    redirect: "follow",
    hasBody: false,
    ...more,
  });
  return call("fetch.open", ++handle, json, body);
}

function call(operation: string, ...args: Value[]): Promise<Value> {
  return new Promise((resolve, reject) => {
    egress.start({ environmentId: 1, operation, args }, (error, value) =>
      error === undefined ? resolve(value ?? null) : reject(error),
    );
  });
}

async function* chunks(of: number): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = await call("fetch.read", of);
    if (chunk === null) return;
    yield chunk as Uint8Array;
  }
}

test("a request to its origin is answered in this process, whole", async () => {
  const head = await open(
    "http://own.test/a?b=1#c",
    { method: "POST", headers: [["X-One", "1"]], hasBody: true },
    Buffer.from("body"),
  );
  expect(seen.splice(0)).toEqual(["POST http://own.test/a?b=1 1 body"]);
  expect(JSON.parse(String(head))).toMatchObject({
    status: 201,
    headers: expect.arrayContaining([["x-two", "2"]]),
  });
  expect(await textOf(chunks(handle))).toBe('{"hello":1}');
});

test.each([
  "http://own.test.evil.test/",
  "http://own.test:8080/",
  "https://own.test/",
  "http://evil.test/http://own.test/",
  "http://evil.test/?http://own.test/",
])("%s is somebody else", async (url) => {
  await expect(open(url)).rejects.toMatchObject({ code: "ENOTFOUND" });
  expect(seen).toEqual([]);
});

test("a response that the guest leaves is told so, and what waits for it fails", async () => {
  await open("http://own.test/endless");
  const waiting = call("fetch.read", handle);
  waiting.catch(() => {});
  await call("fetch.close", handle);
  await expect(waiting).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(seen.splice(0)).toEqual(["left"]);
});

test("no redirect from elsewhere leads there", async () => {
  await expect(open(elsewhere)).rejects.toMatchObject({ code: "ENOTFOUND" });
  expect(seen).toEqual([]);
});
