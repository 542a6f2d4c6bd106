import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Duplex, PassThrough, type Readable } from "node:stream";
import { freeBytes } from "../model/free-bytes.ts";
import type { OperationError, Value } from "../model/values.ts";
import { FrameError, FrameReader, FrameWriter, maxHostFrameBytes, ToHost } from "../model/wire/index.ts";
import { nodePath, programPath } from "../program.ts";
import type { HeldCode } from "./code-cache-source.ts";
import type { Environment } from "./environment.ts";
import type { HostFolders } from "./guest-folders.ts";
import type { RunningInvocation } from "./running-invocation.ts";
import { hostFlags } from "./sandbox.ts";
import { SentSnapshots } from "./sent-snapshots.ts";
import type { Placement } from "./version-pool.ts";

/** Why we ended a host, and in which invocation's turn it was, if that is known. */
export interface HostEnd {
  readonly cause: "outOfMemory" | "deadline" | "hung" | "protocol" | "closed" | "crash";
  readonly culprit: number | undefined;
  /** For `crash`: what follows "Runtime exited". */
  readonly detail: string;
}

export interface HostEvents {
  frame(host: HostProcess, kind: number, id: number, frame: FrameReader): void;
  ended(host: HostProcess, end: HostEnd): void;
  /** One of the two above threw, which is our fault and must not end the process that embeds us. */
  bug(error: unknown): void;
}

/** Answers that a host has not read. One that asks and does not read would have us keep them all. */
const maxUnreadBytes = 256 * 1024 * 1024;

const pageBytes = 4096;
/** Frames of a batch, at most. */
const framesAtOnce = 4;

/** A host process and the wire to it. It is the supervisor's property: killed at any time, trusted in nothing. */
export class HostProcess {
  readonly environments = new Map<number, Environment>();
  readonly invocations = new Map<number, RunningInvocation>();
  readonly bundles = new Set<string>();
  readonly snapshots = new SentSnapshots((hash) => {
    this.#writer.begin(ToHost.dropSnapshot, 0).string(hash).end();
    this.#schedule();
  });
  /** ARNs of all functions that ever had an environment in it. */
  readonly functions = new Set<string>();
  /** By the keys of VersionSpecs. */
  readonly codeCaches = new Map<string, HeldCode>();
  role: "spare" | Placement = "spare";
  /** Debuggers may stop what it runs: it has no deadlines. */
  isInspected = false;
  isReady = false;
  /** In a long turn, or not answering: it gets no new work. */
  isSilent = false;
  /** The turn that the watch thread reported: its invocation, and the last one that was started. */
  longTurn: { invocation: number; lastStarted: number } | undefined;
  /** Long turns whose end was heard of. */
  endedLongTurns = 0;
  readonly startedMs: number;
  lastFrameMs: number;
  pingSentMs: number | undefined;
  /** Bytes it held when it last had nothing to do. */
  idleRssBytes = 0;
  readonly #child: ChildProcess;
  readonly #pipe: Duplex;
  readonly #writer: FrameWriter;
  readonly #events: HostEvents;
  #isScheduled = false;
  #scheduled = 0;
  #end: HostEnd | undefined;
  #hasEnded = false;
  readonly #gone = Promise.withResolvers<void>();

  /** The files of its environments; absent: they have none. */
  readonly folders: HostFolders | undefined;

