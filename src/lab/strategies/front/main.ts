/**
 * The front of a peer: an HTTP server that starts the function anew for each start it has not seen, named by a
 * header, and sends a later request of the same name to the one that is running. Argument: its settings as JSON.
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import type { PeerRequest } from "./adapter.ts";
import type { PeerEnvironment } from "./environment.ts";
import { eventHeader, type FrontSettings, phasesHeader, startHeader } from "./front-settings.ts";
import { ProcessEnvironment } from "./process-environment.ts";
import { WorkerEnvironment } from "./worker-environment.ts";

const settings = JSON.parse(process.argv[2] ?? "{}") as FrontSettings;
const open = await environmentFactory(settings);
const environments = new Map<string, PeerEnvironment>();

const server = createServer((incoming, outgoing) => {
  handle(incoming, outgoing).catch((error: unknown) => {
    outgoing.writeHead(502, { "content-type": "text/plain" });
    outgoing.end(error instanceof Error ? error.message : String(error));
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on("SIGTERM", async () => {
  await Promise.all([...environments.values()].map((environment) => environment.end()));
  process.exit();
});

async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const id = String(incoming.headers[startHeader]);
  let environment = environments.get(id);
  if (incoming.method === "DELETE") {
    environments.delete(id);
    await environment?.end();
    outgoing.writeHead(204).end();
    return;
  }
  if (environment === undefined) {
    environment = open();
    environments.set(id, environment);
  }
  const { answer, phasesMs } = await environment.invoke(await toRequest(incoming));
  outgoing.writeHead(answer.status, { ...answer.headers, [phasesHeader]: JSON.stringify(phasesMs) });
  outgoing.end(answer.isBase64 ? Buffer.from(answer.body, "base64") : answer.body);
}

async function toRequest(incoming: IncomingMessage): Promise<PeerRequest> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (name !== startHeader && name !== eventHeader) headers[name] = String(value);
  }
  return {
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    headers,
    body: await text(incoming),
    isEvent: incoming.headers[eventHeader] !== undefined,
  };
}

async function environmentFactory(front: FrontSettings): Promise<() => PeerEnvironment> {
  const bundleUrl = pathToFileURL(front.bundle).href;
  switch (front.kind) {
    case "process": {
      const { command = [], program, folder } = front;
      return () => new ProcessEnvironment({ command, program, folder, bundleUrl });
    }
    case "worker":
      return () => new WorkerEnvironment(front.program, bundleUrl);
    case "vm": {
      // It imports what node:vm has only under the flag that a front of this kind is started with.
      const { VmEnvironment } = await import("./vm-environment.ts");
      const code = readFileSync(front.bundle, "utf8");
      return () => new VmEnvironment(code);
    }
  }
}
