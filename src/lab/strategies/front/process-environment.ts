import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { PeerRequest } from "./adapter.ts";
import { type PeerEnvironment, type Reply, type ReplyMessage, toReply } from "./environment.ts";

export interface ProcessOptions {
  /** The runtime and its flags. */
  readonly command: readonly string[];
  /** `child-program`, as one file of JavaScript. */
  readonly program: string;
  readonly bundleUrl: string;
  /** For the socket. */
  readonly folder: string;
}

let sockets = 0;

/** A process of its own, as CGI would start one. */
export class ProcessEnvironment implements PeerEnvironment {
  readonly #child: ChildProcess;
  readonly #connected: Promise<Socket>;
  readonly #failed: Promise<never>;
  #processMs: number | undefined;

  constructor({ command, program, bundleUrl, folder }: ProcessOptions) {
    const startedMs = performance.now();
    const path = join(folder, `${process.pid}-${sockets++}.sock`);
    const connected = Promise.withResolvers<Socket>();
    const failed = Promise.withResolvers<never>();
    const server = createServer((socket) => {
      this.#processMs = performance.now() - startedMs;
      server.close();
      connected.resolve(socket);
    });
    const [executable = "", ...flags] = command;
    // The socket is listening when `listen` returns: only its event comes later.
    server.listen(path);
    this.#child = spawn(executable, [...flags, program, path, bundleUrl], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let complaint = "";
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk).slice(-2000);
    });
    this.#child.on("error", (error) => failed.reject(error));
    this.#child.on("exit", (code, signal) => {
      server.close();
      void rm(path, { force: true });
      failed.reject(new Error(`the process ended with ${code ?? signal}: ${complaint.trim()}`));
    });
    failed.promise.catch(() => {});
    this.#connected = connected.promise;
    this.#failed = failed.promise;
  }

  async invoke(request: PeerRequest): Promise<Reply> {
    const socket = await Promise.race([this.#connected, this.#failed]);
    const answered = readLine(socket);
    socket.write(`${JSON.stringify(request)}\n`);
    const message = JSON.parse(await Promise.race([answered, this.#failed])) as ReplyMessage;
    const more = this.#processMs === undefined ? {} : { process: this.#processMs };
    this.#processMs = undefined;
    return toReply(message, more);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const read = (chunk: Buffer) => {
      chunks.push(chunk);
      if (chunk.at(-1) !== 0x0a) return;
      socket.off("data", read);
      resolve(Buffer.concat(chunks).toString());
    };
    socket.on("data", read);
  });
}
