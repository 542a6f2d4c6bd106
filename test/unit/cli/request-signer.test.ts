import { expect, test } from "vitest";
import { toRequestHead } from "../../../src/access/index.ts";
import { key as root, verifier } from "../access/signing.ts";
import { answerJson, FakeApi, refuse } from "./fake-api.ts";
import { runCli } from "./run-cli.ts";

const key = { ...root, accessKeyId: "AKIAEXAMPLEEXAMPLE23", secretAccessKey: "secret/+" };
const credentials = { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey };
const invocations = "POST /2015-03-31/functions/hello/invocations";

test("a command signs what it sends with the key in its variables", async () => {
  await using api = await FakeApi.start({ [invocations]: answerJson({ ok: true }) });
  const argv = ["invoke", "hello", "--qualifier", "live", "--payload", '{"a":"ü"}'];
  const { exitCode, stderr } = await runCli(argv, { env: { ...api.env, ...credentials } });
  expect(exitCode, stderr).toBe(0);
  const [call] = api.callsTo(invocations);
  const headers = Object.entries(call?.headers ?? {}).flatMap(([name, value]) => [name, String(value)]);
  const head = toRequestHead("POST", `${invocations.slice(5)}?${call?.query}`, headers);
  const signed = await (await verifier(Date.now(), [key])).verifyHead(head);
  expect(await signed.verifyBody(call?.body ?? Buffer.alloc(0))).toBe(key);
});

test("without a key nothing is signed, and half a key is a misuse", async () => {
  await using api = await FakeApi.start({ [invocations]: answerJson({ ok: true }) });
  expect((await runCli(["invoke", "hello"], { env: { ...api.env, AWS_REGION: "x" } })).exitCode).toBe(0);
  expect(api.calls[0]?.headers.authorization).toBeUndefined();
  const half = await runCli(["invoke", "hello"], { env: { ...api.env, AWS_ACCESS_KEY_ID: "AKIA" } });
  expect(half).toMatchObject({ exitCode: 2, stdout: "" });
  expect(half.stderr).toContain("AWS_SECRET_ACCESS_KEY is not set");
  expect(api.calls).toHaveLength(1);
});

test("a refusal for want of a signature says what to set", async () => {
  await using api = await FakeApi.start({
    [invocations]: refuse(403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
  });
  const { exitCode, stderr } = await runCli(["invoke", "hello"], api);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
});
