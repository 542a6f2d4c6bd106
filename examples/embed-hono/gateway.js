import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { createRuntime } from "brisk";
import { Hono } from "hono";

/** A Hono gateway: its own routes, and every deployed function under /functions/<name>/. */
export async function startGateway({ port = 3000, dataDir = ".brisk" } = {}) {
  const runtime = await createRuntime({ dataDir });
  await runtime.deploy({
    name: "hello",
    path: fileURLToPath(new URL("../hello", import.meta.url)),
    url: true,
  });

  const app = new Hono();
  app.get("/", (c) => c.text("the gateway's own route"));
  app.get("/greet/:name", async (c) => c.json(await runtime.invoke("hello", { name: c.req.param("name") })));
  app.route("/functions", runtime.app);

  const server = await new Promise((resolve) => {
    const started = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => resolve(started));
  });
  return {
    port: server.address().port,
    async close() {
      await new Promise((resolve) => server.close(resolve));
      await runtime.close();
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { port } = await startGateway();
  console.log(`try http://127.0.0.1:${port}/functions/hello/?name=you`);
}
