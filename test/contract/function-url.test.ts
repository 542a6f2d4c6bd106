import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createUrlHandler, type UrlHandler } from "../../src/http/index.ts";
import { TooManyRequestsException } from "../../src/model/errors.ts";
import type { UrlTarget } from "../../src/model/functions.ts";
import {
  type ScriptedInvocation,
  ScriptedInvoker,
  scriptedSpec,
  scriptedUrl,
} from "../unit/http/scripted-invoker.ts";

const id = scriptedUrl.urlId;
const prelude = "application/vnd.awslambda.http-integration-response";
const nul = "\0".repeat(8);

interface Exchange {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
  host?: string;
}

interface Answer {
  status: number;
  /** Lower case; repeats in order. */
  headers: [string, string][];
  header(name: string): string | undefined;
  /** Rejects when the response does not end in order. */
  body(): Promise<Buffer>;
  /** The next bytes of the body as they come; undefined at the end. */
  next(): Promise<Buffer | undefined>;
  /** Goes away. */
  leave(): void;
}

interface Carrier {
  call(exchange: Exchange): Promise<Answer>;
  close(): Promise<void>;
}

/** Every promise that function URLs make to their clients, whatever carries them. */
function describeFunctionUrls(name: string, open: (urls: UrlHandler) => Promise<Carrier>) {
  describe(`function URLs through ${name}`, () => {
    let invoker: ScriptedInvoker;
    let target: UrlTarget;
    let carrier: Carrier;
    let bugs: unknown[];

    beforeEach(async () => {
      invoker = new ScriptedInvoker();
      bugs = [];
      target = { ...scriptedUrl };
      carrier = await open(
        createUrlHandler({
          directory: { findUrl: (urlId) => (urlId === id ? target : undefined) },
          invoker,
          config: {
            region: "us-east-1",
            domains: ["fn.example"],
            trustForwarded: false,
            streamBytesPerSecond: 0,
          },
          onBug: (error) => bugs.push(error),
        }),
      );
    });
    afterEach(async () => {
      await carrier.close();
      expect(bugs).toEqual([]);
    });

    const call = (exchange: Exchange = {}) => carrier.call(exchange);
    const plays = (script: (invocation: ScriptedInvocation) => void, isSynchronous = true) => {
      invoker.script = script;
      invoker.isSynchronous = isSynchronous;
    };
    const streams = () => {
      target = { ...target, invokeMode: "RESPONSE_STREAM" };
    };

    test.each([true, false])(
      "a function answers with status, headers, cookies and body (at once: %s)",
      async (now) => {
        plays((invocation) => {
          invocation.succeed({
            statusCode: 201,
            headers: { "X-A": "1" },
            cookies: ["a=1", "b=2"],
            body: "hällo",
          });
        }, now);
        const answer = await call({ path: "/p?q=1" });
        expect(answer.status).toBe(201);
        expect(answer.header("x-a")).toBe("1");
        expect(answer.header("content-type")).toBe("application/json");
        expect(answer.header("content-length")).toBe("6");
        expect(
          answer.headers.filter(([header]) => header === "set-cookie").map(([, value]) => value),
        ).toEqual(["a=1", "b=2"]);
        expect(answer.header("x-amzn-requestid")).toBe(invoker.last.requestId);
        expect(answer.header("x-amzn-trace-id")).toMatch(/^Root=1-.*;Sampled=0$/);
        expect((await answer.body()).toString()).toBe("hällo");
        expect(invoker.last.request.spec).toBe(scriptedSpec);
        expect(invoker.last.request.traceId).toContain(invoker.last.event.headers["x-amzn-trace-id"]);
        expect(invoker.last.event).toMatchObject({
          rawPath: "/p",
          rawQueryString: "q=1",
          requestContext: { apiId: id, requestId: invoker.last.requestId },
        });
      },
    );

    test("a binary body arrives whole, both ways", async () => {
      const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 256));
      plays((invocation) => {
        const { body, isBase64Encoded } = invocation.event;
        invocation.succeed({ statusCode: 200, body, isBase64Encoded });
      });
      const answer = await call({ method: "POST", headers: { "content-type": "a/b" }, body: bytes });
      expect(await answer.body()).toEqual(bytes);
    });

    test("a text body is text in the event", async () => {
      await call({ method: "PUT", headers: { "content-type": "text/plain" }, body: 'é"\\' });
      expect(invoker.last.event).toMatchObject({ body: 'é"\\', isBase64Encoded: false });
    });

    test("HEAD has the headers of the response and no body", async () => {
      plays((invocation) => invocation.succeed({ statusCode: 200, body: "12345" }));
      const answer = await call({ method: "HEAD" });
      expect(answer.header("content-length")).toBe("5");
      expect(await answer.body()).toHaveLength(0);
    });

    test.each([204, 304])("status %i has no body, whatever the function gives", async (statusCode) => {
      plays((invocation) => invocation.succeed({ statusCode, body: "not sent" }));
      const answer = await call();
      expect(answer.status).toBe(statusCode);
      expect(answer.header("content-length")).toBeUndefined();
      expect(await answer.body()).toHaveLength(0);
    });

    test.each([
      [
        "functionError",
        { kind: "functionError", payload: Buffer.from("{}"), errorType: "E", fatal: false },
        "Unhandled",
      ],
      ["timedOut", { kind: "timedOut", timeoutMs: 3000 }, "Sandbox.Timedout"],
      ["outOfMemory", { kind: "outOfMemory", memorySizeMb: 128 }, "Runtime.OutOfMemory"],
      ["exited", { kind: "exited", reason: "x" }, "Runtime.ExitError"],
      [
        "an invalid response",
        { kind: "success", payload: Buffer.from('{"statusCode":"x"}') },
        "InvalidResponse",
      ],
      [
        "a header injection",
        {
          kind: "success",
          payload: Buffer.from('{"statusCode":200,"headers":{"a":"b\\r\\nc: d"}}'),
        },
        "InvalidResponse",
      ],
    ] as const)("%s is a 502 that tells nothing but its kind", async (_name, outcome, kind) => {
      plays((invocation) => invocation.settle(outcome));
      const answer = await call();
      expect(answer.status).toBe(502);
      expect(answer.header("x-brisk-error-type")).toBe(kind);
      expect((await answer.body()).toString()).toBe("Internal Server Error");
    });

    test("an unknown URL is a 403, not a 404", async () => {
      const answer = await call({ host: `${"0".repeat(32)}.lambda-url.us-east-1.localhost` });
      expect(answer.status).toBe(403);
      expect(answer.header("x-amzn-errortype")).toBe("AccessDeniedException");
      expect((await answer.body()).toString()).toBe('{"Message":null}');
    });

    test.each([{ isPublic: false }, { authType: "AWS_IAM" as const }])(
      "%j is refused, and not invoked",
      async (change) => {
        target = { ...target, ...change };
        const answer = await call();
        expect(answer.status).toBe(403);
        expect((await answer.body()).toString()).toMatch(/^\{"Message":"Forbidden\. For troubleshooting/);
        expect(invoker.invocations).toHaveLength(0);
      },
    );

    test("a function that is not Active is a 503", async () => {
      target = { ...target, spec: undefined };
      expect((await call()).status).toBe(503);
    });

    test("a throttle is a 429 with Lambda's reason", async () => {
      invoker.refusal = new TooManyRequestsException("ConcurrentInvocationLimitExceeded");
      const answer = await call();
      expect(answer.status).toBe(429);
      expect(answer.header("retry-after")).toBe("1");
      expect(JSON.parse((await answer.body()).toString())).toEqual({
        Message: "Rate Exceeded.",
        Reason: "ConcurrentInvocationLimitExceeded",
      });
    });

    test("a body over 6 MB, or one that is so as base64, is a 413, and not invoked", async () => {
      for (const bytes of [6 * 1024 * 1024 + 1, 5 * 1024 * 1024]) {
        const answer = await call({ method: "POST", body: Buffer.alloc(bytes) });
        expect(answer.status).toBe(413);
        await answer.body();
      }
      expect(invoker.invocations).toHaveLength(0);
    });

    test("every domain serves the URL, and the path form does", async () => {
      for (const host of [`${id}.fn.example`, `${id.toUpperCase()}.LAMBDA-URL.us-east-1.FN.example.:81`]) {
        expect((await call({ host })).status).toBe(200);
        expect(invoker.last.event).toMatchObject({ requestContext: { apiId: id } });
      }
      expect((await call({ host: "localhost:9001", path: `/_url/${id}/x/y?z` })).status).toBe(200);
      expect(invoker.last.event).toMatchObject({ rawPath: "/x/y", rawQueryString: "z" });
      expect((await call({ host: "localhost:9001", path: "/x" })).status).toBe(403);
    });

    test("a preflight is answered without the function, also where signing is needed", async () => {
      target = {
        ...target,
        authType: "AWS_IAM",
        cors: { AllowOrigins: ["https://a.example"], AllowMethods: ["PUT"] },
      };
      const answer = await call({
        method: "OPTIONS",
        headers: { origin: "https://a.example", "access-control-request-method": "PUT" },
      });
      expect(answer.status).toBe(200);
      expect(answer.header("access-control-allow-origin")).toBe("https://a.example");
      expect(answer.header("access-control-allow-methods")).toBe("PUT");
      expect(await answer.body()).toHaveLength(0);
      expect(invoker.invocations).toHaveLength(0);
    });

    test("CORS headers are added to what the function, or its failure, answers", async () => {
      target = { ...target, cors: { AllowOrigins: ["*"] } };
      const headers = { origin: "https://b.example" };
      expect((await call({ headers })).header("access-control-allow-origin")).toBe("https://b.example");
      plays((invocation) => invocation.settle({ kind: "timedOut", timeoutMs: 1 }));
      expect((await call({ headers })).header("access-control-allow-origin")).toBe("https://b.example");
      expect((await call()).header("access-control-allow-origin")).toBeUndefined();
    });

    test("without CORS configured, OPTIONS goes to the function", async () => {
      plays((invocation) => invocation.succeed({ statusCode: 299 }));
      const headers = { origin: "https://b.example", "access-control-request-method": "PUT" };
      expect((await call({ method: "OPTIONS", headers })).status).toBe(299);
    });

    test("a stream's bytes leave as they are written, after its prelude", async () => {
      streams();
      plays(() => {});
      const pending = call();
      await untilInvoked(invoker);
      const invocation = invoker.last.stream(prelude, '{"statusCode":202,"headers":{"x-s":"1"}}', nul);
      const answer = await pending;
      expect(answer.status).toBe(202);
      expect(answer.header("x-s")).toBe("1");
      expect(answer.header("content-length")).toBeUndefined();
      for (const text of ["one", "two"]) {
        invocation.observer.chunk(Buffer.from(text));
        expect((await answer.next())?.toString()).toBe(text);
      }
      invocation.settle({ kind: "streamed" });
      expect(await answer.next()).toBeUndefined();
      expect(invocation.consumedBytes).toBe(40 + 8 + 6);
    });

    test("a stream without prelude is a 200 of its content type", async () => {
      streams();
      plays((invocation) =>
        invocation.stream("text/event-stream", "data: 1\n\n").settle({ kind: "streamed" }),
      );
      const answer = await call();
      expect(answer.status).toBe(200);
      expect(answer.header("content-type")).toBe("text/event-stream");
      expect((await answer.body()).toString()).toBe("data: 1\n\n");
    });

    test("an empty stream is an empty 200, also where a prelude was promised", async () => {
      streams();
      for (const type of ["text/plain", prelude]) {
        plays((invocation) => invocation.stream(type).settle({ kind: "streamed" }));
        const answer = await call();
        expect(answer.status).toBe(200);
        expect(await answer.body()).toHaveLength(0);
      }
    });

    test.each([
      [
        "fails before its first byte",
        (i: ScriptedInvocation) => i.stream("text/plain").settle({ kind: "timedOut", timeoutMs: 1 }),
      ],
      [
        "ends within its prelude",
        (i: ScriptedInvocation) => i.stream(prelude, "text").settle({ kind: "streamed" }),
      ],
      ["has a bad prelude", (i: ScriptedInvocation) => i.stream(prelude, `{"statusCode":1}${nul}x`)],
    ])("a stream that %s is a 502", async (_name, script) => {
      streams();
      plays(script);
      const answer = await call();
      expect(answer.status).toBe(502);
      expect((await answer.body()).toString()).toBe("Internal Server Error");
    });

    test("a stream that fails midway ends abnormally", async () => {
      streams();
      plays(() => {});
      const pending = call();
      await untilInvoked(invoker);
      invoker.last.stream("text/plain", "partial");
      const answer = await pending;
      expect((await answer.next())?.toString()).toBe("partial");
      invoker.last.settle({
        kind: "functionError",
        payload: Buffer.from("{}"),
        errorType: "E",
        fatal: false,
      });
      await expect(answer.next()).rejects.toThrow();
    });

    test("a stream over 200 MB is cut and stopped", async () => {
      streams();
      plays(() => {});
      const pending = call({ method: "HEAD" });
      await untilInvoked(invoker);
      const { observer } = invoker.last.stream("text/plain", "x");
      const block = Buffer.alloc(10 * 1024 * 1024);
      for (let i = 0; i < 20; i += 1) observer.chunk(block);
      await pending.then((answer) => answer.body()).catch(() => {});
      expect(invoker.last.isAborted).toBe(true);
    });

    test("a client that leaves stops the stream", async () => {
      streams();
      plays(() => {});
      const pending = call();
      await untilInvoked(invoker);
      invoker.last.stream("text/plain", "x");
      const answer = await pending;
      await answer.next();
      answer.leave();
      await invoker.last.aborted.promise;
      invoker.last.observer.chunk(Buffer.from("late"));
      invoker.last.settle({ kind: "aborted" });
    });

    test("a client that reads slowly holds back the function, and gets every byte", async () => {
      streams();
      plays(() => {});
      const pending = call();
      await untilInvoked(invoker);
      const chunk = Buffer.alloc(64 * 1024, "x");
      const invocation = invoker.last.stream("text/plain", chunk);
      const answer = await pending;
      // As a host does: never more than a window beyond what was consumed.
      let sent = chunk.length;
      while (invocation.consumedBytes === sent) {
        invocation.observer.chunk(chunk);
        sent += chunk.length;
        if (sent > 64 * 1024 * 1024) throw new Error("Nothing holds back the function");
      }
      const body = answer.body();
      await invocation.untilConsumed(sent);
      invocation.settle({ kind: "streamed" });
      expect((await body).length).toBe(sent);
    });

    test("a function that does not stream answers in RESPONSE_STREAM mode by the same rules", async () => {
      streams();
      plays((invocation) => invocation.succeed({ statusCode: 203, body: "b" }));
      const answer = await call();
      expect(answer.status).toBe(203);
      expect((await answer.body()).toString()).toBe("b");
    });

    test("a streaming function in BUFFERED mode is collected, its prelude honoured", async () => {
      plays(
        (invocation) =>
          invocation.stream(prelude, '{"statusCode":206}', nul, "a", "b").settle({ kind: "streamed" }),
        false,
      );
      const answer = await call();
      expect(answer.status).toBe(206);
      expect(answer.header("content-length")).toBe("2");
      expect((await answer.body()).toString()).toBe("ab");
      expect(invoker.last.consumedBytes).toBe(28);
    });

    test("a streaming function in BUFFERED mode gives a 502 when it fails midway or exceeds 6 MB", async () => {
      plays((invocation) => invocation.stream("text/plain", "a").settle({ kind: "exited", reason: "" }));
      expect((await call()).status).toBe(502);
      plays((invocation) =>
        invocation.stream("text/plain", Buffer.alloc(4_000_000), Buffer.alloc(4_000_000)),
      );
      expect((await call()).status).toBe(502);
      expect(invoker.last.isAborted).toBe(true);
    });
  });
}

