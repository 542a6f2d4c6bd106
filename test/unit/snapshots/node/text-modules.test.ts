import assert from "node:assert";
import buffer from "node:buffer";
import net from "node:net";
import path from "node:path";
import querystring from "node:querystring";
import { StringDecoder } from "node:string_decoder";
import url from "node:url";
import util from "node:util";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type Guest, loadGuest } from "./guest-modules.ts";

let guest: Guest;
beforeAll(async () => {
  guest = await loadGuest();
});

/** What a call answers or throws, in a form in which two realms' answers can be compared. */
function outcome(call: () => unknown): unknown {
  try {
    const value = call();
    return ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value;
  } catch (error) {
    return { thrown: (error as { code?: string }).code ?? (error as Error).name };
  }
}

const texts = [
  "",
  "a",
  "hello world",
  "äöü €",
  "😀 astral",
  "a\u0000b",
  "\ud800",
  "SGVsbG8=",
  "68656c6c6f",
  "_-8",
];
const encodings = [
  "utf8",
  "utf-8",
  "UTF8",
  "hex",
  "base64",
  "base64url",
  "latin1",
  "binary",
  "ascii",
  "ucs2",
  "utf16le",
];

describe("buffer", () => {
  test.each(encodings)("from(text, %s) and back as Node's", (encoding) => {
    const guestBuffer = guest.require("node:buffer").Buffer;
    for (const text of texts) {
      // Node gives nothing at all for base64 with a character above U+00FF in it; here it is skipped as others are.
      if (encoding.startsWith("base64") && /[^\0-\xff]/.test(text)) continue;
      const expected = buffer.Buffer.from(text, encoding as BufferEncoding);
      const actual = guestBuffer.from(text, encoding);
      expect([...actual], `${encoding} ${text}`).toEqual([...expected]);
      for (const back of encodings) {
        expect(actual.toString(back), `${encoding} ${back} ${text}`).toBe(
          expected.toString(back as BufferEncoding),
        );
      }
      expect(guestBuffer.byteLength(text, encoding)).toBe(
        buffer.Buffer.byteLength(text, encoding as BufferEncoding),
      );
    }
  });

  test.each([
    ["concat", (b: typeof Buffer) => b.concat([b.from("ab"), b.from("cd")], 3)],
    ["alloc with a fill", (b: typeof Buffer) => b.alloc(5, "ab")],
    [
      "slice shares memory",
      (b: typeof Buffer) => {
        const whole = b.from("abcd");
        whole.subarray(1, 3)[0] = 120;
        return whole;
      },
    ],
    [
      "indexOf",
      (b: typeof Buffer) => [
        b.from("abcabc").indexOf("c"),
        b.from("abcabc").lastIndexOf("c"),
        b.from("abc").includes("z"),
      ],
    ],
    [
      "numbers",
      (b: typeof Buffer) => {
        const made = b.alloc(32);
        made.writeUInt32BE(0xdeadbeef, 0);
        made.writeInt16LE(-2, 4);
        made.writeDoubleBE(1.5, 8);
        made.writeBigUInt64LE(2n ** 63n, 16);
        return [
          made.readUInt32BE(0),
          made.readInt16LE(4),
          made.readDoubleBE(8),
          `${made.readBigUInt64LE(16)}`,
        ];
      },
    ],
    [
      "out of range",
      (b: typeof Buffer) => {
        try {
          return b.alloc(2).readUInt32BE(0);
        } catch (error) {
          return (error as Error).name;
        }
      },
    ],
    ["toJSON", (b: typeof Buffer) => JSON.stringify(b.from("hi"))],
    [
      "equals and compare",
      (b: typeof Buffer) => [b.from("a").equals(b.from("a")), b.compare(b.from("a"), b.from("b"))],
    ],
    ["from an array", (b: typeof Buffer) => b.from([1, 256, -1, 3.7])],
    ["from nothing", (b: typeof Buffer) => b.from(undefined as unknown as string)],
    [
      "write at an offset",
      (b: typeof Buffer) => {
        const made = b.alloc(6);
        return [made.write("abc", 2), made.toString("latin1")];
      },
    ],
    [
      "write base64",
      (b: typeof Buffer) => {
        const made = b.alloc(4);
        return [made.write("aGVsbG8", "base64"), made.toString("latin1")];
      },
    ],
    ["swap16", (b: typeof Buffer) => b.from([1, 2, 3, 4]).swap16()],
    ["isEncoding", (b: typeof Buffer) => ["utf8", "BASE64URL", "nope"].map((name) => b.isEncoding(name))],
    ["is a Uint8Array", (b: typeof Buffer) => b.from("a") instanceof Uint8Array && b.isBuffer(b.from("a"))],
  ] as const)("%s", (_name, run) => {
    const use = run as (b: typeof Buffer) => unknown;
    expect(outcome(() => use(guest.require("node:buffer").Buffer))).toEqual(
      outcome(() => use(buffer.Buffer)),
    );
  });
});

