import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withDependencies } from "./example-folder.ts";
import { startServer, type TestServer } from "./server.ts";

const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

let server: TestServer;
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "brisk-examples-"));
  server = await startServer();
});
afterAll(async () => {
  await server?.close();
  await rm(scratch, { recursive: true, force: true });
});

/** A copy of an example with its dependencies beside it, as `npm install` leaves it. */
async function installed(name: string): Promise<string> {
  const folder = join(scratch, name);
  await cp(example(name), folder, { recursive: true });
  await withDependencies(folder);
  return folder;
}

describe("examples", () => {
  test("hello answers a URL and an invocation of the AWS SDK", async () => {
    const hello = await server.deploy({ path: example("hello") });
    const response = await server.request(hello, "/?name=you");
    expect([response.status, JSON.parse(response.text).message]).toEqual([200, "Hello you!"]);
    const { Payload, FunctionError } = await server.client.send(
      new InvokeCommand({ FunctionName: "hello", Payload: JSON.stringify({ a: 1 }) }),
    );
    expect(FunctionError).toBeUndefined();
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual({
      message: "Hello from Brisk!",
      event: { a: 1 },
    });
  });

  test("typescript-zod takes an order and names the fields of a wrong one", async () => {
    const orders = await server.deploy({ path: await installed("typescript-zod") });
    const post = (body: unknown) =>
      server.request(orders, "/", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const good = await post({ item: "tea", quantity: 3, priceCents: 250 });
    expect([good.status, JSON.parse(good.text)]).toEqual([200, { item: "tea", totalCents: 750 }]);
    const bad = await post({ item: "", quantity: 0.5 });
    const fields = (JSON.parse(bad.text) as { problems: { field: string }[] }).problems.map(
      ({ field }) => field,
    );
    expect([bad.status, [...new Set(fields)]]).toEqual([400, ["item", "quantity", "priceCents"]]);
  });

  test("hono answers routes, queries and bodies", async () => {
    const app = await server.deploy({ path: await installed("hono") });
    expect((await server.request(app)).text).toBe("Hono on Brisk");
    const hello = await server.request(app, "/hello/w%C3%B6rld?a=1");
    expect(JSON.parse(hello.text)).toEqual({ hello: "wörld", query: { a: "1" } });
    const echo = await server.request(app, "/echo", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ä: [1] }),
    });
    expect([echo.status, echo.headers["x-example"], JSON.parse(echo.text)]).toEqual([
      201,
      "hono",
      { ä: [1] },
    ]);
    expect((await server.request(app, "/nowhere")).status).toBe(404);
  });

  test("hono streams through streamHandle", async () => {
    const path = await installed("hono");
    const app = await server.deploy({ name: "hono-stream", path, handler: "stream.handler", url: "stream" });
    const events = await server.request(app, "/events");
    expect(events.headers["content-type"]).toContain("text/event-stream");
    expect(events.text.match(/^data: .*$/gm)).toEqual(['data: {"id":1}', 'data: {"id":2}', 'data: {"id":3}']);
    expect((await server.request(app)).text).toBe("Hono on Brisk");
  });

  test("express answers through serverless-http: routes, bodies, redirects, cookies, errors", async () => {
    const app = await server.deploy({ path: await installed("express") });
    const root = await server.request(app);
    expect([root.status, root.text, root.headers["content-type"]]).toEqual([
      200,
      "Express on Brisk",
      "text/html; charset=utf-8",
    ]);
    expect((await server.request(app, "/notes/1")).status).toBe(404);
    const put = (body: string) =>
      server.request(app, "/notes/1", {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body,
      });
    const made = await put(JSON.stringify({ text: "tea" }));
    expect([made.status, made.headers["location"]]).toEqual([201, "/notes/1"]);
    expect(JSON.parse((await server.request(app, "/notes/1")).text)).toEqual({ id: "1", text: "tea" });
    const broken = await put("{");
    expect([broken.status, JSON.parse(broken.text)]).toEqual([
      400,
      { error: expect.stringContaining("JSON") },
    ]);
    const cookie = await server.request(app, "/cookie");
    expect([cookie.status, cookie.headers["location"]]).toEqual([302, "/"]);
    expect(cookie.headers["set-cookie"]).toEqual([expect.stringContaining("seen=yes")]);
  });

  test("token-stream sends its tokens as events and says why it ended", async () => {
    const tokens = await server.deploy({ path: example("token-stream"), url: "stream" });
    const response = await server.request(tokens, "/?prompt=why");
    expect([response.status, response.headers["content-type"]]).toEqual([200, "text/event-stream"]);
    const sent = [...response.text.matchAll(/^data: (\{"token".*)$/gm)].map(
      ([, json]) => JSON.parse(json ?? "").token,
    );
    expect(sent.join("")).toBe("You asked: why. Here is an answer that arrives one token at a time.");
    expect(response.text).toContain(`"tokens":${sent.length},"stopReason":"end_turn"`);
  });

  test("environment reads what it was configured with", async () => {
    const fn = await server.deploy({
      path: example("environment"),
      environment: { GREETING: "Servus" },
      memorySizeMb: 256,
    });
    expect(JSON.parse((await server.request(fn, "/?name=Ada")).text)).toEqual({
      message: "Servus, Ada!",
      function: "environment",
      region: "us-east-1",
      memoryMb: 256,
      runtime: "AWS_Lambda_nodejs22.x",
    });
  });
});
