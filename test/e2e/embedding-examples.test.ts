import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

interface Gateway {
  readonly port: number;
  close(): Promise<void>;
}
type StartGateway = (options: { port: number; dataDir: string }) => Promise<Gateway>;

/** Three runtimes one after the other, the first of which builds the base heap. */
const timeoutMs = 90_000;

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "brisk-gateways-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Runs the example's own program on a free port; one after the other on one data folder, which keeps the built base heap. */
async function withGateway(name: string, use: (origin: string) => Promise<void>): Promise<void> {
  const { startGateway } = (await import(`../../examples/${name}/gateway.js`)) as {
    startGateway: StartGateway;
  };
  const gateway = await startGateway({ port: 0, dataDir: join(scratch, "data") });
  try {
    await use(`http://127.0.0.1:${gateway.port}`);
  } finally {
    await gateway.close();
  }
}

test(
  "embed-hono serves its own routes, invokes, and mounts functions by name",
  () =>
    withGateway("embed-hono", async (origin) => {
      expect(await (await fetch(origin)).text()).toBe("the gateway's own route");
      expect(await (await fetch(`${origin}/greet/Ada`)).json()).toMatchObject({ message: "Hello Ada!" });
      expect(await (await fetch(`${origin}/functions/hello/?name=Bo`)).json()).toMatchObject({
        message: "Hello Bo!",
        event: { rawPath: "/", rawQueryString: "name=Bo" },
      });
      expect((await fetch(`${origin}/functions/nobody/`)).status).toBe(404);
    }),
  timeoutMs,
);

test(
  "embed-express invokes from a route and hands the rest to function URLs",
  () =>
    withGateway("embed-express", async (origin) => {
      expect(await (await fetch(origin)).text()).toBe("the gateway's own route");
      expect(await (await fetch(`${origin}/greet/Ada`)).json()).toMatchObject({ message: "Hello Ada!" });
      expect((await fetch(`${origin}/_url/${"x".repeat(32)}/`)).status).toBe(403);
    }),
  timeoutMs,
);

test(
  "embed-fastify streams a function's answer as it is made",
  () =>
    withGateway("embed-fastify", async (origin) => {
      expect(await (await fetch(`${origin}/greet/Ada`)).json()).toMatchObject({ message: "Hello Ada!" });
      const response = await fetch(`${origin}/tokens?prompt=why`);
      expect(response.headers.get("content-type")).toBe("text/event-stream");
      let chunks = 0;
      let text = "";
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) {
        chunks++;
        text += decoder.decode(chunk, { stream: true });
      }
      expect(chunks).toBeGreaterThan(1);
      expect(text).toContain('"stopReason":"end_turn"');
    }),
  timeoutMs,
);
