import { expect, test } from "vitest";
import { type AuditFacts, auditRecord } from "../../../src/audit/audit-event.ts";
import { eventName, isEvent, withoutVersion } from "../../../src/audit/event-names.ts";
import { safeElements, safeMessage } from "../../../src/audit/safe-elements.ts";

const scope = { region: "us-east-1", accountId: "000000000000" };
const account = { accountId: "000000000000", userName: undefined, roleArn: undefined };

function record(more: Partial<AuditFacts> = {}) {
  return auditRecord(
    {
      timeMs: Date.UTC(2026, 10, 21, 12, 0, 0, 900),
      eventSource: "lambda.amazonaws.com",
      operation: "CreateFunction",
      isRead: false,
      requestId: "request",
      sourceAddress: "192.0.2.1",
      userAgent: "aws-cli/2",
      principal: undefined,
      ...more,
    },
    scope,
  );
}

test.each([
  ["CreateFunction", "CreateFunction20150331"],
  ["UpdateFunctionConfiguration", "UpdateFunctionConfiguration20150331v2"],
  ["TagResource", "TagResource20170331v2"],
  ["PutFunctionConcurrency", "PutFunctionConcurrency20171031"],
  ["PublishLayerVersion", "PublishLayerVersion20181031"],
  ["CreateFunctionUrlConfig", "CreateFunctionUrlConfig"],
  ["PutProvisionedConcurrencyConfig", "PutProvisionedConcurrencyConfig"],
  ["Invoke", "Invoke"],
  ["toString", "toString"],
])("the event of %s is %s", (operation, event) => {
  expect(eventName(operation)).toBe(event);
  expect(withoutVersion(event)).toBe(operation);
  for (const wanted of [operation, event, operation.toLowerCase()]) expect(isEvent(event, wanted)).toBe(true);
  expect(isEvent(event, `${operation}s`)).toBe(false);
});

test("a record has CloudTrail's members", () => {
  const { eventID, ...rest } = record({
    principal: {
      ...account,
      type: "User",
      arn: "arn:aws:iam::000000000000:user/ci",
      userId: "AIDA1",
      userName: "ci",
      accessKeyId: "AKIA1",
    },
    input: { FunctionName: "hello" },
    output: { FunctionName: "hello", CodeSha256: "abc" },
    resources: [
      { type: "AWS::Lambda::Function", arn: "arn:aws:lambda:us-east-1:000000000000:function:hello" },
    ],
    tls: { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", host: "localhost:9000" },
  });
  expect(eventID).toMatch(/^[0-9a-f-]{36}$/);
  expect(rest).toEqual({
    eventVersion: "1.08",
    userIdentity: {
      type: "IAMUser",
      principalId: "AIDA1",
      arn: "arn:aws:iam::000000000000:user/ci",
      accountId: "000000000000",
      accessKeyId: "AKIA1",
      userName: "ci",
    },
    eventTime: "2026-11-21T12:00:00Z",
    eventSource: "lambda.amazonaws.com",
    eventName: "CreateFunction20150331",
    awsRegion: "us-east-1",
    sourceIPAddress: "192.0.2.1",
    userAgent: "aws-cli/2",
    requestParameters: { functionName: "hello" },
    responseElements: { functionName: "hello", codeSha256: "abc" },
    requestID: "request",
    readOnly: false,
    resources: [
      {
        accountId: "000000000000",
        type: "AWS::Lambda::Function",
        ARN: "arn:aws:lambda:us-east-1:000000000000:function:hello",
      },
    ],
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: "000000000000",
    eventCategory: "Management",
    tlsDetails: {
      tlsVersion: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      clientProvidedHostHeader: "localhost:9000",
    },
  });
});

test("each kind of principal is told as CloudTrail does", () => {
  const root = {
    ...account,
    type: "Account",
    arn: "arn:aws:iam::000000000000:root",
    userId: "000000000000",
    accessKeyId: "AKIA2",
  } as const;
  expect(record({ principal: root }).userIdentity).toEqual({
    type: "Root",
    principalId: "000000000000",
    arn: "arn:aws:iam::000000000000:root",
    accountId: "000000000000",
    accessKeyId: "AKIA2",
  });
  const session = {
    ...account,
    type: "AssumedRole",
    arn: "arn:aws:sts::000000000000:assumed-role/worker/hello",
    userId: "AROA1:hello",
    roleArn: "arn:aws:iam::000000000000:role/worker",
    accessKeyId: "ASIA1",
  } as const;
  expect(record({ principal: session }).userIdentity).toMatchObject({
    type: "AssumedRole",
    principalId: "AROA1:hello",
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: "AROA1",
        arn: "arn:aws:iam::000000000000:role/worker",
        accountId: "000000000000",
        userName: "worker",
      },
    },
  });
  const claimed = record({ claimedAccessKeyId: "AKIA9" });
  expect(claimed.userIdentity).toEqual({
    type: "AWSAccount",
    principalId: "",
    accountId: "ANONYMOUS_PRINCIPAL",
  });
  expect(claimed.additionalEventData).toEqual({ claimedAccessKeyId: "AKIA9" });
});

