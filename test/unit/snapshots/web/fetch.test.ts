import { beforeEach, describe, expect, test } from "vitest";
import { OperationError, type Value } from "../../../../src/model/values.ts";
import { guest, outcome, remote } from "./guest.ts";

async function same(run: (realm: typeof globalThis) => unknown): Promise<void> {
  expect(await outcome(() => run(guest))).toEqual(await outcome(() => run(globalThis)));
}

describe("Headers", () => {
  const inits: unknown[] = [
    ...[
      undefined,
      {},
      { A: "1", "b-c": " x\t" },
      [
        ["a", "1"],
        ["A", "2"],
      ],
      [
        ["set-cookie", "a=1"],
        ["Set-Cookie", "b=2"],
      ],
    ],
    ...[
      null,
      1,
      "x",
      [["a"]],
      [["a", "b", "c"]],
      ["ab"],
      [1],
      { "a b": "1" },
      { a: "x\ny" },
      { a: "x\0" },
      { a: "ü" },
      { a: "€" },
    ],
    ...[
      { "": "x" },
      new Map([["k", "v"]]),
      { a: 1, b: null },
      new Headers({ q: "1" }),
      { [Symbol("s")]: "x" },
      { cookie: "a" },
    ],
  ];
  test.each(inits.map((init) => [init]))("made of %o are as Node's", (init) =>
    same((realm) => [...new realm.Headers(init as Record<string, string>)]),
  );

  test("methods do what Node's do", () =>
    same((realm) => {
      const headers = new realm.Headers({ b: "1", a: "2" });
      headers.append("B", "3");
      headers.append("set-cookie", "x=1");
      headers.append("set-cookie", "y=2");
      headers.append("cookie", "p");
      headers.append("cookie", "q");
      headers.set("c", "9");
      headers.delete("A");
      const seen: unknown[] = [...headers, headers.get("b"), headers.get("no"), headers.has("SET-COOKIE")];
      seen.push(headers.get("set-cookie"), headers.getSetCookie(), headers.get("cookie"));
      headers.forEach((value, name) => void seen.push([name, value]));
      headers.set("set-cookie", "z=3");
      seen.push(headers.getSetCookie(), Object.prototype.toString.call(headers.keys()));
      return seen;
    }));
});

const bodies: [string, (realm: typeof globalThis) => unknown][] = [
  ["text", () => "ü\ud800x"],
  ["a number", () => 5],
  ["an object", () => ({})],
  ["nothing", () => null],
  ["bytes", () => new Uint8Array([1, 2, 3]).subarray(1)],
  ["a buffer", () => new Uint8Array([0x61, 0x62]).buffer],
  ["a blob", (realm) => new realm.Blob(["b", new Uint8Array([0x63])], { type: "A/B" })],
  ["query parameters", (realm) => new realm.URLSearchParams({ a: "1 2" })],
  ["a stream", (realm) => streamOf(realm, [new Uint8Array([0x61]), new Uint8Array([0x62])])],
  ["a stream of text", (realm) => streamOf(realm, ["a"])],
];