  /** @param guestDir The folder of the guest heap, which it may read. */
  constructor(guestDir: string, events: HostEvents, folders?: HostFolders) {
    this.folders = folders;
    this.#events = events;
    this.startedMs = performance.now();
    this.lastFrameMs = this.startedMs;
    const program = programPath("host");
    const args = folders === undefined ? [] : [folders.packsDir, folders.scratchDir];
    this.#child = spawn(nodePath(), [...hostFlags(guestDir, folders), program, guestDir, ...args], {
      // Nothing of the supervisor's environment: variables hold secrets, and NODE_OPTIONS would be obeyed.
      env: {},
      cwd: dirname(program),
      stdio: ["ignore", "ignore", "inherit", "pipe", "pipe"],
    });
    this.#child.on("error", (error) =>
      this.#ended(`because its host could not be started: ${error.message}`),
    );
    this.#child.on("exit", (status, signal) =>
      this.#ended(
        signal === null ? `with error: exit status ${status}` : `with error: signal: ${signalWord(signal)}`,
      ),
    );
    // Without a free file descriptor there are no pipes, and the error comes later.
    const pipes = this.#child.stdio as readonly unknown[] | undefined;
    this.#pipe = (pipes?.[3] ?? new PassThrough()) as Duplex;
    this.#writer = new FrameWriter((buffers) => {
      if (this.#hasEnded) return;
      if (buffers.length > 1) this.#pipe.cork();
      for (const buffer of buffers) this.#pipe.write(buffer);
      if (buffers.length > 1) this.#pipe.uncork();
    });
    this.#listen(this.#pipe);
    this.#listen((pipes?.[4] ?? new PassThrough()) as Readable);
    this.#pipe.on("error", () =>
      this.kill({ cause: "crash", culprit: undefined, detail: "with error: signal: killed" }),
    );
    this.#child.unref();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isGone(): boolean {
    return this.#hasEnded || this.#end !== undefined;
  }

  sendBundle(hash: string, script: Uint8Array, map: Uint8Array): void {
    this.bundles.add(hash);
    this.#writer.begin(ToHost.bundle, 0).string(hash).bytes(script).bytes(map).end();
    this.#schedule();
  }

  sendOpen(environment: number, settingsJson: string): void {
    this.#writer.begin(ToHost.open, environment).string(settingsJson).end();
    this.#schedule();
  }

  sendInvoke(
    sequence: number,
    environment: number,
    timeoutMs: number,
    context: string,
    payload: string | Uint8Array,
  ): void {
    this.#writer
      .begin(ToHost.invoke, sequence)
      .u32(environment)
      .f64(timeoutMs)
      .string(context)
      .payload(payload)
      .end();
    this.#schedule();
  }

  sendCredit(sequence: number, bytes: number): void {
    this.#writer.begin(ToHost.credit, sequence).u32(bytes).end();
    this.#schedule();
  }

  sendAbort(sequence: number): void {
    this.#writer.begin(ToHost.abort, sequence).end();
    this.#schedule();
  }

  sendCompletion(environment: number, call: number, error: OperationError | undefined, value: Value): void {
    this.#writer
      .begin(ToHost.completion, environment)
      .u32(Math.abs(call))
      .u8(call < 0 ? 1 : 0)
      .u8(error === undefined ? 1 : 0)
      .value(error === undefined ? value : error.code)
      .string(error === undefined ? "" : error.message)
      .end();
    this.#schedule();
    if (this.#pipe.writableLength > maxUnreadBytes)
      this.kill({ cause: "protocol", culprit: undefined, detail: "with error: signal: killed" });
  }

  sendClose(environment: number): void {
    this.#writer.begin(ToHost.close, environment).end();
    this.#schedule();
  }

  sendDropBundle(hash: string): void {
    if (!this.bundles.delete(hash)) return;
    this.#writer.begin(ToHost.dropBundle, 0).string(hash).end();
    this.#schedule();
  }

  sendSnapshot(hash: string, bytes: Uint8Array): void {
    this.snapshots.add(hash, bytes.byteLength);
    this.#writer.begin(ToHost.snapshot, 0).string(hash).bytes(bytes).end();
    this.#schedule();
  }

  /** @param version The VersionSpec's key: no other version's environments start with it. */
  sendCodeCache(bundleHash: string, version: string, bytes: Uint8Array): void {
    this.codeCaches.set(version, "given");
    this.#writer.begin(ToHost.codeCache, 0).string(bundleHash).string(version).bytes(bytes).end();
    this.#schedule();
  }

  /** @param command Empty: the debugger is gone. */
  sendInspect(environment: number, debuggerId: number, command: string): void {
    this.#writer.begin(ToHost.inspect, environment).u32(debuggerId).string(command).end();
    this.#schedule();
  }

  sendResume(report: number): void {
    this.#writer.begin(ToHost.resume, report).end();
    this.#schedule();
  }

  sendPing(nowMs: number): void {
    this.pingSentMs = nowMs;
    this.#writer.begin(ToHost.ping, 0).end();
    this.#schedule();
  }

  /** Resident bytes, read from outside: a host in trouble can't be asked. 0 where the system does not tell. */
  rssBytes(): number {
    try {
      return Number(readFileSync(`/proc/${this.pid}/statm`, "utf8").split(" ")[1]) * pageBytes;
    } catch {
      return 0;
    }
  }

  /** Ends it at once. `ended` follows when the process is gone. */
  kill(end: HostEnd): void {
    if (this.isGone) return;
    this.#end = end;
    this.#child.kill("SIGKILL");
  }

  /** Ends it in peace: it has nothing to do any more. */
  close(): void {
    if (this.isGone) return;
    this.#end = { cause: "closed", culprit: undefined, detail: "" };
    this.#pipe.end();
    // One that is caught in a turn does not read that its pipe has ended.
    setTimeout(() => this.#child.kill("SIGKILL"), 1000).unref();
  }

  /** Resolves when the process is gone. */
  gone(): Promise<void> {
    if (!this.#hasEnded) this.#child.ref();
    return this.#gone.promise;
  }

  /**
   * Frames of one round of the event loop leave together, since a write costs as much as a request; but not more than
   * a few at once, so that the host works on the first while we read the next.
   */
  #schedule(): void {
    if (++this.#scheduled >= framesAtOnce) {
      this.#scheduled = 0;
      this.#writer.flush();
      return;
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#scheduled = 0;
      this.#writer.flush();
    });
  }

  #listen(stream: Readable): void {
    const reader = new FrameReader(maxHostFrameBytes, (kind, id, frame) =>
      this.#events.frame(this, kind, id, frame),
    );
    stream.on("data", (chunk: Buffer) => {
      if (this.isGone) return;
      this.lastFrameMs = performance.now();
      this.pingSentMs = undefined;
      // A long turn is over when its end is told, other silence with the first word.
      if (this.longTurn === undefined) this.isSilent = false;
      try {
        if (reader.push(chunk)) freeBytes(chunk);
      } catch (error) {
        if (!(error instanceof FrameError)) this.#events.bug(error);
        this.kill({ cause: "protocol", culprit: undefined, detail: "with error: signal: killed" });
      }
    });
    stream.on("error", () => {});
  }

  #ended(detail: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#pipe.destroy();
    try {
      this.#events.ended(this, this.#end ?? { cause: "crash", culprit: this.longTurn?.invocation, detail });
    } catch (error) {
      this.#events.bug(error);
    }
    this.#gone.resolve();
  }
}

/** As Go names signals, since that is what Lambda prints. */
function signalWord(signal: NodeJS.Signals): string {
  const words: Partial<Record<NodeJS.Signals, string>> = {
    SIGKILL: "killed",
    SIGABRT: "aborted",
    SIGSEGV: "segmentation fault",
    SIGTRAP: "trace/breakpoint trap",
    SIGILL: "illegal instruction",
    SIGTERM: "terminated",
    SIGBUS: "bus error",
  };
  return words[signal] ?? signal.toLowerCase();
}
