import { bodyTextMutations, type WholeMutation } from "./body-texts.ts";
import type { Draft } from "./draft.ts";
import { type Expectation, type FuzzRequest, pick, type Random } from "./fuzz-case.ts";

// What can be wrong with a request as a whole, whatever its members are.

const answered: Expectation = { kind: "answered" };
const any: Expectation = { kind: "any" };
export function wholeMutations(hasBody: boolean): WholeMutation[] {
  const mutations: WholeMutation[] = [
    { name: "path: escapes", expectation: answered, make: oddPath },
    { name: "query: odd", expectation: answered, make: oddQuery },
    { name: "method", expectation: any, make: oddMethod },
    { name: "headers", expectation: answered, make: oddHeader },
    { name: "HTTP", expectation: any, make: oddHttp },
  ];
  if (!hasBody) {
    mutations.push({
      name: "body where none belongs",
      expectation: answered,
      make: (draft, random) => draft.request({ body: Buffer.from(pick(random, ["{", "{}", "\0", "[1]"])) }),
    });
    return mutations;
  }
  mutations.push(...bodyTextMutations);
  return mutations;
}

function oddPath(draft: Draft, random: Random): FuzzRequest {
  const path = draft.path();
  const end = path.lastIndexOf("/") + 1;
  const middle = path.indexOf("/", 1 + random(path.length - 1));
  const insert = (text: string) => path.slice(0, middle) + text + path.slice(middle);
  const escapes = ["%", "%2", "%ZZ", "%00", "%2F", "%2f..%2f", "%5C", "%C0%AF", "%ED%A0%80", "%FF", "%u0041"];
  const paths = [
    `${path}${pick(random, escapes)}`,
    `${path.slice(0, end)}${pick(random, escapes)}`,
    insert(pick(random, escapes)),
    insert("/"),
    insert("/."),
    insert("/.."),
    insert("/%2e%2e"),
    insert(";a=b"),
    `${path}/`,
    `${path}//`,
    `/${path}`,
    `${path}/${"a/".repeat(500)}`,
    `${path}${"a".repeat(8000)}`,
    path.toUpperCase(),
    path.slice(0, end),
    path.replace("2015", "2016"),
    path.replaceAll("/", "%2F").replace("%2F", "/"),
    [...path].map((c) => (/[a-z]/.test(c) && random(3) === 0 ? percent(c) : c)).join(""),
  ];
  return draft.request({ path: pick(random, paths) });
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function oddQuery(draft: Draft, random: Random): FuzzRequest {
  const name = pick(random, [
    "Qualifier",
    "Marker",
    "MaxItems",
    "tagKeys",
    "List",
    "find",
    "__proto__",
    "a",
    "",
  ]);
  const queries = [
    `${name}`,
    `${name}=`,
    `${name}=%`,
    `${name}=%00`,
    `${name}=%ZZ`,
    `${name}=%FF`,
    `${name}=%F0%9F`,
    `${name}=+`,
    `${name}=1&${name}=2`,
    `${name}[]=1`,
    `${name}[__proto__]=1`,
    `${name}=${"a".repeat(8000)}`,
    `&&&=&${name}==&`,
    `${name}=%25%32%35`,
    `%51ualifier=1`,
    `?${name}=1`,
    `${name}=1;b=2`,
    Array.from({ length: 500 }, (_, n) => `${name}${n}=1`).join("&"),
    Array.from({ length: 500 }, () => `${name}=1`).join("&"),
  ];
  const path = draft.path();
  return draft.request({ path: `${path}?${pick(random, queries)}` });
}

function oddMethod(draft: Draft, random: Random): FuzzRequest {
  const methods = [
    "HEAD",
    "OPTIONS",
    "PATCH",
    "TRACE",
    "PROPFIND",
    "QUERY",
    "CONNECT",
    "GET",
    "POST",
    "PUT",
    "get",
    "X",
    "GET\t",
    "",
    "G E T",
    "💥",
  ];
  return draft.request({ method: pick(random, methods) });
}

function oddHeader(draft: Draft, random: Random): FuzzRequest {
  const headers: readonly (readonly [string, string])[] = [
    ["Accept", "text/html"],
    ["Accept", ""],
    ["Accept-Encoding", "gzip, br, x;q=2"],
    ["Range", "bytes=0-1"],
    ["If-None-Match", "*"],
    ["X-HTTP-Method-Override", "DELETE"],
    ["X-Amz-Target", "AWSLambda.ListFunctions"],
    ["X-Amz-Date", "20000101T000000Z"],
    ["X-Amz-Security-Token", "a".repeat(2000)],
    ["X-Amz-Invocation-Type", "nonsense"],
    ["X-Amz-Log-Type", "nonsense"],
    ["X-Amz-Client-Context", "%%%"],
    ["X-Amzn-Trace-Id", "Root=1;;;=;Parent"],
    ["X-Forwarded-For", "a, b, c"],
    ["Authorization", "AWS4-HMAC-SHA256 nonsense"],
    ["Authorization", ""],
    ["Cookie", "a=b; __proto__=c"],
    ["Expect", "100-continue"],
    ["__proto__", "x"],
    ["constructor", "x"],
    ["X-Odd", "é\u00ff"],
    ["X-Long", "a".repeat(10_000)],
    ["Host", "localhost"],
    ["Date", "yesterday"],
    ["Transfer-Encoding", "identity"],
  ];
  const count = 1 + random(3);
  const added = Array.from({ length: count }, () => pick(random, headers)).filter(
    // A body with a length of its own and a transfer encoding is no HTTP.
    ([name]) => name !== "Transfer-Encoding",
  );
  const { headers: given } = draft.request();
  const names = new Set<string>();
  const once = added.filter(([name]) => !names.has(name) && names.add(name));
  return draft.request({ headers: [...given, ...once] });
}

function oddHttp(draft: Draft, random: Random): FuzzRequest {
  const { headers, ...request } = draft.request();
  const body = request.body ?? Buffer.from("{}");
  const variants: readonly Partial<FuzzRequest>[] = [
    { headers: [...headers, ["Content-Length", "-1"]] },
    { headers: [...headers, ["Content-Length", "1"], ["Content-Length", "2"]] },
    { headers: [...headers, ["Content-Length", "1e1"]] },
    { headers: [...headers, ["Content-Length", "5"], ["Transfer-Encoding", "chunked"]], body },
    { headers: [...headers, ["Transfer-Encoding", "chunked"]], body: Buffer.from("zz\r\n{}\r\n0\r\n\r\n") },
    { headers: [...headers, ["Transfer-Encoding", "chunked"]], body: Buffer.from("2\r\n{}\r\n0\r\n\r\n") },
    { headers: [...headers, ["Transfer-Encoding", "gzip"]], body },
    { headers: [...headers, ["Host", ""]] },
    { headers: [...headers, ["Host", "a, b"]] },
    { headers: [...headers, ["Host", "evil.example"]] },
    { headers: [...headers, ["Host", "[::1"]] },
    { headers: [...headers, ["X-Huge", "a".repeat(40_000)]] },
    { headers: [...headers, ["X-Null", "a\0b"]] },
    { headers: [...headers, ["X Space", "a"]] },
    { headers: [...headers, ["", "a"]] },
    { headers: [...headers, ["X-Fold", "a\r\n b"]] },
    { headers: [...headers, ["Connection", "Upgrade"], ["Upgrade", "websocket"]] },
    { headers: [...headers, ["Connection", "Upgrade"], ["Upgrade", "h2c"]] },
    { headers: [...headers, ["Expect", "nonsense"]] },
    { headers: [...headers, ["Origin", "https://evil.example"]] },
    { headers: [...headers, ["Sec-Fetch-Site", "cross-site"]] },
    { headers, target: `http://evil.example${request.target}` },
    { headers, target: "*" },
    { headers, target: request.target.slice(1) },
    { headers, target: `${request.target}#a` },
    { headers, target: `${request.target} HTTP/9.9\r\nA: b` },
    { headers, target: `${request.target}é` },
    { headers, target: `${request.target}\t` },
    { headers, target: `//evil.example${request.target}` },
    { headers, target: `/\\evil.example${request.target}` },
    { headers, target: `/@:80/${request.target}` },
    { headers, target: `${request.target}?${"a".repeat(40_000)}` },
    { headers: Array.from({ length: 3000 }, (_, n) => [`X-${n}`, "a"] as const) },
  ];
  return { ...request, headers, ...pick(random, variants) };
}
