import { expect, test } from "vitest";
import { type Answer, FakeApi } from "./fake-api.ts";
import { runCli } from "./run-cli.ts";

const record = (more: object = {}) => ({
  eventTime: "2026-11-21T12:00:00Z",
  eventName: "CreateFunction20150331",
  sourceIPAddress: "192.0.2.1",
  userIdentity: { type: "IAMUser", userName: "ci" },
  requestParameters: { functionName: "hello" },
  ...more,
});

const answer =
  (...records: object[]): Answer =>
  (_, response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.end(records.map((one) => `${JSON.stringify(one)}\n`).join(""));
  };

test("audit prints a table, and asks the server for what the options say", async () => {
  const refused = record({
    eventName: "DeleteFunction20150331",
    userIdentity: { type: "AWSAccount", accountId: "ANONYMOUS_PRINCIPAL" },
    errorCode: "MissingAuthenticationTokenException",
    errorMessage: "Missing Authentication Token",
  });
  await using api = await FakeApi.start({ "GET /_brisk/audit": answer(record(), refused) });
  const { stdout, exitCode } = await runCli(
    ["audit", "--user", "ci", "--event", "create-function", "--errors", "--limit", "5"],
    { env: api.env },
  );
  expect(exitCode).toBe(0);
  expect(stdout).toBe(
    [
      "TIME                 WHO        FROM       EVENT           ON     RESULT",
      "2026-11-21 12:00:00  ci         192.0.2.1  CreateFunction  hello  ok",
      "2026-11-21 12:00:00  anonymous  192.0.2.1  DeleteFunction  hello  MissingAuthenticationTokenException: Missing Authentication Token",
      "",
    ].join("\n"),
  );
  expect(Object.fromEntries(api.calls[0]?.query ?? [])).toEqual({
    user: "ci",
    event: "CreateFunction",
    errors: "1",
    limit: "5",
  });
});

test("nothing that a client wrote moves the cursor, ends a line or turns it around", async () => {
  const hostile = record({
    requestParameters: { functionName: "a\u001b[2J\nroot  fake\u202e" },
    errorCode: "X",
    errorMessage: "y\r\u0007",
  });
  await using api = await FakeApi.start({ "GET /_brisk/audit": answer(hostile) });
  for (const options of [[], ["--follow"]]) {
    const { stdout } = await runCli(["audit", ...options], { env: api.env });
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(stdout.trimEnd().split("\n")).toHaveLength(options.length === 0 ? 2 : 1);
  }
});

test("--follow goes on until it is interrupted, and that is no failure", async () => {
  await using api = await FakeApi.start({
    "GET /_brisk/audit": (_, response) => {
      response.writeHead(200);
      response.write(`${JSON.stringify(record())}\n`);
    },
  });
  const interrupt = new AbortController();
  const { exitCode, stdout } = await runCli(["audit", "--follow"], {
    env: api.env,
    signal: interrupt.signal,
    onStdout: () => interrupt.abort(),
  });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^2026-11-21 12:00:00 {2}ci +192\.0\.2\.1 +CreateFunction +hello +ok\n$/);
});
