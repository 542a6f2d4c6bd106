import { expect, test } from "vitest";
import {
  headOf,
  key,
  refusal,
  type Sent,
  type SigningOptions,
  sign,
  signedAtMs,
  verifier,
  verify,
} from "./signing.ts";

const invoke = {
  method: "POST",
  path: "/2015-03-31/functions/hello/invocations",
  query: { Qualifier: "live" },
  headers: { "content-type": "application/json", "x-amz-invocation-type": "RequestResponse" },
  body: '{"a":1}',
};
const presigned = { expiresSeconds: 300 };
const minuteMs = 60_000;

async function message(sent: Sent, nowMs = signedAtMs): Promise<string> {
  return verify(sent, await verifier(nowMs)).then(
    () => "accepted",
    (error: Error) => error.message,
  );
}

const requests = {
  "a plain GET": {},
  "an invocation": invoke,
  "a path with escapes, which are escaped again": {
    path: "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Ahello/code%20%2F%25",
  },
  "a path with a slash at its end": { path: "/2015-03-31/functions/" },
  "a query that has to be sorted and escaped": {
    path: "/2018-10-31/layers",
    query: { b: "", a: ["2", "1"], find: "arn:aws:lambda ü+&=/~*'()!", A: "x", "ö %": "€" },
  },
  "header values with spaces": { headers: { "x-amz-client-context": "  a   b\tc  " } },
  "headers that a signer usually leaves out": { headers: { "user-agent": "x", expect: "100-continue" } },
};

test.each(Object.entries(requests))("%s is accepted as the SDK signs it", async (_, request) => {
  expect(await verify(await sign(request))).toBe(key);
  expect(await verify(await sign(request, { withHash: false }))).toBe(key);
  expect(await verify(await sign(request, presigned))).toBe(key);
});

test("a request says nothing of who sends it: Missing Authentication Token", async () => {
  const { headers, ...sent } = await sign({});
  const unsigned = { ...sent, headers: headers.filter(([name]) => name !== "authorization") };
  expect(await refusal(unsigned)).toBe("MissingAuthenticationTokenException");
  expect(await message(unsigned)).toBe("Missing Authentication Token");
});

test("another secret is a mismatch, in AWS's words", async () => {
  for (const more of [{}, presigned]) {
    const sent = await sign(invoke, { secretAccessKey: "another", ...more });
    expect(await refusal(sent)).toBe("InvalidSignatureException");
    expect(await message(sent)).toMatch(/^The request signature we calculated does not match the signature/);
  }
});

test("a key that is not ours, and one of ours with a session token, are not recognized", async () => {
  const others: SigningOptions[] = [{ accessKeyId: "AKIAUNKNOWN" }, { sessionToken: "token" }];
  for (const other of others) {
    for (const more of [{}, presigned]) {
      const sent = await sign(invoke, { ...other, ...more });
      expect(await refusal(sent)).toBe("UnrecognizedClientException");
      expect(await message(sent)).toBe("The security token included in the request is invalid.");
    }
  }
});

test("a signature for another region or service is refused", async () => {
  expect(await message(await sign(invoke, { region: "us-east-2" }))).toBe(
    "Credential should be scoped to a valid region.",
  );
  expect(await message(await sign(invoke, { service: "s3" }))).toBe(
    "Credential should be scoped to correct service: 'lambda'.",
  );
});

test("a signature in the header is good for 15 minutes before and after its date", async () => {
  const sent = await sign(invoke);
  for (const offset of [-15, 0, 15]) {
    expect(await message(sent, signedAtMs + offset * minuteMs)).toBe("accepted");
  }
  expect(await message(sent, signedAtMs + 15 * minuteMs + 1000)).toBe(
    "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)",
  );
  expect(await message(sent, signedAtMs - 15 * minuteMs - 1000)).toBe(
    "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 min.)",
  );
  expect(await refusal(sent, await verifier(signedAtMs + 16 * minuteMs))).toBe("InvalidSignatureException");
});

test("a presigned request is good as long as it says, at most for seven days", async () => {
  const week = 7 * 24 * 3600;
  const sent = await sign({}, { expiresSeconds: week });
  expect(await message(sent, signedAtMs + week * 1000)).toBe("accepted");
  expect(await message(sent, signedAtMs + week * 1000 + 1)).toMatch(/^Signature expired: /);
  const brief = await sign({}, { expiresSeconds: 1 });
  expect(await message(brief, signedAtMs + 1000)).toBe("accepted");
  expect(await message(brief, signedAtMs + 2000)).toMatch(/^Signature expired: /);
  expect(await message(brief, signedAtMs - 16 * minuteMs)).toMatch(/^Signature not yet current: /);
  for (const expires of ["0", "604801", "-1", "1e3", "", "99999999"]) {
    const changed = { ...sent, target: sent.target.replace(/X-Amz-Expires=\d+/, `X-Amz-Expires=${expires}`) };
    expect(await refusal(changed), expires).toBe("IncompleteSignatureException");
  }
});

