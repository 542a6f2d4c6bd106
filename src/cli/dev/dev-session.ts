import { readFile } from "node:fs/promises";
import { type ApiClient, functionPath } from "../api-client.ts";
import { readLines } from "../read-lines.ts";
import type { Terminal } from "../terminal.ts";
import { codeFrame } from "./code-frame.ts";
import type { DevServer, RequestReport } from "./dev-server.ts";
import type { DevSource } from "./dev-source.ts";
import type { LocalPaths } from "./local-paths.ts";
import { LogPrinter } from "./log-printer.ts";
import type { SourceProblem } from "./source-graph.ts";

export interface DevSessionOptions {
  readonly name: string;
  readonly source: DevSource;
  readonly server: DevServer;
  readonly client: ApiClient;
  readonly paths: LocalPaths;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** A file with the event that the function is invoked with after each save. */
  readonly eventFile?: string | undefined;
}

/**
 * Deploys after each save, and tells of everything that happens to the function until the signal fires.
 *
 *     saved ──► packed ──► deployed ──► ready ──► invoked, if there is an event     one after another; saves meanwhile count once
 */
export class DevSession {
  readonly #options: DevSessionOptions;
  readonly #startedMs = Date.now();
  #savedMs: number | undefined;
  #working: Promise<void> | undefined;
  /** Since it was deployed for the first time: before, there is no log. */
  #logs: Promise<void> | undefined;

  constructor(options: DevSessionOptions) {
    this.#options = options;
  }

  /** Resolves when the signal fires. */
  async run(): Promise<void> {
    const { source, signal, terminal, server } = this.#options;
    await source.watch((atMs) => this.#saved(atMs));
    await this.#deploy(performance.now());
    if (server.url !== "") {
      terminal.print(server.url);
      terminal.say(terminal.style("dim", `API at ${server.endpoint}; Ctrl-C ends it`));
    }
    if (server.inspector !== undefined) {
      terminal.say(`Debugger at ${server.inspector.url}`);
      terminal.say(`In Chrome: ${server.inspector.devToolsUrl}`);
    }
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    }
    await source.close();
    await this.#working;
    await this.#logs;
  }

  /** For the terminal: one request to the function's URL. */
  static requestLine({ method, path, status, durationMs }: RequestReport, terminal: Terminal): string {
    const color = status === undefined || status >= 500 ? "red" : status >= 400 ? "yellow" : "green";
    const shown = terminal.style(color, status === undefined ? "gone" : String(status));
    return `${terminal.style("bold", method)} ${path} ${shown} ${terminal.style("dim", `${durationMs.toFixed(0)} ms`)}`;
  }

  #saved(atMs: number): void {
    this.#savedMs ??= atMs;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    while (this.#savedMs !== undefined && !this.#options.signal.aborted) {
      const savedMs = this.#savedMs;
      this.#savedMs = undefined;
      await this.#deploy(savedMs);
    }
  }

  async #deploy(sinceMs: number): Promise<void> {
    const { source, server, terminal, signal } = this.#options;
    try {
      const { zip, problems } = await source.pack();
      if (problems.length > 0) {
        for (const problem of problems) this.#problem(problem);
        const instead = this.#logs === undefined ? "there is no version yet" : "the version before goes on";
        terminal.say(`${terminal.style("red", "not deployed:")} ${instead}`);
        return;
      }
      await server.deploy(zip);
      this.#logs ??= this.#followLogs();
      terminal.say(terminal.style("green", `ready in ${(performance.now() - sinceMs).toFixed(0)} ms`));
      await this.#invoke();
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      terminal.say(`${terminal.style("red", "not deployed:")} ${reason}`);
    }
  }

  #problem({ file, line, column, message }: SourceProblem): void {
    const { terminal, paths } = this.#options;
    terminal.say(`${terminal.style("red", "error:")} ${message} (${paths.shown(file)}:${line}:${column})`);
    const text = paths.read(file);
    if (text !== undefined)
      terminal.say(codeFrame(text, line, column, (style, part) => terminal.style(style, part)));
  }

  async #invoke(): Promise<void> {
    const { eventFile, client, name, terminal } = this.#options;
    if (eventFile === undefined) return;
    const body = await readFile(eventFile).catch((error: NodeJS.ErrnoException) => {
      throw new Error(`cannot read the event ${eventFile}: ${error.code}`, { cause: error });
    });
    const path = functionPath(name, "/invocations");
    const response = await client.send({ method: "POST", path, body });
    const text = await response.body.text();
    // Its log says why.
    const failed = response.header("x-amz-function-error") !== undefined;
    terminal.print(failed ? terminal.style("red", text, "stdout") : text);
  }

  async #followLogs(): Promise<void> {
    const { client, name, terminal, paths, signal, server } = this.#options;
    const printer = new LogPrinter(terminal, paths, (report) => {
      const [, durationMs] = /\tDuration: ([\d.]+) ms/.exec(report) ?? [];
      const [, status] = /\tStatus: (\w+)/.exec(report) ?? [];
      if (status !== undefined && status !== "error")
        terminal.say(terminal.style("red", `${status} after ${durationMs} ms`));
    });
    try {
      const query = { follow: "1", since: String(this.#startedMs) };
      const response = await client.send({
        method: "GET",
        path: `/_brisk/logs/${encodeURIComponent(name)}`,
        query,
      });
      for await (const line of readLines(response.body))
        printer.print((JSON.parse(line) as { text: string }).text);
    } catch (error) {
      if (signal.aborted) return;
      terminal.say(`the log broke off (${server.endpoint}): ${(error as Error).message}`);
    }
  }
}
