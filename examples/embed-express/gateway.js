import { fileURLToPath } from "node:url";
import { createRuntime } from "brisk";
import express from "express";

/** An Express gateway that runs a function for some of its routes; a function that crashes costs its own request only. */
export async function startGateway({ port = 3000, dataDir = ".brisk" } = {}) {
  const runtime = await createRuntime({ dataDir });
  await runtime.deploy({
    name: "hello",
    path: fileURLToPath(new URL("../hello", import.meta.url)),
  });

  const app = express();
  app.get("/", (_request, response) => response.send("the gateway's own route"));
  app.get("/greet/:name", async (request, response) => {
    response.json(await runtime.invoke("hello", { name: request.params.name }));
  });
  // Function URLs by path, /_url/<id>/…, as on Brisk's own listener.
  app.use(runtime.handler);

  const server = await new Promise((resolve) => {
    const started = app.listen(port, "127.0.0.1", () => resolve(started));
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
  console.log(`try http://127.0.0.1:${port}/greet/you`);
}