describe("string_decoder", () => {
  test("characters cut anywhere come out whole", () => {
    const bytes = Buffer.from("aä€😀z");
    const guestDecoder = guest.require("node:string_decoder").StringDecoder;
    for (const size of [1, 2, 3]) {
      const [one, other] = [new StringDecoder("utf8"), new guestDecoder("utf8")];
      for (let at = 0; at < bytes.length; at += size) {
        expect(other.write(bytes.subarray(at, at + size))).toBe(one.write(bytes.subarray(at, at + size)));
      }
      expect(other.end()).toBe(one.end());
    }
  });
});

const paths = [
  "",
  ".",
  "/",
  "a/b/../c",
  "/a//b/./c/..",
  "../x",
  "a.tar.gz",
  ".bashrc",
  "/foo/bar.txt",
  "foo/",
  "a\\b",
];

describe("path", () => {
  test.each([
    "normalize",
    "dirname",
    "basename",
    "extname",
    "parse",
    "isAbsolute",
    "toNamespacedPath",
  ] as const)("%s", (name) => {
    for (const one of paths)
      expect(guest.require("node:path")[name](one), one).toEqual(path.posix[name](one));
  });
  test("join, relative and format", () => {
    const guestPath = guest.require("node:path");
    for (const one of paths) {
      for (const other of paths) {
        expect(guestPath.join(one, other)).toBe(path.posix.join(one, other));
        expect(guestPath.resolve("/base", one, other)).toBe(path.posix.resolve("/base", one, other));
        expect(guestPath.relative(`/r/${one}`, `/r/${other}`)).toBe(
          path.posix.relative(`/r/${one}`, `/r/${other}`),
        );
      }
      expect(guestPath.format(path.posix.parse(one))).toBe(path.posix.format(path.posix.parse(one)));
    }
    expect(guestPath.format({ name: "a", ext: "txt" })).toBe("a.txt");
    expect(guestPath.matchesGlob("a/b/c.js", "a/**/*.js")).toBe(true);
  });
});

describe("querystring", () => {
  test.each([
    "a=1&b=2",
    "a=1&a=2&a=3",
    "a",
    "=x",
    "a=%C3%A4+b",
    "a=%zz",
    "a=%ff",
    "&&",
    "__proto__=1",
    "a[]=1&a[]=2",
  ])("parse %s", (text) => {
    expect({ ...guest.require("node:querystring").parse(text) }).toEqual({ ...querystring.parse(text) });
  });
  test.each([
    [{ a: "1", b: ["x", "y"] }],
    [{ "ä b": "ü&=" }],
    [{ a: true, b: 3, c: null, d: undefined, e: Number.NaN }],
    [{}],
  ])("stringify %o", (value) => {
    const input = value as querystring.ParsedUrlQueryInput;
    expect(guest.require("node:querystring").stringify(input)).toBe(querystring.stringify(input));
  });
});

const urls = [
  "/a/b?c=d",
  "/",
  "/?x=1#frag",
  "http://user:pa%20ss@example.com:8080/p/a?q=1&q=2#h",
  "//host/path",
  "mailto:a@b.c",
  "a/b",
  "?only=query",
  "/with space?q=a b",
  "http://EXAMPLE.com",
];
const members = [
  "protocol",
  "slashes",
  "auth",
  "host",
  "port",
  "hostname",
  "hash",
  "search",
  "query",
  "pathname",
  "path",
  "href",
] as const;

