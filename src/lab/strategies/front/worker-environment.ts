import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { PeerRequest } from "./adapter.ts";
import { type PeerEnvironment, type Reply, type ReplyMessage, toReply } from "./environment.ts";

/** A worker thread: an isolate with Node's own environment in it. */
export class WorkerEnvironment implements PeerEnvironment {
  readonly #worker: Worker;
  readonly #started: Promise<unknown>;
  #isolateMs: number | undefined;

  /** @param program `worker-program`, as one file of JavaScript. */
  constructor(program: string, bundleUrl: string) {
    const startedMs = performance.now();
    this.#worker = new Worker(program, { workerData: { bundleUrl }, stdout: true, stderr: true });
    this.#started = once(this.#worker, "message").then(() => {
      this.#isolateMs = performance.now() - startedMs;
    });
    this.#started.catch(() => {});
  }

  async invoke(request: PeerRequest): Promise<Reply> {
    await this.#started;
    const answered = once(this.#worker, "message");
    this.#worker.postMessage(request);
    const [message] = (await answered) as [ReplyMessage];
    const more = this.#isolateMs === undefined ? {} : { isolate: this.#isolateMs };
    this.#isolateMs = undefined;
    return toReply(message, more);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
