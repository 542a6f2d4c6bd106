/**
 * The program of a process that is started for one function. It connects to the front's socket, as what the function
 * prints must not be taken for an answer. Arguments: the socket's path, the bundle's URL.
 */
import { connect } from "node:net";
import type { PeerRequest } from "./adapter.ts";
import { createResponder } from "./responder.ts";

const [socketPath = "", bundleUrl = ""] = process.argv.slice(2);
const socket = connect(socketPath);
// Not before, as loading blocks what connects, and the front tells the two apart by this moment.
socket.once("connect", () => {
  const respond = createResponder(bundleUrl);
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", async (chunk: string) => {
    text += chunk;
    // One request at a time, each a line of JSON.
    if (!text.endsWith("\n")) return;
    const request = JSON.parse(text) as PeerRequest;
    text = "";
    socket.write(`${JSON.stringify(await respond(request))}\n`);
  });
});
socket.on("close", () => process.exit());
socket.on("error", () => process.exit());
