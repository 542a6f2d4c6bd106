import { createRequire } from "node:module";
import { beforeAll, expect, test } from "vitest";
import { type Guest, type GuestModule, loadGuest } from "./guest-modules.ts";

/** Modules that are a few lines over what has tests of its own: each does something, here and in Node. */
let guest: Guest;
beforeAll(async () => {
  guest = await loadGuest();
  guest.onRemote = async (operation, [name]) => {
    if (operation === "dns.lookup" && name === "two.example") return `["192.0.2.1","2001:db8::1"]`;
    throw Object.assign(new Error(`No such name`), { code: "ENOTFOUND" });
  };
});

type Load = (name: string) => GuestModule;
type Use = (load: Load) => unknown;
const nodeRequire = createRequire(import.meta.url);

/** What somebody who uses a module is left with: values, or what was thrown. */
async function outcome(use: Use, load: Load): Promise<unknown> {
  try {
    return { value: await use(load) };
  } catch (error) {
    return thrown(error);
  }
}

const thrown = (error: unknown) => {
  const { name, code, message } = error as { name: string; code?: string; message: string };
  return { thrown: name, code, message };
};

const attempt = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return thrown(error);
  }
};

/** A certificate's names, as far as identity is checked. */
const certificate = (subjectaltname: string | undefined, CN: string | string[] = "cn.example") => ({
  subject: { CN },
  ...(subjectaltname === undefined ? {} : { subjectaltname }),
});

