import { maxTapeBytes, type TapeEvent, tapeDigest, toTape } from "../model/tape.ts";
import type { Operation } from "./operation.ts";

/** Writes down what one environment is asked to do and what its guest asks of the host, in that order. */
export class TapeRecorder {
  #events: TapeEvent[] = [];
  #bytes = 0;
  readonly modules = new Set<string>();
  /** The function's own files that were compiled, by path. */
  readonly files = new Map<string, string>();
  /** Outgoing operations are refused: sample events run without effect. */
  isRehearsing = false;

  /** Whether more was recorded than a tape may hold. */
  get isTooLong(): boolean {
    return this.#bytes > maxTapeBytes;
  }

  /** @param args The entry, then its arguments; those that are no plain values stay away. */
  turn(args: readonly unknown[]): void {
    const [entry, ...values] = args;
    this.#add(["turn", entry as number, ...values.map((value) => (isPlain(value) ? toTape(value) : null))]);
  }

  called(operation: Operation, args: readonly unknown[], answer: unknown): void {
    if (operation.name === "module.load") this.modules.add(String(args[0]));
    if (operation.replay === "none") return;
    const digest = tapeDigest(args);
    if (operation.kind === "sync") this.#add(["answer", operation.name, digest, toTape(answer)]);
    else if (operation.name === "fetch.open")
      this.#add(["start", operation.name, digest, requestLine(args[2])]);
    else if (operation.name === "net.connect")
      this.#add(["start", operation.name, digest, connectLine(args[2])]);
    else this.#add(["start", operation.name, digest]);
  }

  compiled(path: string, code: string): void {
    if (this.files.get(path) === code) return;
    this.#bytes += code.length;
    if (!this.isTooLong) this.files.set(path, code);
  }

  refused(name: string, args: readonly unknown[], text: string): void {
    this.#add(["refusal", name, tapeDigest(args), text]);
  }

  /** What was recorded since the last call. */
  take(): readonly TapeEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #add(event: TapeEvent): void {
    if (this.isTooLong) return;
    // Counted roughly: what can be long is text and bytes.
    for (const part of event.flat()) this.#bytes += typeof part === "string" ? part.length + 3 : 8;
    this.#events.push(event);
  }
}

/** Without the query, which often holds a secret. */
function requestLine(requestJson: unknown): string {
  try {
    const { method, url } = JSON.parse(String(requestJson)) as { method?: string; url?: string };
    return `${method ?? "GET"} ${String(url).replace(/[?#].*$/s, "")}`;
  } catch {
    return "a request";
  }
}

function connectLine(requestJson: unknown): string {
  try {
    const { host, name = host, port, tls } = JSON.parse(String(requestJson)) as Record<string, unknown>;
    return `connect ${name}:${port}${tls === undefined ? "" : " (TLS)"}`;
  } catch {
    return "a connection";
  }
}

function isPlain(value: unknown): boolean {
  return (
    value === null || (typeof value !== "object" && typeof value !== "function") || ArrayBuffer.isView(value)
  );
}
