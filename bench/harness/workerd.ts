import { join } from "node:path";
import { ChildServer } from "../../src/lab/child-server.ts";
import { installedPeer } from "./install-peers.ts";

/** Starts workerd with a configuration from bench/peers; its socket is named `http`. */
export async function startWorkerd(configuration: string): Promise<ChildServer & { readonly url: string }> {
  const server = await ChildServer.start({
    command: await installedPeer("workerd"),
    // It tells which port it got on the control file descriptor.
    args: ["serve", configuration, "--experimental", "--socket-addr=http=127.0.0.1:0", "--control-fd=1"],
    cwd: join(import.meta.dirname, "../peers"),
    readyLine: /"event":"listen".*"port":(\d+)/,
  });
  return Object.assign(server, { url: `http://127.0.0.1:${server.ready}` });
}
