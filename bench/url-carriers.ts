// Question: what does the function-URL front cost a request, and what would it cost through Hono or through
// web-standard objects? The function is a constant, so that only the front is measured; as CPU time of the
// server process, which a busy machine distorts less than requests a second.
// Run: node bench/url-carriers.ts (needs wrk)
import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { createUrlHandler } from "../src/http/index.ts";
import type { UrlTarget } from "../src/model/functions.ts";
import type { Invoker } from "../src/model/invocation.ts";
import type { VersionSpec } from "../src/model/version.ts";

const urlId = "abcdefghijklmnopqrstuvwxyz012345";
const body = '{"hello":"world","n":1}';
const rounds = 5;
const names = ["bare node:http", "node carrier", "Hono + node carrier", "Hono + web carrier"] as const;
type Name = (typeof names)[number];

if (process.send === undefined) await drive();
else await serve();

async function serve(): Promise<void> {
  const payload = Buffer.from(
    JSON.stringify({ statusCode: 200, headers: { "content-type": "application/json" }, body }),
  );
  const invoker: Invoker = {
    invoke(request, observer) {
      // Stands for writing the event into a frame.
      Buffer.from(request.payload as string);
      observer.settled({ kind: "success", payload }, { durationMs: 1, maxMemoryUsedMb: 1 });
      return { requestId: request.requestId, consumed() {}, abort() {} };
    },
  };
  const target: UrlTarget = {
    urlId,
    authType: "NONE",
    invokeMode: "BUFFERED",
    cors: undefined,
    isPublic: true,
    invokedFunctionArn: "",
    spec: {} as VersionSpec,
  };
  const urls = createUrlHandler({
    directory: { findUrl: (id) => (id === urlId ? target : undefined) },
    invoker,
    config: { region: "us-east-1", domains: [], trustForwarded: false, streamBytesPerSecond: 0 },
  });
  const direct = new Hono<{ Bindings: HttpBindings }>().all("*", (c) => {
    urls.node(c.env.incoming, c.env.outgoing);
    return RESPONSE_ALREADY_SENT;
  });
  const web = new Hono().all("*", (c) => urls.fetch(c.req.raw));
  const listeners: Record<Name, RequestListener> = {
    "bare node:http": (_incoming, outgoing) => {
      outgoing.writeHead(200, ["Content-Type", "application/json", "Content-Length", String(body.length)]);
      outgoing.end(body);
    },
    "node carrier": urls.node,
    "Hono + node carrier": getRequestListener(direct.fetch),
    "Hono + web carrier": getRequestListener(web.fetch),
  };
  const ports: number[] = [];
  for (const name of names) {
    const server = createServer(listeners[name]).listen(0, "127.0.0.1");
    await once(server, "listening");
    ports.push((server.address() as AddressInfo).port);
  }
  process.on("message", () => process.send?.(process.cpuUsage()));
  process.on("disconnect", () => process.exit());
  process.send?.(ports);
}

async function drive(): Promise<void> {
  const server = fork(import.meta.filename);
  const [ports] = (await once(server, "message")) as [number[]];
  const cpuUs = async (): Promise<number> => {
    server.send("cpu");
    const [usage] = (await once(server, "message")) as [NodeJS.CpuUsage];
    return usage.user + usage.system;
  };
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [i, name] of names.entries()) {
      const before = await cpuUs();
      const { stdout } = await promisify(execFile)("wrk", [
        ...["-t1", "-c32", "-d2s", "-H", `Host: ${urlId}.lambda-url.us-east-1.localhost`],
        `http://127.0.0.1:${ports[i]}/`,
      ]);
      if (stdout.includes("Non-2xx")) throw new Error(`${name} answers with errors:\n${stdout}`);
      const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
      // The first round warms up.
      if (round > 0) samples.get(name)?.push(((await cpuUs()) - before) / requests);
    }
  }
  for (const [name, values] of samples) {
    const sorted = values.toSorted((a, b) => a - b);
    const [least = 0, median = 0] = [sorted[0], sorted[Math.floor(sorted.length / 2)]];
    console.log(`${name.padEnd(20)} ${median.toFixed(1)} µs CPU a request (least ${least.toFixed(1)})`);
  }
  server.disconnect();
}
