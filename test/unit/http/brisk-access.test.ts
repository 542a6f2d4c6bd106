import { Hono } from "hono";
import { expect, test } from "vitest";
import { Authorizer } from "../../../src/access/authorizer.ts";
import { authorizeBriskRoutes } from "../../../src/http/brisk-access.ts";
import { setSigned } from "../../../src/http/signed.ts";
import { readPolicy } from "../../../src/model/policy/index.ts";
import { key } from "../access/signing.ts";

const scope = { region: "us-east-1", accountId: "000000000000" };
const clock = { now: () => 0, monotonicMs: () => 0 };
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** Brisk's own requests, as a user with these statements sends them. @returns The status: 204 where nothing refuses. */
async function ask(path: string, ...statements: readonly object[]): Promise<number> {
  const authorizer = new Authorizer({
    resources: { policy: () => undefined, tags: () => undefined },
    scope,
    clock,
  });
  const caller = { ...key.principal.caller, isRoot: false };
  const policies = [readPolicy({ Version: "2012-10-17", Statement: statements }, "identity")];
  const principal = { ...key.principal, caller, policies };
  const origin = { sourceIp: "192.0.2.1", isSecure: true };
  const app = new Hono();
  app.use((c, next) => {
    const authorize = (access: Parameters<Authorizer["authorize"]>[2]) =>
      authorizer.authorize(principal, origin, access);
    const authorizeEarly = () => {};
    const { accessKeyId } = key;
    setSigned(c, { accessKeyId, principal, body: Buffer.alloc(0), scope, authorize, authorizeEarly });
    return next();
  });
  app.route("/", authorizeBriskRoutes());
  app.all("*", (c) => c.body(null, 204));
  return (await app.request(path)).status;
}

test("a log is the whole function's, whatever qualifier a request has", async () => {
  const all = { Effect: "Allow", Action: "brisk:*", Resource: "*" };
  const deny = { Effect: "Deny", Action: "brisk:GetLogs", Resource: functionArn("pay") };
  for (const path of ["/_brisk/logs/pay", "/_brisk/logs/pay?qualifier=live", "/_brisk/logs/pay:live"]) {
    expect(await ask(path, all, deny)).toBe(403);
    expect(await ask(path, { ...all, Resource: functionArn("pay:live") })).toBe(403);
    expect(await ask(path, { ...all, Resource: functionArn("pay") })).toBe(204);
  }
});

test("what acts on a version is asked for with its qualifier, and a route that nobody has listed on everything", async () => {
  const live = { Effect: "Allow", Action: "brisk:*", Resource: functionArn("pay:live") };
  expect(await ask("/_brisk/functions/pay/starts?qualifier=live", live)).toBe(204);
  expect(await ask("/_brisk/functions/pay/starts", live)).toBe(403);
  expect(await ask("/_brisk/unheard-of", live)).toBe(403);
  expect(await ask("/_brisk/unheard-of", { ...live, Action: "brisk:GetUnheardof", Resource: "*" })).toBe(204);
});
