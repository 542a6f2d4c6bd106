import { join } from "node:path";
import { ChildServer } from "../../src/lab/child-server.ts";

/** Starts a plain node:http program from bench/peers; `ready` is its URL. */
export function startBareNode(file: string): Promise<ChildServer> {
  return ChildServer.start({
    command: process.execPath,
    args: [join(import.meta.dirname, "../peers", file)],
    readyLine: /listening on (http:\/\/\S+)/,
  });
}