test("a refusal has its code and words, and no response; neither has a read", () => {
  const error = { code: "AccessDeniedException", message: "User: x is not authorized" };
  expect(record({ error, output: { FunctionArn: "arn" } })).toMatchObject({
    errorCode: "AccessDenied",
    errorMessage: "User: x is not authorized",
    responseElements: null,
  });
  const read = record({ operation: "GetFunction", isRead: true, output: { Code: { Location: "secret" } } });
  expect(read).toMatchObject({ readOnly: true, responseElements: null, requestParameters: null });
});

const secretValue = "hunter2-hunter2";

test("no secret of a call is in its record", () => {
  const told = record({
    input: {
      FunctionName: "hello",
      Environment: { Variables: { PASSWORD: secretValue } },
      Code: { ZipFile: Buffer.from(secretValue) },
      ZipFile: secretValue,
      EventSourceToken: secretValue,
      secretAccessKey: secretValue,
      SessionToken: secretValue,
      ClientContext: secretValue,
      nested: { list: [{ Password: secretValue }] },
    },
    output: {
      Environment: { Variables: { PASSWORD: secretValue } },
      Code: { Location: `https://host/?signature=${secretValue}` },
      Statement: JSON.stringify({
        Sid: "s",
        Condition: { StringEquals: { "lambda:EventSourceToken": secretValue } },
      }),
    },
  });
  expect(JSON.stringify(told)).not.toContain(secretValue);
  expect(told.requestParameters).toMatchObject({
    functionName: "hello",
    environment: {},
    code: {},
    eventSourceToken: "HIDDEN_DUE_TO_SECURITY_REASONS",
  });
  expect(told.responseElements).toMatchObject({ environment: {}, code: {} });
  expect((told.responseElements as { statement: string }).statement).toContain('"Sid":"s"');
});

test.each([
  ["SerializationException", `Could not parse request body into json: Unexpected token in "${secretValue}"`],
  ["SerializationException", `Cannot read the value at 'code.zipFile': ${secretValue} can not be converted`],
  [
    "InvalidRequestContentException",
    `Could not parse request body into json: Unrecognized token '${secretValue}'`,
  ],
  ["InvalidParameterValueException", `exceeded the 4KB limit. String measured: {"A":"${secretValue}"}`],
  ["ValidationException", `1 validation error detected: Value '${secretValue}' at 'clientContext' failed`],
  [
    "ValidationException",
    `2 validation errors: Value '{a=${secretValue}}' at 'environment.variables' failed`,
  ],
])("what a %s repeats of a request is hidden", (code, message) => {
  const text = safeMessage(code, message);
  expect(text).not.toContain(secretValue);
  expect(text).toContain("HIDDEN_DUE_TO_SECURITY_REASONS");
});

test("what is hidden is found in one pass, however often a value looks like the beginning of one", () => {
  // A pass for each beginning would take minutes.
  const begins = "Value 'a' at 'description' failed; ".repeat(100_000);
  expect(safeMessage("ValidationException", begins)).toHaveLength(1024);
  expect(
    safeMessage("ValidationException", `Value '${secretValue}' at 'clientContext' failed; ${begins}`),
  ).toMatch(/^Value 'HIDDEN_DUE_TO_SECURITY_REASONS' at 'clientContext' failed; Value 'a' at/);
});

test("a refusal's other words stay", () => {
  const message = "Value 'x y' at 'functionName' failed to satisfy constraint: Member must be short";
  expect(safeMessage("ValidationException", message)).toBe(message);
});

test("names change as CloudTrail's do, and keys of maps don't", () => {
  expect(
    safeElements({ KMSKeyArn: "k", VpcConfig: { SubnetIds: ["s"] }, Tags: { Owner: "me" }, Publish: false }),
  ).toEqual({ kMSKeyArn: "k", vpcConfig: { subnetIds: ["s"] }, tags: { Owner: "me" }, publish: false });
});

test("whatever a client sends, a record is one line of a bounded length", () => {
  let deep: unknown = "end";
  for (let depth = 0; depth < 10_000; depth++) deep = { deep };
  const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, "v"]));
  const nasty = '\n{"eventName":"DeleteFunction"}\r\n\u2028\u0000\u202e\ud800"\\';
  const hostile: Partial<AuditFacts>[] = [
    { input: deep },
    { input: wide },
    { input: Array.from({ length: 50_000 }, () => "x".repeat(100)) },
    { input: { FunctionName: "x".repeat(5_000_000) } },
    { input: { ["k".repeat(1_000_000)]: nasty } },
    { input: { __proto__: { a: 1 }, constructor: nasty, toJSON: nasty } },
    { userAgent: nasty.repeat(100_000) },
    {
      sourceAddress: nasty.repeat(1000),
      requestId: nasty.repeat(1000),
      claimedAccessKeyId: nasty.repeat(1000),
    },
    { error: { code: nasty.repeat(1000), message: nasty.repeat(100_000) } },
    { operation: "UnknownOperation", input: { method: nasty, path: nasty.repeat(10_000) } },
  ];
  for (const facts of hostile) {
    const line = JSON.stringify(record(facts));
    expect(line).not.toMatch(/[\n\r\0]/);
    expect(Buffer.byteLength(line)).toBeLessThan(64 * 1024);
    expect(JSON.parse(line).eventType).toBe("AwsApiCall");
  }
  expect(
    record({ input: Object.fromEntries(Array.from({ length: 90 }, (_, i) => [i, "x".repeat(1024)])) }),
  ).toMatchObject({
    requestParameters: { omitted: true, reason: "exceeds the size of a record" },
  });
});
