/** The program of a worker thread that is started for one function. */
import { parentPort, workerData } from "node:worker_threads";
import type { PeerRequest } from "./adapter.ts";
import { createResponder } from "./responder.ts";

parentPort?.postMessage("started");
const respond = createResponder((workerData as { bundleUrl: string }).bundleUrl);
parentPort?.on("message", async (request: PeerRequest) => parentPort?.postMessage(await respond(request)));
