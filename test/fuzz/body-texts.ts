import { gzipSync } from "node:zlib";
import type { Draft } from "./draft.ts";
import { type Expectation, type FuzzRequest, pick, type Random } from "./fuzz-case.ts";

// What can be wrong with a body as a text, whatever its members are.

/** Something that is done to a request as a whole. */
export interface WholeMutation {
  readonly name: string;
  readonly expectation: Expectation;
  make(draft: Draft, random: Random): FuzzRequest;
}

const answered: Expectation = { kind: "answered" };
const any: Expectation = { kind: "any" };
/** The field is the body itself: there is no member to name. */
const badBody: Expectation = { kind: "refused", naming: ["request body", "Request must be smaller"] };

export const bodyTextMutations: readonly WholeMutation[] = [
  { name: "body: cut JSON", expectation: badBody, make: cutBody },
  { name: "body: no JSON", expectation: badBody, make: noJson },
  { name: "body: no structure", expectation: badBody, make: noStructure },
  { name: "body: not UTF-8", expectation: badBody, make: notUtf8 },
  { name: "body: repeated members", expectation: answered, make: repeatedMembers },
  { name: "body: unknown members", expectation: answered, make: unknownMembers },
  { name: "body: deep nesting", expectation: any, make: deepBody },
  { name: "body: content type", expectation: answered, make: oddContentType },
  { name: "body: encoded", expectation: any, make: encodedBody },
  { name: "body: huge", expectation: any, make: hugeBody },
];

function cutBody(draft: Draft, random: Random): FuzzRequest {
  const text = draft.bodyText();
  return draft.request({ body: Buffer.from(text.slice(0, 1 + random(text.length - 1))) });
}

function noJson(draft: Draft, random: Random): FuzzRequest {
  const text = draft.bodyText();
  const texts = [
    `${text}x`,
    `${text}${text}`,
    `${text.slice(0, -1)},}`,
    `{'A':1,${text.slice(1)}`,
    `/* */${text}`,
    `\ufeff${text}`,
    `{a:1}`,
    `{"A":NaN}`,
    `{"A":Infinity}`,
    `{"A":01}`,
    `{"A":.5}`,
    `{"A":"\n"}`,
    `{"A":"\\x41"}`,
    `{"A":"\\ud8"}`,
    `{"A"}`,
    `{,}`,
    "undefined",
    "<CreateFunction/>",
    "FunctionName=a&Role=b",
    "\0",
    ")]}',\n{}",
  ];
  return draft.request({ body: Buffer.from(pick(random, texts)) });
}

function noStructure(draft: Draft, random: Random): FuzzRequest {
  const texts = ["null", "true", "0", "-1e400", '""', '"{}"', "[]", `[${draft.bodyText()}]`];
  return draft.request({ body: Buffer.from(pick(random, texts)) });
}

function notUtf8(draft: Draft, random: Random): FuzzRequest {
  const text = draft.bodyText();
  const bodies = [
    Buffer.from(text, "utf16le"),
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]),
    Buffer.concat([Buffer.from('{"A":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    Buffer.concat([Buffer.from('{"A":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    Buffer.from(Array.from({ length: 64 }, () => 0x80 + random(128))),
  ];
  return draft.request({ body: pick(random, bodies) });
}

function repeatedMembers(draft: Draft, random: Random): FuzzRequest {
  const text = draft.bodyText();
  const inner = text.slice(1, -1);
  const bodies = [
    `{${inner}${inner === "" ? "" : ","}${inner}}`,
    `{"FunctionName":1,${inner || '"A":1'}}`,
    `{"Description":null,"Description":"a","Description":[]${inner === "" ? "" : `,${inner}`}}`,
  ];
  return draft.request({ body: Buffer.from(pick(random, bodies)) });
}

function unknownMembers(draft: Draft, random: Random): FuzzRequest {
  const inner = draft.bodyText().slice(1, -1);
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "FromTheFuture", "", "\\u0000"];
  const values = ['{"isAdmin":true}', "1", "null", "[[[]]]", '"a"'];
  const member = `"${pick(random, names)}":${pick(random, values)}`;
  return draft.request({ body: Buffer.from(`{${member}${inner === "" ? "" : ","}${inner}}`) });
}

function deepBody(draft: Draft, random: Random): FuzzRequest {
  const depth = 10_000 + random(90_000);
  const [open, close] = pick(random, [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const);
  const middle = open === "[" ? "" : "1";
  return draft.request({
    body: Buffer.from(`{"A":${open.repeat(depth)}${middle}${close.repeat(depth)}}`),
  });
}

function oddContentType(draft: Draft, random: Random): FuzzRequest {
  const types = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/json; charset=utf-16",
    "application/json; charset=utf-7",
    "application/x-amz-json-1.1",
    "application/octet-stream",
    "a",
    "",
    ";;;",
    "*/*",
  ];
  const body = Buffer.from(draft.bodyText());
  return draft.request({ headers: [["Content-Type", pick(random, types)], ...draft.headers], body });
}

function encodedBody(draft: Draft, random: Random): FuzzRequest {
  const body = gzipSync(draft.bodyText());
  const encoding = pick(random, ["gzip", "deflate", "br", "identity", "x", ""]);
  return draft.request({ headers: [["Content-Encoding", encoding], ...draft.headers], body });
}

function hugeBody(draft: Draft, random: Random): FuzzRequest {
  const pad = pick(random, [" ", '"', "["]).repeat(1_050_000);
  return draft.request({ body: Buffer.from(`{"A":${pad}`) });
}
