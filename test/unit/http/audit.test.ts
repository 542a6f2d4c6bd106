import { Hono } from "hono";
import { beforeEach, expect, test } from "vitest";
import type { Credential } from "../../../src/access/index.ts";
import type { AuditFacts } from "../../../src/audit/index.ts";
import { auditedNames, auditedOperation } from "../../../src/http/audited-call.ts";
import { auditCalls, auditUrlCalls, createUrlHandler, invocationRoutes } from "../../../src/http/index.ts";
import { operations } from "../../../src/http/lambda-api/index.ts";
import { systemClock } from "../../../src/model/clock.ts";
import { AccessDeniedException } from "../../../src/model/errors.ts";
import type { UrlTarget } from "../../../src/model/functions.ts";
import { ScriptedInvoker, scriptedSpec, scriptedUrl } from "./scripted-invoker.ts";

const scope = { region: "us-east-1", accountId: "000000000000" };
const { urlId } = scriptedUrl;

let facts: AuditFacts[];
let bugs: unknown[];
const trail = { add: (told: AuditFacts) => void facts.push(told) };

beforeEach(() => {
  facts = [];
  bugs = [];
});

function api(dataEvents: boolean): Hono {
  const target = { spec: scriptedSpec, invokedFunctionArn: scriptedSpec.functionArn };
  const app = new Hono();
  const onBug = (error: unknown) => void bugs.push(error);
  app.use(auditCalls({ trail, dataEvents, trustForwarded: false, scope, clock: systemClock, onBug }));
  app.get("/denied/*", () => new Response(null, { status: 403 }));
  app.post("/2015-03-31/functions/forbidden/invocations", () => new Response(null, { status: 403 }));
  return app.route(
    "/",
    invocationRoutes({
      directory: { resolveInvoke: () => target } as unknown as Parameters<
        typeof invocationRoutes
      >[0]["directory"],
      invoker: new ScriptedInvoker(),
      onBug,
    }),
  );
}

const invoke = (app: Hono, name = "hello") =>
  app.request(`/2015-03-31/functions/${name}/invocations?Qualifier=live`, {
    method: "POST",
    body: '{"secret":"4711"}',
    headers: { "x-amz-client-context": "e30=", "x-amz-log-type": "Tail", "user-agent": "test" },
  });

test("invocations are told when data events are on, without what they carry", async () => {
  const response = await invoke(api(true));
  expect(response.status).toBe(200);
  expect(facts).toMatchObject([
    {
      operation: "Invoke",
      isData: true,
      isRead: false,
      requestId: response.headers.get("x-amzn-requestid"),
      sourceAddress: "brisk.internal",
      userAgent: "test",
      input: { FunctionName: "hello", Qualifier: "live", LogType: "Tail" },
      resources: [{ type: "AWS::Lambda::Function", arn: scriptedSpec.functionArn }],
    },
  ]);
  expect(JSON.stringify(facts)).not.toMatch(/4711|e30=/);
});

test("invocations are not told when data events are off, but those that are forbidden are", async () => {
  expect((await invoke(api(false))).status).toBe(200);
  expect(facts).toEqual([]);
  await invoke(api(false), "forbidden");
  expect(facts).toMatchObject([{ operation: "Invoke", error: { code: "Http403", message: "" } }]);
});

test("a record that cannot be made fails no call", async () => {
  const app = new Hono();
  const broken = {
    add: () => {
      throw new Error("broken");
    },
  };
  const onBug = (error: unknown) => void bugs.push(error);
  app.use(
    auditCalls({ trail: broken, dataEvents: true, trustForwarded: false, scope, clock: systemClock, onBug }),
  );
  app.get("*", (c) => c.text("answered"));
  expect(await (await app.request("/2015-03-31/functions/")).text()).toBe("answered");
  expect(bugs).toHaveLength(1);
});

test("every operation is found by its request line", async () => {
  const app = new Hono();
  let found: ReturnType<typeof auditedOperation> | undefined;
  app.all("*", (c) => {
    found = auditedOperation(c);
    return c.body(null);
  });
  for (const { name, method, path } of operations) {
    await app.request(path.replaceAll(/\{\w+\}/g, "a%2Fb"), { method });
    expect(found, path).toMatchObject({ name, eventSource: "lambda.amazonaws.com" });
    for (const value of Object.values(found?.uri ?? {})) expect(value).toBe("a/b");
    expect(auditedNames).toContain(name);
  }
  await app.request("/2015-03-31/nothing/%E0%A4%A", { method: "PUT" });
  expect(found).toMatchObject({ name: "UnknownOperation" });
  await app.request("/_brisk/keys/AKIA1", { method: "DELETE" });
  expect(found).toMatchObject({ name: "DeleteKey", eventSource: "brisk.internal" });
});

function urls(target: Partial<UrlTarget>, authorize: () => void = () => {}) {
  const credential = {
    accessKeyId: "AKIA1",
    principal: {
      type: "User",
      userId: "AIDA1",
      userName: "ci",
      caller: { arn: "arn:user/ci", accountId: "1" },
    },
  } as unknown as Credential;
  return createUrlHandler({
    directory: {
      findUrl: () => ({ ...scriptedUrl, ...target }),
    },
    invoker: new ScriptedInvoker(),
    config: { region: "us-east-1", domains: [], trustForwarded: false, streamBytesPerSecond: 0 },
    access: {
      verifier: { verifyHead: async () => ({ verifyBody: async () => credential }) },
      authorizer: { authorize },
    } as unknown as NonNullable<Parameters<typeof createUrlHandler>[0]["access"]>,
    onCall: auditUrlCalls(trail),
    onBug: (error) => void bugs.push(error),
  });
}

const call = (handler: ReturnType<typeof urls>) =>
  handler.fetch(
    new Request(`http://${urlId}.lambda-url.us-east-1.localhost/token-4711?q=4711`, {
      headers: { "user-agent": 'te"st' },
    }),
  );

test("calls of function URLs are told with who signed them, and without their path", async () => {
  await call(urls({}));
  await call(urls({ authType: "AWS_IAM" }));
  const common = {
    operation: "InvokeFunctionUrl",
    isData: true,
    sourceAddress: "127.0.0.1",
    userAgent: 'te"st',
  };
  expect(facts).toMatchObject([
    { ...common, principal: undefined, error: undefined },
    { ...common, principal: { type: "User", userName: "ci", accessKeyId: "AKIA1" }, error: undefined },
  ]);
  expect(facts[0]?.input).toEqual({
    functionName: scriptedSpec.functionArn,
    functionUrlId: urlId,
    httpMethod: "GET",
  });
  expect(JSON.stringify(facts)).not.toContain("4711");
});

test("calls of function URLs that are refused are told, too", async () => {
  await call(urls({ isPublic: false }));
  const deny = () => {
    throw new AccessDeniedException("User: ci is not authorized");
  };
  await call(urls({ authType: "AWS_IAM" }, deny));
  expect(facts).toMatchObject([
    { principal: undefined, error: { code: "AccessDeniedException" } },
    { principal: { userName: "ci" }, error: { message: "User: ci is not authorized" } },
  ]);
});
