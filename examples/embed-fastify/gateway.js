import { fileURLToPath } from "node:url";
import { createRuntime } from "brisk";
import Fastify from "fastify";

/** A Fastify gateway: one route invokes a function, another one hands whole requests to it, streams included. */
export async function startGateway({ port = 3000, dataDir = ".brisk" } = {}) {
  const runtime = await createRuntime({ dataDir });
  const tokens = await runtime.deploy({
    name: "tokens",
    path: fileURLToPath(new URL("../token-stream", import.meta.url)),
    url: "stream",
  });
  await runtime.deploy({ name: "hello", path: fileURLToPath(new URL("../hello", import.meta.url)) });

  const app = Fastify();
  app.get("/", async () => "the gateway's own route");
  app.get("/greet/:name", (request) => runtime.invoke("hello", { name: request.params.name }));
  // Fastify sends a web Response as it is: the first token leaves before the last one is made.
  app.get("/tokens", (request) => tokens.fetch(new Request(new URL(request.url, "http://gateway.internal"))));
  app.addHook("onClose", () => runtime.close());

  await app.listen({ port, host: "127.0.0.1" });
  return { port: app.server.address().port, close: () => app.close() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { port } = await startGateway();
  console.log(`try http://127.0.0.1:${port}/tokens?prompt=why`);
}
