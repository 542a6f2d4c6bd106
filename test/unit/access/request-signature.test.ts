import { expect, test } from "vitest";
import { parseAmzDate } from "../../../src/access/amz-date.ts";
import { headersOf, parametersOf, toRequestHead } from "../../../src/access/request-head.ts";
import { RequestSignature } from "../../../src/access/request-signature.ts";
import { Sha256 } from "../../../src/model/sha256.ts";
import { key } from "./signing.ts";

interface Example {
  readonly service?: string;
  readonly method?: string;
  readonly target?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly signedHeaders?: string;
  readonly signature: string;
}

const host = ["Host", "example.amazonaws.com"];
const date = ["X-Amz-Date", "20150830T123600Z"];

// AWS's published test suite for Signature Version 4, by the names of its cases; the first one is the example of
// the documentation.
const examples: Record<string, Example> = {
  "documentation: IAM ListUsers": {
    service: "iam",
    target: "/?Action=ListUsers&Version=2010-05-08",
    headers: [
      "Content-Type",
      "application/x-www-form-urlencoded; charset=utf-8",
      "Host",
      "iam.amazonaws.com",
      ...date,
    ],
    signedHeaders: "content-type;host;x-amz-date",
    signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
  },
  "get-vanilla": { signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  "get-vanilla-query-order-key-case": {
    target: "/?Param2=value2&Param1=value1",
    signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  },
  "get-utf8": {
    target: "/ሴ",
    signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
  },
  "get-header-value-trim": {
    headers: [...host, "My-Header1", " value1", "My-Header2", ' "a   b   c"', ...date],
    signedHeaders: "host;my-header1;my-header2;x-amz-date",
    signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
  },
  "get-header-key-duplicate": {
    headers: [...host, "My-Header1", "value2", "My-Header1", "value2", "My-Header1", "value1", ...date],
    signedHeaders: "host;my-header1;x-amz-date",
    signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
  },
  "post-vanilla": {
    method: "POST",
    signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  },
  "post-x-www-form-urlencoded": {
    method: "POST",
    headers: ["Content-Type", "application/x-www-form-urlencoded", ...host, ...date],
    body: "Param1=value1",
    signedHeaders: "content-type;host;x-amz-date",
    signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  },
};

test("compute() refuses what the SDK's code cannot tell apart: a parameter __proto__", async () => {
  await expect(signatureOf({ target: "/?__proto__=1" })).rejects.toThrow("does not match");
});

test.each(Object.entries(examples))("compute() gives AWS's own signature for %s", async (_, example) => {
  expect(await signatureOf(example)).toBe(example.signature);
});

async function signatureOf(example: Omit<Example, "signature">): Promise<string> {
  const { service = "service", method = "GET", target = "/", body = "" } = example;
  const head = toRequestHead(method, target, example.headers ?? [...host, ...date]);
  const hash = new Sha256();
  hash.update(Buffer.from(body));
  return new RequestSignature(service, "us-east-1").compute(
    {
      head,
      headers: headersOf(head),
      query: parametersOf(head),
      parts: {
        accessKeyId: key.accessKeyId,
        scope: { date: "20150830", region: "us-east-1", service },
        signedHeaders: (example.signedHeaders ?? "host;x-amz-date").split(";"),
        signature: "",
        date: parseAmzDate("20150830T123600Z") ?? { text: "", epochMs: 0 },
        sessionToken: undefined,
        expiresSeconds: undefined,
      },
      payloadHash: Buffer.from(await hash.digest()).toString("hex"),
    },
    key.secretAccessKey,
  );
}