describe("url", () => {
  test.each(urls)("parse %s", (text) => {
    const actual = guest.require("node:url").parse(text);
    const expected = url.parse(text);
    for (const member of members) expect(actual[member], member).toEqual(expected[member]);
    expect(guest.require("node:url").format(actual)).toBe(url.format(expected));
    expect({ ...guest.require("node:url").parse(text, true).query }).toEqual({
      ...url.parse(text, true).query,
    });
  });
  test("format of an object, as adapters make request targets", () => {
    const guestUrl = guest.require("node:url");
    for (const parts of [
      { pathname: "/p", search: "a=1" },
      { pathname: "/p", query: { a: ["1", "2"] } },
      { pathname: "/p", search: "" },
    ]) {
      expect(guestUrl.format(parts)).toBe(url.format(parts as url.UrlObject));
    }
  });
  test("resolve", () => {
    for (const [from, to] of [
      ["/one/two", "three"],
      ["http://a/b/c", "../d"],
      ["http://a/b", "//c/d"],
    ] as const) {
      expect(guest.require("node:url").resolve(from, to)).toBe(url.resolve(from, to));
    }
  });
  test("file URLs", () => {
    const guestUrl = guest.require("node:url");
    for (const file of ["/a b/c#d?e%f", "/x/", "/ä"]) {
      expect(guestUrl.pathToFileURL(file).href).toBe(url.pathToFileURL(file).href);
      expect(guestUrl.fileURLToPath(url.pathToFileURL(file))).toBe(file);
    }
    for (const bad of ["http://x/", "file://host/x", "file:///a%2fb"]) {
      expect(outcome(() => guestUrl.fileURLToPath(bad))).toEqual(outcome(() => url.fileURLToPath(bad)));
    }
  });
});