async function untilInvoked(invoker: ScriptedInvoker): Promise<void> {
  while (invoker.invocations.length === 0) await new Promise((resolve) => setImmediate(resolve));
}

const defaultHost = `${id}.lambda-url.us-east-1.localhost:9000`;

describeFunctionUrls("node:http", async (urls) => {
  const server = createServer(urls.node);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    call: ({ method = "GET", path = "/", headers = {}, body, host = defaultHost }) =>
      new Promise((resolve, reject) => {
        const request = httpRequest(
          { host: "127.0.0.1", port, method, path, headers: { ...headers, host }, agent: false },
          (response) => resolve(nodeAnswer(response, () => request.destroy())),
        );
        request.on("error", reject);
        request.end(body);
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
});

function nodeAnswer(response: IncomingMessage, leave: () => void): Answer {
  const headers: [string, string][] = [];
  for (let i = 0; i < response.rawHeaders.length; i += 2)
    headers.push([response.rawHeaders[i]?.toLowerCase() ?? "", response.rawHeaders[i + 1] ?? ""]);
  response.on("error", () => {});
  const chunks = response[Symbol.asyncIterator]();
  const next = async (): Promise<Buffer | undefined> => {
    const { value, done } = await chunks.next();
    return done ? undefined : value;
  };
  return {
    status: response.statusCode ?? 0,
    headers,
    header: (name) => headers.find(([header]) => header === name)?.[1],
    next,
    body: () => readAll(next),
    leave,
  };
}

describeFunctionUrls("web-standard Request and Response", async (urls) => ({
  call: async ({ method = "GET", path = "/", headers = {}, body, host = defaultHost }) => {
    const controller = new AbortController();
    const request = new Request(`http://${host}${path}`, {
      method,
      headers,
      signal: controller.signal,
      ...(body === undefined ? {} : { body }),
    });
    const response = await urls.fetch(request);
    const reader = response.body?.getReader();
    const next = async (): Promise<Buffer | undefined> => {
      const { value, done } = (await reader?.read()) ?? { done: true };
      return done || value === undefined ? undefined : Buffer.from(value);
    };
    return {
      status: response.status,
      headers: [...response.headers],
      header: (name) => response.headers.get(name) ?? undefined,
      next,
      body: () => readAll(next),
      leave: () => controller.abort(),
    };
  },
  close: async () => {},
}));

async function readAll(next: () => Promise<Buffer | undefined>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = await next();
    if (chunk === undefined) return Buffer.concat(chunks);
    chunks.push(chunk);
  }
}
