import type { Value } from "../model/values.ts";
import { type FrameReader, FromHost, type OpenSettings, ToHost } from "../model/wire/index.ts";
import { LoadedBundle } from "./bundle.ts";
import { CodeMaker } from "./code-maker.ts";
import type { EnvironmentParts } from "./environment-parts.ts";
import { ExecutionEnvironment } from "./execution-environment.ts";
import type { HostFiles } from "./files/index.ts";
import type { GuestHeap } from "./heap.ts";
import { InspectedIsolate } from "./inspected-isolate.ts";
import { IsolateStock } from "./isolate-stock.ts";
import { LoadedSnapshot } from "./loaded-snapshot.ts";
import { EnvironmentOutbox, type Outbox } from "./outbox.ts";
import { RecordingRun } from "./recording-run.ts";
import type { TurnWatch } from "./turn-watch.ts";

interface Held {
  environment: ExecutionEnvironment;
  isOpen: boolean;
  /** The invocation that came with a cold start, until it starts. */
  waiting: Invocation | undefined;
  /** Whether an invocation was ever sent to it. */
  wasSentTo: boolean;
}

interface Invocation {
  readonly sequence: number;
  readonly timeoutMs: number;
  readonly context: string;
  readonly event: string;
}

/** The environments of one host process, driven by the supervisor's frames. */
export class Host {
  readonly #heap: GuestHeap;
  readonly #outbox: Outbox;
  readonly #watch: TurnWatch;
  readonly #files: HostFiles;
  readonly #isolates: IsolateStock;
  readonly #bundles = new Map<string, LoadedBundle>();
  readonly #snapshots = new Map<string, LoadedSnapshot>();
  readonly #environments = new Map<number, Held>();
  readonly #inspected: InspectedIsolate[] = [];
  readonly #codeMaker = new CodeMaker();
  readonly #byInvocation = new Map<number, ExecutionEnvironment>();
  /**
   * The report of the last long turn, until the supervisor says that it knows of the turn's end: what it had sent
   * behind that turn it moves, so that is not started here. Each is given back by name, so that none is lost.
   */
  #bouncing: { report: number; keepsFirst: boolean } | undefined;

  constructor(heap: GuestHeap, outbox: Outbox, watch: TurnWatch, files: HostFiles) {
    this.#heap = heap;
    this.#files = files;
    this.#outbox = outbox;
    this.#watch = watch;
    this.#isolates = new IsolateStock(heap, watch);
  }

