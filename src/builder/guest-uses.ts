/**
 * What the first users of the guest's modules most likely do with them. It runs inside a guest, so that V8 compiles
 * there what no environment will then have to: each function goes there as its text, and sees the guest's globals and
 * what it is given, nothing of this file. `http://example.com/` answers JSON.
 */
export const guestUses: Readonly<Record<string, (guest: Guest) => unknown>> = {
  console: () => {
    class Point {
      x = 1;
      get y() {
        return this.x;
      }
    }
    console.log("user %s has %d of %j", "ann", 3, { a: 1 });
    console.info({ id: 1, name: "ann", tags: ["a", "b"], nested: { deep: { deeper: { deepest: true } } } });
    console.warn([1, 2, 3], new Map([["key", { value: 1 }]]), new Set(["x"]), null, undefined, true, 1n);
    console.error(
      new TypeError("wrong", { cause: new Error("why") }),
      Symbol("s"),
      () => 1,
      -0,
      "two\nlines",
    );
    console.debug(
      new Date(0),
      /x/g,
      new Uint8Array(3),
      Buffer.from("bytes"),
      Promise.resolve(1),
      new Point(),
    );
    console.log({ text: "long ".repeat(30), list: Array.from({ length: 120 }, (_, index) => index) });
  },
  util: ({ require }) => {
    const util = require("node:util");
    const circular: Record<string, unknown> = { a: [{ b: { c: { d: 1 } } }] };
    circular["self"] = circular;
    util.inspect(circular, { depth: 5, colors: true, compact: false });
    util.format("%s %i %f %o %O %%", "a", 1, 1.5, { a: 1 }, { b: [2] });
    util.isDeepStrictEqual(
      { a: [1, { b: 2 }], m: new Map([[1, 2]]) },
      { a: [1, { b: 2 }], m: new Map([[1, 2]]) },
    );
    util.types.isDate(new Date());
    util.inherits(
      util.deprecate(function old() {}, "old"),
      class B {},
    );
    return util.promisify((done: (error: null, value: number) => void) => done(null, 1))();
  },
  buffer: () => {
    const bytes = Buffer.concat([
      Buffer.from("grüße"),
      Buffer.from("aGk=", "base64"),
      Buffer.from("ff00", "hex"),
    ]);
    for (const encoding of ["utf8", "base64", "base64url", "hex", "latin1"] as const) {
      Buffer.from(bytes.toString(encoding), encoding).equals(bytes);
    }
    const other = Buffer.alloc(16, 1);
    other.writeUInt32BE(7, 0);
    other.writeInt16LE(-1, 4);
    other.readUInt32BE(0);
    other.readInt16LE(4);
    other.write("text", 8);
    bytes.copy(other, 0, 0, 4);
    Buffer.byteLength("text");
    Buffer.isBuffer(other);
    return [
      other.slice(0, 4),
      other.subarray(4),
      other.indexOf("te"),
      Buffer.compare(bytes, other),
      other.toJSON(),
    ];
  },
  events: async ({ require }) => {
    const EventEmitter = require("node:events");
    const emitter = new EventEmitter();
    const listener = () => {};
    emitter.on("a", listener).once("a", listener).prependListener("a", listener).emit("a", 1, 2);
    emitter.off("a", listener).removeAllListeners();
    const waiting = EventEmitter.once(emitter, "b");
    emitter.emit("b", 1);
    await waiting;
    const target = new EventTarget();
    target.addEventListener("c", listener, { once: true });
    target.dispatchEvent(new Event("c"));
    AbortSignal.any([AbortSignal.timeout(1000), new AbortController().signal]);
  },
  stream: async ({ require }) => {
    const { Readable, Writable, Transform, PassThrough, pipeline } = require("node:stream");
    const { pipeline: piped, finished } = require("node:stream/promises");
    const upper = () =>
      new Transform({
        transform(chunk: Uint8Array, _encoding: string, done: (error: null, chunk: string) => void) {
          done(null, String(chunk).toUpperCase());
        },
      });
    const sink = () =>
      new Writable({ write: (_chunk: unknown, _encoding: string, done: () => void) => done() });
    await piped(Readable.from(["a", "b"]), upper(), new PassThrough(), sink());
    await new Promise((resolve) => pipeline(Readable.from(["a"]), upper(), sink(), resolve));
    for await (const chunk of Readable.from([1, 2]).pipe(new PassThrough({ objectMode: true })))
      String(chunk);
    const writable = sink();
    writable.write("a");
    writable.end("b");
    await finished(writable);
    await require("node:stream/consumers").text(Readable.from(["a", "b"]));
    await require("node:stream/consumers").json(Readable.fromWeb(new Response("{}").body));
  },
  webStreams: async () => {
    const source = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("a"));
        controller.close();
      },
    });
    const [one, two] = source.tee();
    await one.pipeThrough(new TransformStream()).pipeTo(new WritableStream());
    for await (const text of two.pipeThrough(new TextDecoderStream())) String(text);
    const reader = new Response("text").body!.getReader();
    while (!(await reader.read()).done);
  },
  fetch: async () => {
    const response = await fetch("http://example.com/", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer x" },
      body: JSON.stringify({ a: 1 }),
      signal: AbortSignal.timeout(1000),
    });
    if (!response.ok || response.headers.get("content-type") === null) throw new Error("It was not well");
    await response.json();
    await (await fetch(new Request("http://example.com/?a=1"))).text();
    await (await fetch(new URL("http://example.com/"))).arrayBuffer();
    const headers = new Headers([["a", "1"]]);
    headers.append("a", "2");
    await new Response(JSON.stringify([...headers]), { status: 201, headers }).clone().text();
    await Response.json({ a: 1 }).json();
    Response.redirect("http://example.com/", 302);
    await new Request("http://example.com/", { method: "PUT", body: new URLSearchParams({ a: "1" }) }).text();
  },
  formData: async () => {
    const form = new FormData();
    form.append("a", "1");
    form.append("file", new Blob(["text"], { type: "text/plain" }), "a.txt");
    const sent = new Response(form);
    await (await sent.formData()).get("a");
    await new Blob(["a", new Uint8Array(2)]).slice(0, 2).text();
  },
  structuredClone: () =>
    structuredClone({ a: [1, { b: new Date(0) }], c: new Map([[1, new Set([2])]]), d: new Uint8Array(2) }),
  crypto: async ({ require }) => {
    const crypto = require("node:crypto");
    crypto.createHash("sha256").update("text").update(Buffer.from("more")).digest("hex");
    crypto.createHmac("sha256", "key").update("text").digest("base64");
    crypto.timingSafeEqual(crypto.randomBytes(8), crypto.randomBytes(8));
    crypto.randomUUID();
    crypto.randomInt(10);
    crypto.hash("sha256", "text");
    const cipher = crypto.createCipheriv("aes-256-gcm", crypto.randomBytes(32), crypto.randomBytes(12));
    cipher.update("text");
    cipher.final();
    cipher.getAuthTag();
    const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
    const signed = crypto.createSign("sha256").update("text").sign(privateKey);
    crypto.createVerify("sha256").update("text").verify(publicKey, signed);
    crypto.verify(
      "sha256",
      Buffer.from("text"),
      publicKey,
      crypto.sign("sha256", Buffer.from("text"), privateKey),
    );
    crypto.createPublicKey(publicKey.export({ format: "pem", type: "spki" })).export({ format: "jwk" });
    crypto.createSecretKey(Buffer.from("key")).export();
    crypto.createECDH("prime256v1").generateKeys();
    await new Promise((done) => crypto.pbkdf2("text", "salt", 1, 16, "sha256", done));
    try {
      new crypto.X509Certificate("none");
    } catch {
      // What it is made of is loaded by then.
    }
    globalThis.crypto.getRandomValues(new Uint8Array(8));
    await globalThis.crypto.subtle.digest("SHA-256", new TextEncoder().encode("text"));
  },
  urlAndPath: ({ require }) => {
    const url = require("node:url");
    const path = require("node:path");
    url.format(url.parse("https://user@example.com:8080/a/b?c=1#d", true));
    url.fileURLToPath(url.pathToFileURL("/var/task/a b.js"));
    const parsed = new URL("../c?d=1", "https://example.com/a/b");
    parsed.searchParams.append("e", "2");
    path.join("/a", "../b", path.basename("/c/d.js", ".js"), path.extname("x.ts"));
    path.relative("/a/b", path.resolve("c", path.dirname("/d/e")));
    path.format(path.parse("/a/b.c"));
    const querystring = require("node:querystring");
    return [parsed.href, querystring.stringify(querystring.parse("a=1&b=2&a=3"))];
  },
  process: async ({ require }) => {
    process.env["A"] = "1";
    process.stdout.write(
      `${process.env["AWS_REGION"]} ${process.version} ${process.cwd()} ${process.uptime()}\n`,
    );
    process.hrtime.bigint();
    process.memoryUsage();
    process.on("warning", () => {});
    await new Promise<void>((resolve) => process.nextTick(resolve));
    await require("node:timers/promises").setTimeout(1);
    await new Promise((resolve) => setImmediate(resolve));
    require("node:os").hostname();
    require("node:perf_hooks").performance.now();
    const fs = require("node:fs");
    fs.existsSync("/tmp/none");
    fs.statSync("/tmp").isDirectory();
    fs.readFileSync("/dev/null", "utf8");
    fs.readFileSync("/dev/null");
    fs.realpathSync("/");
    fs.rmSync("/none", { force: true, recursive: true });
    fs.writeFileSync("/dev/null", "nothing");
    fs.readdirSync("/");
    await new Promise((done) => fs.readFile("/none", done));
    await new Promise((done) => fs.createReadStream("/dev/null").on("close", done).resume());
    await require("node:fs/promises")
      .readFile("/tmp/none")
      .catch(() => {});
  },
  http: async ({ require }) => {
    const http = require("node:http");
    const answer = (options: object) =>
      new Promise((resolve, reject) => {
        const request = http.request("http://example.com/", options, (response: NodeJS.ReadableStream) => {
          response.setEncoding("utf8");
          response.on("data", () => {}).on("end", resolve);
        });
        request.on("error", reject);
        request.setHeader("content-type", "text/plain");
        if ("method" in options) request.write("text");
        request.end();
      });
    await answer({ agent: new http.Agent({ keepAlive: true }) });
    await answer({ method: "POST" });
    require("node:https");
  },
  zlib: async ({ require }) => {
    const zlib = require("node:zlib");
    zlib.gunzipSync(zlib.gzipSync("text"));
    const { promisify } = require("node:util");
    await promisify(zlib.brotliDecompress)(await promisify(zlib.brotliCompress)("text"));
    const { Readable } = require("node:stream");
    for await (const chunk of Readable.from([Buffer.from("text")]).pipe(zlib.createGzip())) String(chunk);
  },
  context: ({ require }) => {
    const { AsyncLocalStorage } = require("node:async_hooks");
    const storage = new AsyncLocalStorage();
    const channel = require("node:diagnostics_channel").channel("a");
    channel.publish({});
    return storage.run({ id: 1 }, () => Promise.resolve().then(() => storage.getStore()));
  },
  modules: ({ require }) => {
    const find = require("node:module").createRequire("/var/task/index.js");
    for (const name of ["./a", "../b.js", "package/c", "/tmp/d"]) {
      try {
        find(name);
      } catch {
        // Nothing is there; looking for it is what counts.
      }
    }
    find.resolve("fs");
  },
  assert: ({ require }) => {
    const assert = require("node:assert");
    assert(true);
    assert.equal(1, 1);
    assert.deepStrictEqual({ a: [1] }, { a: [1] });
    assert.throws(() => assert.strictEqual(1, 2));
    new (require("node:string_decoder").StringDecoder)("utf8").write(Buffer.from("é"));
  },
};

export interface Guest {
  readonly require: NodeJS.Require;
}
