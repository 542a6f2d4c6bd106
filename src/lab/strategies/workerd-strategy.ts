import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { programExtension } from "../../program.ts";
import { ChildServer } from "../child-server.ts";
import { bundleProgram } from "../peer-bundle.ts";
import type { Workload } from "../workload.ts";
import { eventHeader, startHeader } from "./front/front-settings.ts";
import { findPeer } from "./peer-programs.ts";
import { type Deployment, type PendingStart, type StartStrategy, Unavailable } from "./strategy.ts";

const compatibilityDate = "2026-11-01";

/** workerd's dynamic Worker Loader: the nearest that there is to what Brisk does. */
export const workerdStrategy: StartStrategy = {
  strategy: { id: "workerd-loader", label: "workerd Worker Loader", family: "peer" },
  deploy: (workload) => WorkerdDeployment.start(workload),
};

class WorkerdDeployment implements Deployment {
  readonly pid: number;
  readonly kind = "cold";
  readonly #server: ChildServer;
  readonly #folder: string;
  readonly #workload: Workload;
  #starts = 0;

  private constructor(server: ChildServer, folder: string, workload: Workload) {
    this.pid = server.pid;
    this.#server = server;
    this.#folder = folder;
    this.#workload = workload;
  }

  static async start(workload: Workload): Promise<WorkerdDeployment> {
    const program = findPeer("workerd");
    if (program === undefined) throw new Unavailable("workerd is not installed (npm i workerd)");
    const bundle = workload.bundle();
    const folder = await mkdtemp(join(tmpdir(), "brisk-workerd-"));
    try {
      await copyFile(bundle.file, join(folder, "bundle.mjs"));
      const source = fileURLToPath(new URL(`front/adapter${programExtension()}`, import.meta.url));
      await bundleProgram(source, folder, "adapter.mjs");
      await writeFile(join(folder, "worker.mjs"), worker);
      await writeFile(join(folder, "loader.mjs"), loader(workload, bundle.needsNode));
      await writeFile(join(folder, "loader.capnp"), configuration);
      const server = await ChildServer.start({
        command: program,
        // It tells which port it got on the control file descriptor.
        args: [
          ...["serve", "loader.capnp", "--experimental"],
          ...["--socket-addr=http=127.0.0.1:0", "--control-fd=1"],
        ],
        cwd: folder,
        readyLine: /"event":"listen".*"port":(\d+)/,
      });
      return new WorkerdDeployment(server, folder, workload);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async prepare(count: number): Promise<readonly PendingStart[]> {
    return Array.from({ length: count }, () => this.#start(`s${this.#starts++}`));
  }

  async environments(answered: number): Promise<number> {
    return answered;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #start(id: string): PendingStart {
    const { request } = this.#workload;
    const url = `http://127.0.0.1:${this.#server.ready}`;
    const headers = { [startHeader]: id };
    return {
      url: request.kind === "url" ? url + request.path : url,
      call:
        request.kind === "url"
          ? { headers }
          : { method: "POST", body: request.event, headers: { ...headers, [eventHeader]: "1" } },
      // An id that was not seen before is an isolate of its own; workerd tells no phases.
      check: async () => ({}),
      // There is no call that ends one: workerd keeps it.
      end: async () => {},
    };
  }
}

const worker = `import { handler } from "./bundle.mjs";
import { callHandler } from "./adapter.mjs";

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const headers = Object.fromEntries(request.headers);
    const isEvent = headers["${eventHeader}"] !== undefined;
    delete headers["${startHeader}"];
    delete headers["${eventHeader}"];
    const body = request.body === null ? "" : await request.text();
    const path = url.pathname + url.search;
    const answer = await callHandler(handler, { method: request.method, path, headers, body, isEvent });
    const bytes = answer.isBase64 ? Uint8Array.from(atob(answer.body), (char) => char.charCodeAt(0)) : answer.body;
    return new Response(bytes, { status: answer.status, headers: answer.headers });
  },
};
`;

function loader({ variables }: Workload, needsNode: boolean): string {
  return `import bundle from "bundle.txt";
import worker from "worker.txt";
import adapter from "adapter.txt";

const code = {
  compatibilityDate: ${JSON.stringify(compatibilityDate)},
  compatibilityFlags: ${JSON.stringify(needsNode ? ["nodejs_compat"] : [])},
  mainModule: "worker.js",
  modules: { "worker.js": worker, "bundle.mjs": { js: bundle }, "adapter.mjs": { js: adapter } },
  env: ${JSON.stringify(variables)},
};

export default {
  async fetch(request, env) {
    try {
      return await env.LOADER.get(request.headers.get("${startHeader}"), () => code).getEntrypoint().fetch(request);
    } catch (error) {
      return new Response(String(error), { status: 502 });
    }
  },
};
`;
}

const configuration = `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [
        (name = "loader.js", esModule = embed "loader.mjs"),
        (name = "bundle.txt", text = embed "bundle.mjs"),
        (name = "worker.txt", text = embed "worker.mjs"),
        (name = "adapter.txt", text = embed "adapter.mjs"),
      ],
      bindings = [(name = "LOADER", workerLoader = ())],
      compatibilityDate = "${compatibilityDate}",
      compatibilityFlags = ["experimental"],
    )),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
