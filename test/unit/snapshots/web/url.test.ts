import { describe, expect, test } from "vitest";
import { guest, outcome } from "./guest.ts";

const parts = [
  ...[
    "href",
    "origin",
    "protocol",
    "username",
    "password",
    "host",
    "hostname",
    "port",
    "pathname",
    "search",
    "hash",
  ],
] as const;

const inputs: [string, string?][] = [
  ["https://user:pa%20ss@example.com:8443/a/b/../c?x=1&y=2#frag"],
  ["http://user@h/"],
  ["http://:secret@h/p"],
  ["http://u:@h"],
  ["http://EXAMPLE.com:80"],
  ["http://a@b@c:1/"],
  ["http://[2001:db8::1]:8080/x"],
  ["http://[::1]/?q"],
  ["http://0x7f.1/"],
  ["http://h/?#"],
  ["http://h?a#b?c/d@e:1"],
  ["http://h/#?x"],
  ["http://faß.de/ü?ü#ü"],
  ["mailto:a@b.c?subject=x#y"],
  ["data:text/plain,hello//x@y:1?q#h"],
  ["file:///c:/x/../y"],
  ["file://host/x"],
  ["file:"],
  ["about:blank"],
  ["web+demo:/.//not-a-host/"],
  ["web+demo://u:p@Host:99/x?y#z"],
  ["web+demo:/a/../..//b"],
  ["urn:isbn:1?=x"],
  ["foo://"],
  ["foo:///p"],
  ["blob:https://example.com:123/uuid"],
  ["blob:foo:bar"],
  ["../x?y", "http://h/a/b/c"],
  ["//other/x", "https://h/a"],
  ["?q", "mailto:x"],
  ["", "http://h/a?b#c"],
  ["http://h/a b\t\n%zz\ud800"],
  ["not a url"],
  ["http://"],
  ["http://a b/"],
  ["http://h:99999/"],
  ["ws://h:80/"],
  [" \u0000 http://h/ "],
];

function describeUrl(url: URL) {
  return parts.map((part) => [part, url[part]]);
}

describe("URL", () => {
  test.each(inputs)("%j has Node's components", async (input, base) => {
    const read = (realm: typeof globalThis) => outcome(() => describeUrl(new realm.URL(input, base)));
    expect(await read(guest)).toEqual(await read(globalThis));
    expect(guest.URL.canParse(input, base)).toBe(URL.canParse(input, base));
    expect(guest.URL.parse(input, base)?.href).toBe(URL.parse(input, base)?.href);
  });

  const values = [
    "",
    "x",
    "8080",
    "a:1",
    "[::1]",
    "//",
    "/a/../b",
    "?q=ü",
    "#h",
    "https",
    "foo:",
    "\ud800",
    "a@b",
    "99999",
    "a b",
    "http://new/?z#y",
    "%zz",
  ];
  for (const part of parts) {
    if (part === "origin") continue;
    test(`assigning ${part} does what it does in Node`, () => {
      for (const start of [
        "http://u:p@h:1/p?q=1#f",
        "mailto:x?y#z",
        "file:///a",
        "web+x://h/p",
        "web+x:/p",
      ]) {
        for (const value of values) {
          const assign = (realm: typeof globalThis) => {
            const url = new realm.URL(start);
            const parameters = url.searchParams;
            try {
              url[part] = value;
            } catch (error) {
              return (error as Error).name;
            }
            return [describeUrl(url), parameters.toString()];
          };
          expect([start, value, assign(guest)]).toEqual([start, value, assign(globalThis)]);
        }
      }
    });
  }

  test("searchParams changes the URL, and the URL its searchParams", () => {
    const run = (realm: typeof globalThis) => {
      const url = new realm.URL("http://h/?a=1&b=2#h");
      const seen = [];
      url.searchParams.append("c", "ü &");
      seen.push(url.href);
      url.search = "?z=%20+";
      seen.push([...url.searchParams]);
      url.searchParams.delete("z");
      seen.push(url.href);
      url.searchParams.set("k", "v");
      url.searchParams.sort();
      seen.push(url.href, url.searchParams.size, JSON.stringify({ url }));
      return seen;
    };
    expect(run(guest)).toEqual(run(globalThis));
  });

  test("a URL that does not parse is a TypeError with Node's code", () => {
    expect(() => new guest.URL("nope")).toThrow(
      expect.objectContaining({ name: "TypeError", code: "ERR_INVALID_URL", input: "nope" }),
    );
  });
});

