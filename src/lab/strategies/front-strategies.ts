import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { programExtension } from "../../program.ts";
import { ChildServer } from "../child-server.ts";
import { HttpClient } from "../http-client.ts";
import type { PhasesMs, Strategy } from "../model.ts";
import { bundleProgram } from "../peer-bundle.ts";
import type { Workload } from "../workload.ts";
import { eventHeader, type FrontSettings, phasesHeader, startHeader } from "./front/front-settings.ts";
import { findPeer, type PeerName } from "./peer-programs.ts";
import { type Deployment, type PendingStart, type StartStrategy, Unavailable } from "./strategy.ts";

type Kind = FrontSettings["kind"];

export const frontStrategies: readonly StartStrategy[] = [
  processStrategy({ id: "node-process", label: "Node process", family: "platform" }, () => [
    process.execPath,
  ]),
  processStrategy({ id: "deno-process", label: "Deno process", family: "peer" }, () => [
    peer("deno"),
    ...["run", "--allow-all", "--quiet", "--no-config", "--no-remote"],
  ]),
  processStrategy({ id: "bun-process", label: "Bun process", family: "peer" }, () => [peer("bun"), "run"]),
  {
    strategy: { id: "worker-thread", label: "worker thread", family: "platform" },
    deploy: (workload) => FrontDeployment.start("worker", workload),
  },
  {
    strategy: { id: "node-vm", label: "node:vm context", family: "platform" },
    deploy: (workload) => FrontDeployment.start("vm", workload),
  },
];

function processStrategy(strategy: Strategy, command: () => readonly string[]): StartStrategy {
  return { strategy, deploy: async (workload) => FrontDeployment.start("process", workload, command()) };
}

function peer(name: PeerName): string {
  const found = findPeer(name);
  if (found === undefined) throw new Unavailable(`${name} is not installed (npm i ${name})`);
  return found;
}

/** A front process and everything that it starts. */
class FrontDeployment implements Deployment {
  readonly pid: number;
  readonly kind = "cold";
  readonly #server: ChildServer;
  readonly #folder: string;
  readonly #workload: Workload;
  readonly #client = new HttpClient(8);
  #starts = 0;

  private constructor(server: ChildServer, folder: string, workload: Workload) {
    this.pid = server.pid;
    this.#server = server;
    this.#folder = folder;
    this.#workload = workload;
  }

  static async start(
    kind: Kind,
    workload: Workload,
    command: readonly string[] = [],
  ): Promise<FrontDeployment> {
    const { file: bundle } = workload.bundle();
    const folder = await mkdtemp(join(tmpdir(), "brisk-front-"));
    try {
      const source = (name: string) =>
        fileURLToPath(new URL(`front/${name}${programExtension()}`, import.meta.url));
      const program =
        kind === "vm"
          ? ""
          : await bundleProgram(
              source(kind === "process" ? "child-program" : "worker-program"),
              folder,
              "program.mjs",
            );
      const home = join(folder, "home");
      await mkdir(home);
      const settings: FrontSettings = { kind, bundle, program, folder, command };
      const server = await ChildServer.start({
        command: process.execPath,
        args: [
          ...(kind === "vm" ? ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"] : []),
          source("main"),
          JSON.stringify(settings),
        ],
        // Neither Deno nor Bun may find the user's own settings and caches.
        env: { PATH: process.env["PATH"] ?? "", HOME: home, ...workload.variables },
        readyLine: /listening on (http:\/\/\S+)/,
      });
      return new FrontDeployment(server, folder, workload);
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
    this.#client[Symbol.dispose]();
    await this.#server[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #start(id: string): PendingStart {
    const { request } = this.#workload;
    const url = this.#server.ready;
    const headers = { [startHeader]: id };
    return {
      url: request.kind === "url" ? url + request.path : url,
      call:
        request.kind === "url"
          ? { headers }
          : { method: "POST", body: request.event, headers: { ...headers, [eventHeader]: "1" } },
      check: async (answer) => {
        const phases = JSON.parse(String(answer.headers[phasesHeader] ?? "{}")) as PhasesMs;
        // They are told by the first answer of an environment and by no other.
        if (phases.firstInvoke === undefined)
          throw new Error("it was answered by an environment that had run");
        return phases;
      },
      end: async () => {
        await this.#client.call(url, { method: "DELETE", headers });
      },
    };
  }
}
