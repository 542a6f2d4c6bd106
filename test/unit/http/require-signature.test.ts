import { Hono } from "hono";
import { expect, test } from "vitest";
import { Authorizer } from "../../../src/access/authorizer.ts";
import { requireSignature } from "../../../src/http/require-signature.ts";
import { signedOf } from "../../../src/http/signed.ts";
import { sign, signedAtMs, verifier } from "../access/signing.ts";

const scope = { region: "us-east-1", accountId: "000000000000" };
const clock = { now: () => signedAtMs, monotonicMs: () => 0 };

async function api(requestTimeoutMs = 60_000): Promise<Hono> {
  const app = new Hono();
  const authorizer = new Authorizer({
    resources: { policy: () => undefined, tags: () => undefined },
    scope,
    clock,
  });
  const onBug = (error: unknown) => expect.unreachable(String(error));
  const limits = { trustForwarded: false, requestTimeoutMs };
  app.use(requireSignature({ verifier: await verifier(), authorizer, ...limits, onBug }));
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

/** Sends what has another signature, signed by a key of ours. @returns The status that it is answered with. */
async function send(app: Hono, body: ReadableStream<Uint8Array> | string): Promise<number> {
  const { headers } = await sign({ method: "POST", path: "/2015-03-31/functions", body: "another" });
  const init = { method: "POST", headers: headers.map(([...pair]) => pair), body, duplex: "half" as const };
  const response = await app.fetch(new Request("http://127.0.0.1:9000/2015-03-31/functions", init));
  return response.status;
}

/** So many megabytes, and no end until it breaks off. */
function endless(megabytes: number) {
  const broken = Promise.withResolvers<void>();
  let left = megabytes;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new Uint8Array(1024 * 1024));
      else return broken.promise;
    },
  });
  return { stream, breakOff: () => broken.reject(new Error("It broke off")) };
}

test("a function that does not come to the end of its request is cut off", async () => {
  expect(await send(await api(50), endless(1).stream)).toBe(400);
});

test("functions together hold no more than their share, and let go of it", async () => {
  const app = await api();
  const bodies = [endless(64), endless(64)];
  const sent = bodies.map(({ stream }) => send(app, stream));
  await expect.poll(() => send(app, "one more"), { timeout: 10_000 }).toBe(429);
  for (const { breakOff } of bodies) breakOff();
  expect(await Promise.all(sent)).toEqual([400, 400]);
  expect(await send(app, "one more")).toBe(403);
});
