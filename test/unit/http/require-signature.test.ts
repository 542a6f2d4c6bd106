import { Hono } from "hono";
import { expect, test } from "vitest";
import { Authorizer } from "../../../src/access/authorizer.ts";
import { requireSignature } from "../../../src/http/require-signature.ts";
import { signedOf } from "../../../src/http/signed.ts";
import { sign, signedAtMs, verifier } from "../access/signing.ts";

const scope = { region: "us-east-1", accountId: "000000000000" };
const clock = { now: () => signedAtMs, monotonicMs: () => 0 };

async function api(): Promise<Hono> {
  const app = new Hono();
  const authorizer = new Authorizer({ resourcePolicy: () => undefined, scope, clock });
  const onBug = (error: unknown) => expect.unreachable(String(error));
  app.use(requireSignature({ verifier: await verifier(), authorizer, trustForwarded: false, onBug }));
  app.get("/2015-03-31/functions", (c) => c.text(signedOf(c)?.principal.caller.arn ?? "nobody"));
  return app;
}

test("what was signed for another host is refused of a function, whatever Host it names", async () => {
  const app = await api();
  const { headers } = await sign({ path: "/2015-03-31/functions" });
  const ask = (origin: string) =>
    app.fetch(new Request(`${origin}/2015-03-31/functions`, { headers: headers.map(([...pair]) => pair) }));
  expect(headers).toContainEqual(["host", "127.0.0.1:9000"]);

  const there = await ask("http://127.0.0.1:9000");
  expect([there.status, await there.text()]).toEqual([200, "arn:aws:iam::000000000000:root"]);
  const elsewhere = await ask("http://lambda.brisk.internal");
  expect([elsewhere.status, await elsewhere.text()]).toEqual([
    403,
    expect.stringContaining("The request signature we calculated does not match"),
  ]);
});