describe("util", () => {
  class Point {
    x = 1;
    #hidden = 2;
    get sum() {
      return this.x + this.#hidden;
    }
  }
  const cycle: Record<string, unknown> = { a: 1 };
  cycle["self"] = cycle;
  test.each<[string, unknown[]]>([
    [
      "strings and placeholders",
      ["%s is %d years and %i, %f, %j %o %%", "Bob", 42, 42.5, "1.5", { a: 1 }, [1]],
    ],
    ["objects", [{ a: { b: { c: { d: 1 } } } }]],
    ["a class", [new Point()]],
    ["a map and a set", [new Map([["k", { v: 1 }]]), new Set([1, "x"])]],
    // biome-ignore lint/suspicious/noSparseArray: holes are what is shown
    ["an array with holes", [[1, , 3]]],
    ["a long array", [Array.from({ length: 200 }, (_, index) => index)]],
    ["cycles", [cycle]],
    ["numbers", [-0, 1n, Number.NaN, Symbol("s"), null, undefined]],
    ["a date", [new Date(0)]],
    ["typed arrays", [new Uint8Array([1, 2, 3])]],
    ["functions", [function named() {}, () => {}, class A {}]],
    ["strings inside", [{ s: "it's", t: 'say "x"', n: "new\nline" }]],
    ["null prototype", [Object.assign(Object.create(null), { a: 1 })]],
  ])("format of %s as Node's", (_name, args) => {
    expect(guest.require("node:util").format(...args)).toBe(util.format(...args));
  });

  test.each<[unknown, unknown]>([
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }],
    [{ a: 1 }, { a: 1, b: undefined }],
    [
      [1, 2],
      [1, 2, 3],
    ],
    [Number.NaN, Number.NaN],
    [0, -0],
    [1, "1"],
    [new Date(1), new Date(1)],
    [/a/g, /a/i],
    [new Map([[{ k: 1 }, 1]]), new Map([[{ k: 1 }, 1]])],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [new Set([{ a: 1 }, 2]), new Set([2, { a: 1 }])],
    [new Set([1]), new Set(["1"])],
    [new Uint8Array([1]), new Uint8Array([1])],
    [new Uint8Array([1]), new Int8Array([1])],
    [new Error("a"), new Error("a")],
    [new Error("a"), new TypeError("a")],
    [cycle, cycle],
    [{}, []],
    [{}, Object.create(null)],
    [Object(1), Object(1)],
    [Object("a"), Object("b")],
    [null, undefined],
    // biome-ignore lint/suspicious/noSparseArray: a hole is not undefined
    [[undefined], [,]],
    [{ [Symbol.for("a")]: 1 }, { [Symbol.for("a")]: 2 }],
  ])("isDeepStrictEqual and deepEqual of %o and %o", (one, other) => {
    expect(guest.require("node:util").isDeepStrictEqual(one, other)).toBe(util.isDeepStrictEqual(one, other));
    const loosely = (module: typeof assert) => outcome(() => module.deepEqual(one, other));
    expect(loosely(guest.require("node:assert"))).toEqual(loosely(assert));
  });

  test("promisify, callbackify, inherits and deprecate", async () => {
    const guestUtil = guest.require("node:util");
    const read = (name: string, done: (error: Error | null, value?: string) => void) =>
      name === "bad" ? done(new Error("no")) : done(null, name.toUpperCase());
    await expect(guestUtil.promisify(read)("a")).resolves.toBe("A");
    await expect(guestUtil.promisify(read)("bad")).rejects.toThrow("no");
    const answer = await new Promise((resolve) =>
      guestUtil.callbackify(async (value: number) => value + 1)(1, (_error: unknown, value: number) =>
        resolve(value),
      ),
    );
    expect(answer).toBe(2);
    function Child() {}
    guestUtil.inherits(Child, Array);
    expect(Object.getPrototypeOf(Child.prototype)).toBe(Array.prototype);
  });

  test.each([
    "isDate",
    "isRegExp",
    "isPromise",
    "isMap",
    "isSet",
    "isTypedArray",
    "isUint8Array",
    "isAnyArrayBuffer",
    "isGeneratorFunction",
    "isAsyncFunction",
    "isBoxedPrimitive",
    "isNativeError",
  ] as const)("types.%s", (name) => {
    const samples = [
      new Date(),
      /a/,
      Promise.resolve(),
      new Map(),
      new Set(),
      new Uint8Array(1),
      new ArrayBuffer(1),
      function* () {},
      async () => {},
      Object(1),
      new Error("x"),
      {},
      null,
      1,
      { [Symbol.toStringTag]: "Date" },
    ];
    for (const sample of samples) {
      const expected = (util.types[name] as (value: unknown) => boolean)(sample);
      expect(guest.require("node:util").types[name](sample), util.inspect(sample)).toBe(expected);
    }
  });

  test.each<[string[], object]>([
    [["-f", "--bar", "b"], { options: { foo: { type: "boolean", short: "f" }, bar: { type: "string" } } }],
    [["--bar=1", "--bar", "2"], { options: { bar: { type: "string", multiple: true } } }],
    [["a", "--", "-b"], { allowPositionals: true }],
    [["--nope"], { options: {} }],
    [["x"], {}],
  ])("parseArgs of %o", (args, config) => {
    const use = (module: typeof util) =>
      outcome(() => JSON.stringify(module.parseArgs({ args, ...config } as util.ParseArgsConfig)));
    expect(use(guest.require("node:util"))).toEqual(use(util));
  });

  test("inspect shows arrays of millions without listing their keys", () => {
    const long = [Array(1_500_000).fill("x"), new Uint8Array(1_500_000)];
    const listed = vi.spyOn(Object, "keys");
    try {
      expect(guest.require("node:util").inspect(long)).toBe(util.inspect(long));
      expect(listed.mock.calls.filter(([value]) => long.includes(value as never))).toEqual([]);
    } finally {
      listed.mockRestore();
    }
  });
});

describe("net", () => {
  test.each([
    "1.2.3.4",
    "1.2.3",
    "256.1.1.1",
    "01.2.3.4",
    "::",
    "::1",
    "1::",
    "a:b:c:d:e:f:1:2",
    "1:2:3:4:5:6:7",
    "1::2::3",
    "::ffff:1.2.3.4",
    "fe80::1%eth0",
    "fe80::1%",
    "12345::",
    "",
    "x",
    "1:2:3:4:5:6:7::",
    "::1.2.3.4:5",
  ])("isIP(%s)", (input) => {
    expect(guest.require("node:net").isIP(input)).toBe(net.isIP(input));
  });
});