test("the host must be signed, and every x-amz-* header that is there", async () => {
  const { headers, ...sent } = await sign(invoke);
  const extra = { ...sent, headers: [...headers, ["x-amz-log-type", "Tail"] as const] };
  expect(await message(extra)).toBe("'x-amz-log-type' must be a 'SignedHeader' in the AWS Authorization.");
  const hostless = {
    ...sent,
    headers: headers.map(([name, value]) => [name, value.replace("host;", "")] as const),
  };
  expect(await message(hostless)).toBe("'Host' must be a 'SignedHeader' in the AWS Authorization.");
  const absent = { ...sent, headers: headers.filter(([name]) => name !== "content-type") };
  expect(await message(absent)).toBe(
    "'content-type' is named as a SignedHeader, but it does not exist in the HTTP request",
  );
});

test.each([
  "UNSIGNED-PAYLOAD",
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "0",
])("a signature over %s in place of the body's hash is refused: those are S3's", async (claim) => {
  const sent = await sign({ ...invoke, headers: { "x-amz-content-sha256": claim } });
  expect(await refusal(sent)).toBe("InvalidSignatureException");
});

test("the hash that was signed is checked against the body that came", async () => {
  const sent = await sign(invoke);
  const head = await (await verifier()).verifyHead(headOf(sent));
  await expect(head.verifyBody(Buffer.from('{"a":2}'))).rejects.toThrow("does not match");
  await expect(head.verifyBody(Buffer.from(sent.body))).resolves.toBe(key);
});

test("what the head shows to be wrong is refused before the body is read, if its hash came along", async () => {
  const sent = await sign(invoke, { secretAccessKey: "another" });
  await expect((await verifier()).verifyHead(headOf(sent))).rejects.toThrow("does not match");
});

test("a key that is deleted while the body comes in signs nothing any more", async () => {
  const keys = [key];
  const head = await (await verifier(signedAtMs, keys)).verifyHead(headOf(await sign(invoke)));
  keys.pop();
  await expect(head.verifyBody(Buffer.from(invoke.body))).rejects.toThrow("security token");
});

test.each([
  ["Bearer eyJhbGciOiJIUzI1NiJ9", "Authorization header requires 'Credential' parameter."],
  ["AWS4-HMAC-SHA256 x", "Invalid key=value pair (missing equal-sign) in Authorization header"],
  ["AWS4-HMAC-SHA256 Credential=a/b/c", "Authorization header requires 'Signature' parameter."],
  ["AWS4-ECDSA-P256-SHA256 Credential=a", "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."],
  [
    "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0",
    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c'",
  ],
  [
    "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0",
    "Credential should be scoped with a valid terminator: 'aws4_request', not 'e'.",
  ],
])("an Authorization header that is no signature says what it lacks: %s", async (authorization, text) => {
  const { headers, ...sent } = await sign({});
  const changed = {
    ...sent,
    headers: headers.map(
      ([name, value]) => [name, name === "authorization" ? authorization : value] as const,
    ),
  };
  expect(await refusal(changed)).toBe("IncompleteSignatureException");
  expect(await message(changed)).toContain(text);
});

test("no message repeats a header's signature", async () => {
  const { headers, ...sent } = await sign({});
  const changed = {
    ...sent,
    headers: headers.map(([name, value]) => [name, value.replace("SignedHeaders", "Signed")] as const),
  };
  const signature = /Signature=(\w+)/.exec(headers.flat().join())?.[1] ?? "none";
  expect(await message(changed)).not.toContain(signature);
});

test.each(["20150830T123600", "2015-08-30T12:36:00Z", "20150230T123600Z", "20150830T246000Z", "now"])(
  "the date %s is none",
  async (text) => {
    const { headers, ...sent } = await sign({});
    const changed = {
      ...sent,
      headers: headers.map(([name, value]) => [name, name === "x-amz-date" ? text : value] as const),
    };
    expect(await message(changed)).toContain(`Date must be in ISO-8601 'basic format'. Got '${text}'`);
  },
);