function streamOf(realm: typeof globalThis, chunks: unknown[]): ReadableStream {
  return new realm.ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

describe("Response", () => {
  for (const [name, make] of bodies) {
    for (const read of ["text", "arrayBuffer", "bytes", "blob", "json"] as const) {
      test(`of ${name} read by ${read}()`, () =>
        same(async (realm) => {
          const response = new realm.Response(make(realm) as string);
          const clone = response.clone();
          const before = response.bodyUsed;
          const result: unknown = await response[read]();
          const bytes = result instanceof ArrayBuffer ? [...new Uint8Array(result)] : result;
          const blob = bytes as Blob;
          const shown = read === "blob" ? [blob.type, blob.size, await blob.text()] : bytes;
          return [before, response.bodyUsed, response.headers.get("content-type"), shown, await clone.text()];
        }));
    }
  }

  test("is read once", async () => {
    for (const [, make] of bodies.slice(0, 9)) {
      await same(async (realm) => {
        const response = new realm.Response(make(realm) as string);
        await response.text();
        return response.text();
      });
      await same(async (realm) => {
        const response = new realm.Response(make(realm) as string);
        const reader = response.body?.getReader();
        const first = await reader?.read();
        return [
          response.bodyUsed,
          first?.done,
          await outcome(() => response.text()),
          await outcome(() => response.clone()),
        ];
      });
    }
  });

  const inits: unknown[] = [
    ...[
      { status: 199 },
      { status: 600 },
      { status: 204 },
      { status: 404, statusText: "No" },
      { statusText: "\n" },
      5,
      null,
    ],
    ...[{ headers: { "Content-Type": "x/y" } }, { status: "201" }, { status: 65_736 }],
  ];
  test.each(inits.map((init) => [init]))("with init %o", (init) =>
    same((realm) => {
      const response = new realm.Response("x", init as ResponseInit);
      return [response.status, response.statusText, response.ok, response.type, [...response.headers]];
    }),
  );

  test("json(), redirect() and error()", async () => {
    await same(async (realm) => {
      const json = realm.Response.json({ a: 1 }, { status: 201, headers: { x: "y" } });
      const redirect = realm.Response.redirect("http://h/ü", 301);
      const error = realm.Response.error();
      return [
        ...[await json.text(), json.status, [...json.headers], redirect.status, [...redirect.headers]],
        ...[error.type, error.status, await outcome(() => error.headers.set("a", "b"))],
        await outcome(() => redirect.headers.set("a", "b")),
      ];
    });
    await same((realm) => realm.Response.redirect("http://h/", 200 as 301));
    await same((realm) => realm.Response.redirect("nope"));
    await same((realm) => realm.Response.json(undefined));
    await same((realm) =>
      realm.Response.json(1, { headers: { "content-type": "a/b" } }).headers.get("content-type"),
    );
  });
});

describe("Request", () => {
  const cases: [string, RequestInit?][] = [
    ["http://h/a?b#c"],
    ["nope"],
    ["http://u:p@h/"],
    ["http://h/", { method: "post", body: "x" }],
    ["http://h/", { method: "patch" }],
    ["http://h/", { method: "TRACE" }],
    ["http://h/", { method: "a b" }],
    ["http://h/", { body: "x" }],
    ["http://h/", { redirect: "nope" as "follow" }],
    [
      "http://h/",
      { redirect: "manual", cache: "no-store", credentials: "omit", keepalive: true, integrity: "i" },
    ],
    ["http://h/", { mode: "navigate" }],
    ["http://h/", { method: "POST", body: "x", headers: { "content-type": "a/b" } }],
    ["http://h/", { signal: {} as AbortSignal }],
    ["http://h/", null as unknown as RequestInit],
  ];
  test.each(cases)("%j %j", (url, init) =>
    same(async (realm) => {
      const request = new realm.Request(url, init);
      const {
        method,
        redirect,
        cache,
        credentials,
        mode,
        keepalive,
        integrity,
        referrer,
        destination,
        duplex,
      } = request as unknown as Record<string, unknown>;
      return [
        ...[
          request.url,
          method,
          redirect,
          cache,
          credentials,
          mode,
          keepalive,
          integrity,
          referrer,
          destination,
          duplex,
        ],
        ...[[...request.headers], await request.text(), request.signal.aborted],
      ];
    }),
  );

  test("made of another takes its body, and clone() copies it", () =>
    same(async (realm) => {
      const first = new realm.Request("http://h/", { method: "POST", body: "abc", headers: { a: "1" } });
      const second = new realm.Request(first, { headers: { b: "2" } });
      const clone = second.clone();
      return [
        ...[first.bodyUsed, await outcome(() => first.text()), [...second.headers], second.method],
        ...[await second.text(), await clone.text(), clone.method, [...clone.headers]],
      ];
    }));

  test("a stream as its body needs duplex", async () => {
    await same(
      (realm) => new realm.Request("http://h/", { method: "POST", body: streamOf(realm, []) }).method,
    );
    await same((realm) => {
      const init = { method: "POST", body: streamOf(realm, []), duplex: "half" };
      return new realm.Request("http://h/", init as RequestInit).method;
    });
  });

  test("follows its signal, also as a clone", () =>
    same((realm) => {
      const controller = new realm.AbortController();
      const request = new realm.Request("http://h/", { signal: controller.signal });
      const clone = request.clone();
      controller.abort("why");
      return [
        request.signal.aborted,
        request.signal.reason,
        clone.signal.aborted,
        request.signal === controller.signal,
      ];
    }));
});

describe("FormData and Blob", () => {
  test("FormData does what Node's does", () =>
    same(async (realm) => {
      const form = new realm.FormData();
      form.append("a", "1");
      form.append("a", "2\ud800");
      form.append("f", new realm.Blob(["x"], { type: "t/p" }));
      form.append("g", new realm.File(["y"], "n.txt", { lastModified: 5 }), "other");
      form.set("a", "3");
      form.delete("no");
      const seen: unknown[] = [
        form.get("a"),
        form.getAll("a"),
        form.has("f"),
        [...form.keys()],
        form.get("no"),
      ];
      for (const value of form.getAll("f").concat(form.getAll("g"))) {
        const file = value as File;
        seen.push([file.name, file.type, await file.text(), Object.prototype.toString.call(file)]);
      }
      seen.push(await outcome(() => (form.append as (...args: unknown[]) => void)("x", "y", "z")));
      return seen;
    }));

  test("multipart goes out and comes back", () =>
    same(async (realm) => {
      const form = new realm.FormData();
      form.append('na"me\n', "va\nl\r\nue");
      form.append("empty", "");
      form.append(
        "file",
        new realm.File([new Uint8Array([0, 255, 13, 10, 45, 45])], 'a"b.bin', { type: "x/y" }),
      );
      form.append("untyped", new realm.File([""], "e"));
      const back = await new realm.Response(form).formData();
      const seen: unknown[] = [];
      for (const [name, value] of back) {
        if (typeof value === "string") seen.push([name, value]);
        else seen.push([name, value.name, value.type, [...new Uint8Array(await value.arrayBuffer())]]);
      }
      return seen;
    }));

  const multiparts: [string, string][] = [
    [
      "multipart/form-data; boundary=b",
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n',
    ],
    ["multipart/form-data; boundary=b", '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--'],
    ["multipart/form-data; boundary=b", "--b--\r\n"],
    ["multipart/form-data; boundary=b", ""],
    ["multipart/form-data", "--b--\r\n"],
    ["multipart/form-data; boundary=b", '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'],
    ["multipart/form-data; boundary=b", "--b\r\nContent-Type: x\r\n\r\n1\r\n--b--"],
    ["multipart/form-data; boundary=b", '--b\r\nContent-Disposition: attachment; name="a"\r\n\r\n1\r\n--b--'],
    ["application/x-www-form-urlencoded;charset=utf-8", "a=1&b=%C3%BC+x&a=2"],
    ["application/x-www-form-urlencoded", "?a=1&\uFEFFb=\uFEFF"],
    ["application/x-www-form-urlencoded", "\uFEFFa=1"],
    ["text/plain", "a=1"],
  ];
  test.each(multiparts)("formData() of %j %j", (type, text) =>
    same(async (realm) => [
      ...(await new realm.Response(text, { headers: { "content-type": type } }).formData()),
    ]),
  );

  const blobs: [unknown, unknown?][] = [
    [undefined],
    [["a", new Uint8Array([98]), new Uint8Array([99]).buffer, 5, null, "\ud800"]],
    [["x"], { type: "TEXT/Plain" }],
    [["x"], { type: "ü" }],
    [["a\r\nb\nc\rd"], { endings: "native" }],
    [["x"], { endings: "no" }],
    ["abc"],
    [5],
    [null],
    [{}],
    [new Set(["s"])],
  ];
  test.each(blobs)("Blob(%o, %o)", (parts, options) =>
    same(async (realm) => {
      const blob = new realm.Blob(parts as string[], options as BlobPropertyBag);
      const slices = [
        blob.slice(1),
        blob.slice(-2),
        blob.slice(1, 2, "A/b"),
        blob.slice(2, 1),
        blob.slice(-99, 99),
      ];
      const texts = [];
      for (const slice of slices) texts.push([slice.size, slice.type, await slice.text()]);
      return [blob.size, blob.type, await blob.text(), texts, [...new Uint8Array(await blob.arrayBuffer())]];
    }),
  );

  test("a Blob streams", () =>
    same(async (realm) => {
      const chunks = [];
      for await (const chunk of new realm.Blob(["ab", "c"]).stream() as never as AsyncIterable<Uint8Array>) {
        chunks.push(...chunk);
      }
      return chunks;
    }));
});

describe("fetch", () => {
  let calls: Value[][] = [];
  const answer = {
    status: 200,
    statusText: "OK",
    url: "http://h/final",
    redirected: true,
    headers: [["x", "y"]],
  };

  function supervise(operations: Record<string, (...args: Value[]) => Promise<Value>>): void {
    remote.clear();
    for (const name of ["fetch.open", "fetch.read", "fetch.write", "fetch.endBody", "fetch.close"]) {
      remote.set(name, async (...args) => {
        calls.push([name, ...args.slice(1)]);
        return operations[name]?.(...args) ?? null;
      });
    }
  }
  beforeEach(() => {
    calls = [];
  });

  test("sends the request and reads the answer as it is wanted", async () => {
    const chunks = [new Uint8Array([0x61]), new Uint8Array([0x62]), null];
    supervise({
      "fetch.open": async () => JSON.stringify(answer),
      "fetch.read": async () => chunks.shift() ?? null,
    });
    const response = await guest.fetch("http://h/a#frag", { method: "put", body: "hé", headers: { q: "1" } });
    expect(JSON.parse(calls[0]?.[1] as string)).toEqual({
      method: "PUT",
      url: "http://h/a#frag",
      headers: [
        ["content-type", "text/plain;charset=UTF-8"],
        ["q", "1"],
      ],
      redirect: "follow",
      hasBody: true,
    });
    expect(calls[0]?.[2]).toEqual(new TextEncoder().encode("hé"));
    expect([response.status, response.url, response.redirected, response.type]).toEqual([
      200,
      "http://h/final",
      true,
      "basic",
    ]);
    expect(() => response.headers.set("a", "b")).toThrow(TypeError);
    expect(calls.length).toBe(1);
    expect(await response.text()).toBe("ab");
    expect(calls.map(([name]) => name)).toEqual(["fetch.open", "fetch.read", "fetch.read", "fetch.read"]);
  });

  test("streams the body both ways, one piece at a time", async () => {
    const accepted: (() => void)[] = [];
    const opened = Promise.withResolvers<Value>();
    supervise({
      "fetch.open": () => opened.promise,
      "fetch.write": () => new Promise((resolve) => accepted.push(() => resolve(null))),
      "fetch.endBody": async () => {
        opened.resolve(JSON.stringify(answer));
        return null;
      },
    });
    const body = streamOf(guest, [new Uint8Array([1]), new Uint8Array([2])]);
    const pending = guest.fetch("http://h/", { method: "POST", body, duplex: "half" } as RequestInit);
    await expect.poll(() => accepted.length).toBe(1);
    accepted[0]?.();
    await expect.poll(() => accepted.length).toBe(2);
    accepted[1]?.();
    const response = await pending;
    expect(calls.map(([name]) => name)).toEqual([
      "fetch.open",
      "fetch.write",
      "fetch.write",
      "fetch.endBody",
    ]);
    expect((await response.body?.getReader().read())?.done).toBe(true);
  });

  test("a body that is not bytes fails the fetch and ends the connection", async () => {
    supervise({ "fetch.open": () => new Promise(() => {}) });
    const init = { method: "POST", body: streamOf(guest, ["text"]), duplex: "half" } as RequestInit;
    expect(await outcome(() => guest.fetch("http://h/", init))).toEqual({ error: "TypeError" });
    expect(calls.map(([name]) => name)).toContain("fetch.close");
  });

  test("a refusal is `fetch failed` with the code as its cause", async () => {
    supervise({
      "fetch.open": async () => {
        throw new OperationError("EGRESS_DENIED", "Cannot connect to 127.0.0.1");
      },
    });
    await expect(guest.fetch("http://127.0.0.1/")).rejects.toThrow(
      expect.objectContaining({
        message: "fetch failed",
        cause: expect.objectContaining({ code: "EGRESS_DENIED", message: "Cannot connect to 127.0.0.1" }),
      }),
    );
  });

  test("a failure in the middle is `terminated`", async () => {
    supervise({
      "fetch.open": async () => JSON.stringify(answer),
      "fetch.read": async () => {
        throw new OperationError("ECONNRESET", "gone");
      },
    });
    const response = await guest.fetch("http://h/");
    await expect(response.text()).rejects.toThrow(
      expect.objectContaining({
        message: "terminated",
        cause: expect.objectContaining({ code: "ECONNRESET" }),
      }),
    );
  });

  test("an abort rejects with its reason and closes the connection", async () => {
    supervise({ "fetch.open": () => new Promise(() => {}) });
    const controller = new guest.AbortController();
    const pending = guest.fetch("http://h/", { signal: controller.signal });
    controller.abort(new RangeError("why"));
    expect(await outcome(() => pending)).toEqual({ error: "RangeError" });
    expect(calls.map(([name]) => name)).toEqual(["fetch.open", "fetch.close"]);
    expect(await outcome(() => guest.fetch("http://h/", { signal: guest.AbortSignal.abort() }))).toEqual({
      error: "AbortError",
    });
  });

  test("an abort while the body is read errors the body", async () => {
    supervise({
      "fetch.open": async () => JSON.stringify(answer),
      "fetch.read": () => new Promise(() => {}),
    });
    const controller = new guest.AbortController();
    const init = { signal: controller.signal };
    const text = (await guest.fetch("http://h/", init)).text();
    const reader = (await guest.fetch("http://h/", init)).body?.getReader();
    controller.abort();
    expect(await outcome(() => text)).toEqual({ error: "AbortError" });
    expect(await outcome(() => reader?.read())).toEqual({ error: "AbortError" });
  });

  test("cancelling the body closes the connection", async () => {
    supervise({ "fetch.open": async () => JSON.stringify(answer) });
    const response = await guest.fetch("http://h/");
    await response.body?.cancel();
    expect(calls.map(([name]) => name)).toEqual(["fetch.open", "fetch.close"]);
  });

  test.each([
    "data:,a%20b",
    "data:text/html;charset=x;base64,YWJj",
    "data:;base64,?",
    "data:x",
    "data:text/plain,ü#f",
    "about:blank",
    "foo:x",
  ])("%j is answered as in Node", (url) =>
    same(async (realm) => {
      const response = await realm.fetch(url);
      return [response.status, response.headers.get("content-type"), await response.text()];
    }),
  );
});

describe("Blob", () => {
  test.each([
    [1.5, 3],
    [2.5, undefined],
    [-1.5, undefined],
    [Number.NaN, -1],
    [1, null],
    [1, Number.POSITIVE_INFINITY],
    [4, 2],
  ])("slice(%s, %s) rounds as Web IDL clamps", (start, end) =>
    same(async (realm) => {
      const blob = new realm.Blob(["ab", new realm.Blob(["cd"]), new Uint8Array([101, 102])]);
      const slice = blob.slice(start, end as number, "T/x");
      return [slice.type, slice.size, await slice.text(), await slice.slice(1).text()];
    }),
  );

  test("its stream gives its parts, its text stream whole characters", () =>
    same(async (realm) => {
      const blob = new realm.Blob(["a", new Uint8Array([0xc3]), new Uint8Array([0xa9]), "", "bc"]);
      const sizes: number[] = [];
      for await (const chunk of blob.stream()) sizes.push(chunk.length);
      let text = "";
      const { textStream } = blob as unknown as { textStream(): AsyncIterable<string> };
      for await (const chunk of Reflect.apply(textStream, blob, [])) text += chunk;
      return [sizes, text];
    }));

  test("what it is not made of, and what it is not, is refused", async () => {
    const attempts: ((realm: typeof globalThis) => unknown)[] = [
      (realm) => new realm.Blob("text" as never),
      (realm) => new realm.Blob([], 1 as never),
      (realm) => new realm.Blob([], { endings: "x" as never }),
      (realm) => realm.Blob.prototype.size,
      (realm) => realm.Blob.prototype.text.call({}),
      (realm) => new realm.File([], "n", { lastModified: 1n as never }),
      (realm) => new (realm.File as unknown as new (parts: unknown[]) => File)([]),
    ];
    const refusal = async (run: () => unknown) => {
      try {
        return await run();
      } catch (error) {
        return [(error as Error).name, (error as { code?: string }).code];
      }
    };
    for (const attempt of attempts)
      expect(await refusal(() => attempt(guest))).toEqual(await refusal(() => attempt(globalThis)));
  });
});

describe("fetch of blob: URLs", () => {
  test.each(["", "bytes=1-2", "bytes=2-", "bytes=-2", "bytes=0-99", "bytes=9-", "bytes=-", "items=1-2"])(
    "with Range %j is as in Node",
    (range) =>
      same(async (realm) => {
        const url = realm.URL.createObjectURL(new realm.Blob(["abcdef"], { type: "a/b" }));
        const response = await realm.fetch(url, range === "" ? {} : { headers: { range } });
        return [response.status, response.statusText, [...response.headers], await response.text()];
      }),
  );
  test.each(["POST", "HEAD"])("%s, or of one that was revoked, fails", async (method) => {
    const url = guest.URL.createObjectURL(new guest.Blob(["a"]));
    await expect(guest.fetch(url, { method })).rejects.toThrow("fetch failed");
    expect(await (await guest.fetch(`${url}#part`)).text()).toBe("a");
    guest.URL.revokeObjectURL(url);
    await expect(guest.fetch(url)).rejects.toThrow("fetch failed");
  });
});

describe("bodies", () => {
  test("are streams of text, once", () =>
    same(async (realm) => {
      type Texts = { textStream(): AsyncIterable<string> };
      const response = new realm.Response(new realm.Blob(["é", "x"])) as Response & Texts;
      let text = "";
      for await (const chunk of response.textStream()) text += chunk;
      const empty: string[] = [];
      for await (const chunk of (new realm.Response(null) as Response & Texts).textStream())
        empty.push(chunk);
      return [text, response.bodyUsed, empty, await response.text().catch((error: Error) => error.name)];
    }));
  test.each(["text/plain, text/html", "text/html;charset=x, text/html", 'a/b;c="d,e", bogus', "bogus"])(
    "of type %j make a Blob of Node's type",
    (type) =>
      same(
        async (realm) => (await new realm.Response("", { headers: { "content-type": type } }).blob()).type,
      ),
  );
});