const uses: readonly (readonly [module: string, what: string, use: Use])[] = [
  [
    "dns",
    "addresses need no server, and arguments are checked",
    async (load) => {
      const dns = load("dns");
      const lookup = (...args: unknown[]) =>
        new Promise((resolve) => dns.lookup(...args, (...answer: unknown[]) => resolve(answer)));
      const resolver = new dns.Resolver();
      resolver.setServers(["192.0.2.53", "[2001:db8::53]:5353"]);
      return [
        await lookup("127.0.0.1"),
        await lookup("::1", { all: true }),
        resolver.getServers(),
        attempt(() => resolver.setServers(["no address"])),
        attempt(() => dns.lookup(5, () => {})),
        attempt(() => dns.resolve("a.example", "NONE", () => {})),
        attempt(() => dns.lookupService("a.example", 80, () => {})),
        [dns.NODATA, dns.NOTFOUND, dns.ADDRCONFIG, dns.getDefaultResultOrder()],
      ];
    },
  ],
  [
    "dns/promises",
    "the same in promises",
    async (load) => {
      const dns = load("dns/promises");
      return [
        load("dns").promises === dns,
        await dns.lookup("192.0.2.1"),
        await dns.lookup("::1", { all: true, family: 6 }),
        await outcome(() => dns.lookup("a.example", { family: 5 }), load),
        await outcome(() => dns.reverse("no address"), load),
        dns.CANCELLED,
      ];
    },
  ],
  [
    "https",
    "a request over a connection of its own, an agent's names, a protocol that is another",
    async (load) => {
      const https = load("https");
      let sent = "";
      const { Duplex } = load("stream");
      const createConnection = () =>
        new Duplex({
          read() {},
          write(this: GuestModule, chunk: Uint8Array, _encoding: string, done: () => void) {
            sent += Buffer.from(chunk).toString();
            if (sent.endsWith("body"))
              this.push("HTTP/1.1 201 Made\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok");
            done();
          },
        });
      const options = { createConnection, method: "PUT", host: "a.example", path: "/p?q=1" };
      const answer = await new Promise((resolve, reject) => {
        const request = https.request({ ...options, headers: { "Content-Length": 4 } });
        request.on("error", reject).on("response", async (response: GuestModule) => {
          const { statusCode, statusMessage, headers } = response;
          const body = (await response.toArray()).join("");
          resolve({ statusCode, statusMessage, headers: { ...headers }, body });
        });
        request.end("body");
      });
      const agent = new https.Agent({ keepAlive: true, maxSockets: 3 });
      return [
        answer,
        sent,
        [agent.defaultPort, agent.protocol, agent.maxSockets, https.globalAgent.options.keepAlive],
        agent.getName({ host: "a.example", port: 443, servername: "b.example", rejectUnauthorized: false }),
        attempt(() => https.get("http://a.example")),
      ];
    },
  ],
  [
    "diagnostics_channel",
    "subscribers hear what is published, and what is traced",
    async (load) => {
      const { channel, hasSubscribers, subscribe, unsubscribe, tracingChannel } = load("diagnostics_channel");
      const heard: unknown[] = [];
      const hear = (message: unknown, name: unknown) => void heard.push([name, message]);
      const own = channel("small:a");
      own.publish("to nobody");
      subscribe("small:a", hear);
      own.publish({ n: 1 });
      heard.push(hasSubscribers("small:a"), unsubscribe("small:a", hear), unsubscribe("small:a", hear));
      heard.push(own.hasSubscribers, channel("small:a") === own);
      const traced = tracingChannel("small:t");
      const note =
        (event: string) =>
        ({ error, result, n }: Record<string, unknown>) =>
          heard.push([event, n, result, (error as Error | undefined)?.message]);
      const events = ["start", "end", "asyncStart", "asyncEnd", "error"];
      traced.subscribe(Object.fromEntries(events.map((event) => [event, note(event)])));
      heard.push(traced.traceSync((a: number) => a + 1, { n: 1 }, undefined, 1));
      heard.push(
        attempt(() =>
          traced.traceSync(
            () => {
              throw new RangeError("no");
            },
            { n: 2 },
          ),
        ),
      );
      heard.push(await traced.tracePromise(async () => "later", { n: 3 }));
      return [heard, attempt(() => channel(5))];
    },
  ],
  [
    "punycode",
    "names there and back",
    (load) => {
      const punycode = load("punycode");
      const names = ["mañana.com", "例え.テスト", "☃-⌘.com", "джумла@джpумлатест.bрфa", "plain.example"];
      return [
        names.map((name) => [punycode.toASCII(name), punycode.toUnicode(punycode.toASCII(name))]),
        [punycode.encode("ü-😀"), punycode.decode("tda3096k"), punycode.ucs2.decode("a😀")],
        punycode.ucs2.encode([0x61, 0x1f600]),
        attempt(() => punycode.decode("ü")),
        attempt(() => punycode.decode("99999999")),
      ];
    },
  ],
  [
    "path/win32",
    "drives, shares and both slashes",
    (load) => {
      const path = load("path/win32");
      return [
        load("path").win32 === path,
        path.join("C:\\a", "..", "b/c", "d\\"),
        path.resolve("C:\\a\\b", "..\\c", "D:/e", "f"),
        path.relative("C:\\orandea\\test\\aaa", "C:\\orandea\\impl\\bbb"),
        path.relative("C:\\a", "D:\\a"),
        ["C:", "C:/", "\\\\server\\share", "a", "/"].map((name) => [
          path.isAbsolute(name),
          path.parse(name),
          path.normalize(name),
        ]),
        ["C:\\a", "\\\\server\\share\\b"].map((name) => path.toNamespacedPath(name)),
        [path.sep, path.delimiter, path.basename("C:\\a\\b.txt", ".txt"), path.extname("a.b\\c.d")],
        path.format({ dir: "C:\\a", name: "b", ext: "c" }),
        path.matchesGlob("a\\b.js", "a/*.js"),
      ];
    },
  ],
  [
    "stream/web",
    "has Node's classes, and they work together",
    async (load) => {
      const web = load("stream/web");
      const numbers = web.ReadableStream.from([1, 2, 3]).pipeThrough(
        new web.TransformStream({
          transform(chunk: number, controller: GuestModule) {
            controller.enqueue(`${chunk * 2},`);
          },
        }),
      );
      const packed = numbers
        .pipeThrough(new web.TextEncoderStream())
        .pipeThrough(new web.CompressionStream("gzip"));
      const unpacked = packed
        .pipeThrough(new web.DecompressionStream("gzip"))
        .pipeThrough(new web.TextDecoderStream());
      return [
        Object.keys(web)
          .filter((name) => name !== "ReadableStreamTee")
          .toSorted(),
        (await Array.fromAsync(unpacked)).join(""),
        new web.CountQueuingStrategy({ highWaterMark: 2 }).size(),
      ];
    },
  ],
  [
    "timers",
    "in their order, until they are cleared",
    async (load) => {
      const timers = load("timers");
      const heard: unknown[] = [];
      timers.clearTimeout(timers.setTimeout(() => heard.push("cleared"), 0));
      timers.clearImmediate(timers.setImmediate(() => heard.push("cleared")));
      const interval = timers.setInterval(
        (name: string) => heard.push(name) === 2 && timers.clearInterval(interval),
        ...[1, "interval"],
      );
      while (heard.length < 2) await timers.promises.setTimeout(1);
      heard.push(
        await timers.promises.setImmediate("immediate"),
        await timers.promises.setTimeout(1, "late"),
      );
      return [heard, timers.promises === load("timers/promises"), attempt(() => timers.setTimeout("no", 1))];
    },
  ],
  [
    "constants",
    "Node's numbers under Node's names",
    (load) => {
      // Which adds one to them in Node.
      load("crypto");
      return [{ ...load("constants") }, Object.isFrozen(load("constants"))];
    },
  ],
  [
    "sys",
    "is util",
    (load) => [
      load("sys") === load("util"),
      load("sys").format("%s=%o", "a", [1]),
      load("sys").inspect({ a: 1n }),
    ],
  ],
  [
    "assert/strict",
    "compares strictly, and says how two differ",
    async (load) => {
      const assert = load("assert/strict");
      return [
        load("assert").strict === assert,
        assert.strict === assert,
        attempt(() => assert.equal(1, "1")),
        attempt(() => assert.deepEqual({ a: 1, b: [1, 2] }, { a: 1, b: [1, "2"] })),
        attempt(() => assert.notDeepEqual(new Map([[1, { a: 1 }]]), new Map([[1, { a: 1 }]]))),
        assert.deepEqual(new Set([1, [2]]), new Set([1, [2]])),
        attempt(() => assert.equal(Number.NaN, Number.NaN)),
        attempt(() => assert.throws(() => {}, /never/)),
        await outcome(() => assert.rejects(Promise.reject(new TypeError("yes")), RangeError), load),
      ];
    },
  ],
  [
    "tls",
    "whom a certificate names, and what is spoken",
    (load) => {
      const tls = load("tls");
      const identities: [string, object][] = [
        ["a.example", certificate("DNS:a.example, DNS:*.b.example")],
        ["c.b.example", certificate("DNS:a.example, DNS:*.b.example")],
        ["d.c.b.example", certificate("DNS:*.b.example")],
        ["192.0.2.1", certificate("IP Address:192.0.2.1")],
        ["192.0.2.2", certificate("IP Address:192.0.2.1")],
        ["cn.example", certificate(undefined)],
        ["cn.example", certificate("DNS:a.example")],
        ["other.example", certificate(undefined, ["cn.example", "b.example"])],
      ];
      const protocols: { ALPNProtocols?: Uint8Array } = {};
      tls.convertALPNProtocols(["h2", "http/1.1"], protocols);
      return [
        identities.map(([host, names]) => {
          const error = tls.checkServerIdentity(host, names);
          return error === undefined ? "fits" : [error.code, error.reason, error.host];
        }),
        Buffer.from(protocols.ALPNProtocols!).toString(),
        [tls.DEFAULT_MIN_VERSION, tls.DEFAULT_MAX_VERSION, tls.DEFAULT_ECDH_CURVE, tls.DEFAULT_CIPHERS],
        tls.getCiphers().includes("tls_aes_256_gcm_sha384"),
        tls.rootCertificates.every((pem: string) => pem.startsWith("-----BEGIN CERTIFICATE-----")),
        attempt(() => tls.createSecureContext({ minVersion: "TLSv9" })),
        attempt(() => tls.createSecureContext({ cert: 5 })),
      ];
    },
  ],
  [
    "perf_hooks",
    "histograms, marks and measures, functions that are timed",
    async (load) => {
      const { createHistogram, performance, constants, PerformanceObserver, timerify } = load("perf_hooks");
      const histogram = createHistogram({ lowest: 1, highest: 1000, figures: 3 });
      for (const value of [1, 5, 5, 10, 500]) histogram.record(value);
      const { min, max, mean, count, exceeds } = histogram;
      const observed = new Promise((resolve) => {
        new PerformanceObserver((list: GuestModule, observer: GuestModule) => {
          observer.disconnect();
          resolve(list.getEntries().map(({ name, entryType }: Record<string, string>) => [name, entryType]));
        }).observe({ entryTypes: ["mark", "measure", "function"] });
      });
      performance.mark("small-a", { startTime: 5 });
      performance.mark("small-b", { startTime: 8 });
      const { duration } = performance.measure("small", "small-a", "small-b");
      const sum = timerify(function add(a: number, b: number) {
        return a + b;
      })(1, 2);
      return [
        { min, max, mean, count, exceeds, half: histogram.percentile(50), most: histogram.percentile(99) },
        attempt(() => histogram.record(0)),
        [duration, sum, { ...constants }],
        await observed,
      ];
    },
  ],
];

test.each(uses)("%s: %s, as in Node", async (_module, _what, use) => {
  const load: Load = (name) => guest.require(`node:${name}`);
  expect(await outcome(use, load)).toEqual(await outcome(use, nodeRequire));
});

test("dns: names are the supervisor's to answer, and sorted and chosen as who asks wants", async () => {
  const { lookup } = guest.require("node:dns/promises");
  expect(await lookup("two.example")).toEqual({ address: "192.0.2.1", family: 4 });
  expect(await lookup("two.example", { family: 6 })).toEqual({ address: "2001:db8::1", family: 6 });
  expect(await lookup("two.example", { all: true, order: "ipv6first" })).toEqual([
    { address: "2001:db8::1", family: 6 },
    { address: "192.0.2.1", family: 4 },
  ]);
  await expect(lookup("none.example")).rejects.toMatchObject({
    ...{ code: "ENOTFOUND", syscall: "getaddrinfo", hostname: "none.example" },
  });
});