  handle(kind: number, id: number, frame: FrameReader): void {
    // Turns also end elsewhere: those of timers, and of the host's own answers.
    this.#noticeLongTurn();
    switch (kind) {
      case ToHost.invoke: {
        const environment = frame.u32();
        const timeoutMs = frame.f64();
        this.#invoke(environment, {
          sequence: id,
          timeoutMs,
          context: frame.string(),
          event: frame.string(),
        });
        break;
      }
      case ToHost.credit:
        this.#byInvocation.get(id)?.credit(id, frame.u32());
        break;
      case ToHost.completion: {
        const number = frame.u32();
        const call = frame.u8() === 1 ? -number : number;
        const ok = frame.u8() === 1;
        this.#environments.get(id)?.environment.complete(call, ok, copied(frame.value()), frame.string());
        break;
      }
      case ToHost.open:
        this.#open(id, JSON.parse(frame.string()) as OpenSettings);
        break;
      case ToHost.bundle: {
        const hash = frame.string();
        const script = frame.bytes().toString("utf8");
        this.#bundles.set(hash, new LoadedBundle(hash, script, Buffer.from(frame.bytes())));
        break;
      }
      case ToHost.dropBundle:
        this.#bundles.delete(frame.string());
        break;
      case ToHost.snapshot: {
        const hash = frame.string();
        this.#snapshots.set(hash, new LoadedSnapshot(hash, frame.bytes()));
        break;
      }
      case ToHost.dropSnapshot:
        this.#snapshots.delete(frame.string());
        break;
      case ToHost.codeCache:
        this.#bundles.get(frame.string())?.code(frame.string()).take(this.#heap, frame.bytes());
        break;
      case ToHost.abort:
        this.#byInvocation.get(id)?.abort(id);
        break;
      case ToHost.close: {
        const held = this.#environments.get(id);
        this.#environments.delete(id);
        held?.environment.close();
        break;
      }
      case ToHost.inspect:
        this.#inspect(id, frame.u32(), frame.string());
        break;
      case ToHost.resume:
        // A later long turn has a resume of its own.
        if (this.#bouncing?.report === id) this.#bouncing = undefined;
        break;
      case ToHost.ping:
        this.#outbox.writer.begin(FromHost.pong, 0).end();
        this.#outbox.schedule();
        break;
    }
    this.#noticeLongTurn();
  }

  #inspect(id: number, debuggerId: number, command: string): void {
    const inspection = this.#environments.get(id)?.environment.inspection;
    if (inspection === undefined) return;
    if (command === "") inspection.leave(debuggerId);
    else if (!inspection.receive(debuggerId, command))
      new EnvironmentOutbox(this.#outbox, id, () => {}).inspected(debuggerId, "");
  }

  /** Resolves when no isolate is left whose debugger the process's end would stumble over. */
  async close(): Promise<void> {
    await Promise.all(this.#inspected.map((isolate) => isolate.end()));
  }

  #inspectable(settings: OpenSettings, outbox: EnvironmentOutbox): Pick<EnvironmentParts, "inspect"> {
    if (settings.inspect !== true) return {};
    return {
      inspect: (heap) => {
        const isolate = new InspectedIsolate(
          heap,
          settings.memorySizeMb,
          this.#watch,
          (debuggerId, message) => outbox.inspected(debuggerId, message),
        );
        this.#inspected.push(isolate);
        return isolate;
      },
    };
  }

  #open(id: number, settings: OpenSettings): void {
    const bundle = this.#bundles.get(settings.bundleHash);
    if (bundle === undefined)
      throw new Error(`Bundle ${settings.bundleHash} was not sent before its environment`);
    const snapshot = settings.snapshot && this.#snapshots.get(settings.snapshot.hash);
    if (settings.snapshot !== undefined && snapshot === undefined)
      throw new Error(`Snapshot ${settings.snapshot.hash} was not sent before its environment`);
    const outbox = new EnvironmentOutbox(this.#outbox, id, () => this.#environments.delete(id));
    const parts: EnvironmentParts = {
      bundle,
      heap: this.#heap,
      isolates: this.#isolates,
      watch: this.#watch,
      files: this.#files,
      snapshot,
      outbox,
      onOpened: () => this.#opened(id),
      onRestoreFailed: (reason) => this.#restoreFailed(id, settings, parts, reason),
      onCode: (bytes) => outbox.codeCache(bytes),
      ...this.#inspectable(settings, outbox),
    };
    const environment =
      settings.record === undefined
        ? new ExecutionEnvironment(id, settings, parts)
        : new RecordingRun(id, settings, parts, outbox).environment;
    this.#environments.set(id, { environment, isOpen: false, waiting: undefined, wasSentTo: false });
    environment.open();
  }

  /** Once: an environment of the same id runs init, which needs nothing of the heap that was restored. */
  #restoreFailed(id: number, settings: OpenSettings, parts: EnvironmentParts, reason: string): void {
    const held = this.#environments.get(id);
    if (held === undefined) return;
    new EnvironmentOutbox(this.#outbox, id, () => {}).restoreFailed(reason);
    const callsBefore = held.environment.lastCall;
    const variables = { ...settings.variables, AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand" };
    held.environment = new ExecutionEnvironment(
      id,
      { ...settings, variables },
      {
        ...parts,
        snapshot: undefined,
        onRestoreFailed: undefined,
        startReason: `its snapshot could not be restored: ${reason}`,
        callsBefore,
      },
    );
    held.environment.open();
  }

  #opened(id: number): void {
    const held = this.#environments.get(id);
    if (held === undefined) return;
    held.isOpen = true;
    // In a turn of its own, so that the supervisor learns of the end of init before the handler runs.
    if (held.waiting !== undefined) setImmediate(() => this.#startWaiting(id));
  }

  #startWaiting(id: number): void {
    this.#noticeLongTurn();
    const held = this.#environments.get(id);
    const waiting = held?.waiting;
    if (held === undefined || waiting === undefined) return;
    held.waiting = undefined;
    this.#start(held.environment, waiting);
  }

  #invoke(id: number, invocation: Invocation): void {
    const held = this.#environments.get(id);
    // An environment that ended meanwhile: the supervisor has been told, and knows what to do.
    if (held === undefined) return;
    const isFirst = !held.wasSentTo;
    held.wasSentTo = true;
    if (this.#bouncing !== undefined && !(isFirst && this.#bouncing.keepsFirst)) this.#bounce(invocation);
    else if (!held.isOpen) held.waiting = invocation;
    else this.#start(held.environment, invocation);
  }

  #start(environment: ExecutionEnvironment, invocation: Invocation): void {
    const { sequence } = invocation;
    // The supervisor had thought that the one before would be done by now.
    if (environment.isBusy || !this.#watch.starts(sequence)) {
      this.#bounce(invocation);
      this.#noticeLongTurn();
      return;
    }
    this.#byInvocation.set(sequence, environment);
    environment.invoke(sequence, invocation.timeoutMs, invocation.context, invocation.event, () => {
      this.#byInvocation.delete(sequence);
      this.#codeMaker.settled(environment);
    });
    this.#noticeLongTurn();
  }

  #bounce(invocation: Invocation): void {
    this.#outbox.writer.begin(FromHost.bounced, invocation.sequence).end();
    this.#outbox.schedule();
  }

  /** @see TurnWatch: invocations that wait behind a long turn were moved to another host by now. */
  #noticeLongTurn(): void {
    const report = this.#watch.takeReport();
    if (report === undefined) return;
    // An init's turn may be that of the environment which they came with: moved, they would only wait for another one.
    this.#bouncing = { report: report.number, keepsFirst: report.onlyInits };
    if (!report.onlyInits) {
      for (const held of this.#environments.values()) {
        if (held.waiting === undefined || held.waiting.sequence <= this.#watch.lastStarted) continue;
        this.#bounce(held.waiting);
        held.waiting = undefined;
      }
    }
    this.#outbox.writer.begin(FromHost.turnEnded, report.number).end();
    this.#outbox.flush();
  }
}

/** Byte values are views of the read buffer, and the guest may get to them much later. */
function copied(value: Value): Value {
  return value instanceof Uint8Array ? new Uint8Array(value) : value;
}