describe("URLSearchParams", () => {
  const inits: unknown[] = [
    ...[
      "",
      "?a=1",
      "a=1&a=2&b",
      "a=%20+%zz&=x&%",
      "%ff=%C3%BC&%f0%9f%98%80=\ud83d",
      "?a?b=c=d",
      "a&&b&",
      "%EF%BB%BFa=b",
    ],
    ...[
      undefined,
      null,
      7,
      { a: "1", b: 2 },
      {},
      [
        ["a", "b"],
        ["c", "d"],
      ],
      new Map([["k", "v"]]),
      [["a"]],
      [1],
      "ü=\ud800",
    ],
    ...[
      { [Symbol("s")]: "x" },
      { "\ud800": "1", "\udfff": "2" },
      new URLSearchParams("q=1&q=2"),
      "a=~!*()'-._%27",
    ],
  ];
  test.each(inits.map((init) => [init]))("made of %o is as Node's", async (init) => {
    const run = (realm: typeof globalThis) =>
      outcome(() => {
        const parameters = new realm.URLSearchParams(init as string);
        return [
          [...parameters],
          `${parameters}`,
          parameters.size,
          [...parameters.keys()],
          [...parameters.values()],
        ];
      });
    expect(await run(guest)).toEqual(await run(globalThis));
  });

  test("methods do what Node's do", () => {
    const run = (realm: typeof globalThis) => {
      const p = new realm.URLSearchParams("b=2&a=1&b=3&\u{1f600}=x&\ufffd=y");
      const seen: unknown[] = [p.get("b"), p.getAll("b"), p.get("no"), p.has("b", "3"), p.has("b", "4")];
      p.set("b", "9");
      seen.push(`${p}`);
      p.append("b", "10");
      p.delete("b", "9");
      p.sort();
      seen.push(`${p}`);
      p.forEach((value, name) => void seen.push([value, name]));
      seen.push(Object.prototype.toString.call(p), Object.prototype.toString.call(p.entries()));
      return seen;
    };
    expect(run(guest)).toEqual(run(globalThis));
  });

  test("iteration sees what is added and removed meanwhile", () => {
    const run = (realm: typeof globalThis) => {
      const p = new realm.URLSearchParams("a=1&b=2&c=3");
      const seen = [];
      for (const [name] of p) {
        seen.push(name);
        if (name === "a") p.delete("a");
        if (name === "c") p.append("d", "4");
      }
      return seen;
    };
    expect(run(guest)).toEqual(run(globalThis));
  });
});

describe("a URL that needs no parser", () => {
  const urls = [
    "https://h",
    "http://h:80",
    "https://a-b.c1/",
    "http://h.1/",
    "https://h:443/x",
    "http://h:0080/",
  ];
  const odd = [
    "https://h-/",
    "https://-h/",
    "https://xn--a/",
    "https://h./",
    "https://h../",
    "http://0x7f/",
    "https://h:65536/",
  ];
  const paths = [
    "/a/./b",
    "/a/.b/..",
    "/%2e%2E/x",
    "/a%2Eb",
    "/a//b",
    "/.",
    "/a?b/../c",
    "/a#b/../c",
    "//other/x",
    "/\\x",
    "/a\tb",
  ];
  const long = [`https://${"a".repeat(254)}/`, `https://h/${"p".repeat(3000)}`];

  test.each([...urls, ...odd, ...paths.map((path) => `https://h${path}`), ...long])("%s", async (url) => {
    expect(await outcome(() => new guest.URL(url).href)).toEqual(await outcome(() => new URL(url).href));
  });

  test.each(paths)("nor does %s on a base", async (path) => {
    for (const base of ["https://h.example:8080", "http://h/a/b?c#d", "https://u@h/"]) {
      const told = (Made: typeof URL) => outcome(() => parts.map((part) => new Made(path, base)[part]));
      expect(await told(guest.URL)).toEqual(await told(URL));
    }
  });

  test("holds no character that a parser would change, wherever it stands", () => {
    for (let code = 0; code < 0x180; code++) {
      const char = String.fromCharCode(code);
      for (const url of [
        `http://h${char}h/`,
        `http://h/a${char}b`,
        `http://h/?a${char}b`,
        `http://h/#a${char}b`,
      ]) {
        expect([url, guest.URL.parse(url)?.href]).toEqual([url, URL.parse(url)?.href]);
      }
    }
  });
});
