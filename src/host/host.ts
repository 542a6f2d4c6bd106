import type { Value } from "../model/values.ts";
import { type FrameReader, FromHost, type OpenSettings, ToHost } from "../model/wire/index.ts";
import { LoadedBundle } from "./bundle.ts";
import { ExecutionEnvironment } from "./execution-environment.ts";
import type { GuestHeap } from "./heap.ts";
import { IsolateStock } from "./isolate-stock.ts";
import { EnvironmentOutbox, type Outbox } from "./outbox.ts";
import type { TurnWatch } from "./turn-watch.ts";

interface Held {
  readonly environment: ExecutionEnvironment;
  isOpen: boolean;
  /** The invocation that came with a cold start. */
  waiting: Invocation | undefined;
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
  readonly #isolates: IsolateStock;
  readonly #bundles = new Map<string, LoadedBundle>();
  readonly #environments = new Map<number, Held>();
  readonly #byInvocation = new Map<number, ExecutionEnvironment>();
  /** After a long turn: what the supervisor had sent behind it was moved, until it says otherwise. */
  #isBouncing = false;

  constructor(heap: GuestHeap, outbox: Outbox, watch: TurnWatch) {
    this.#heap = heap;
    this.#outbox = outbox;
    this.#watch = watch;
    this.#isolates = new IsolateStock(heap, watch);
  }

  get environmentCount(): number {
    return this.#environments.size;
  }

  handle(kind: number, id: number, frame: FrameReader): void {
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
      case ToHost.abort:
        this.#byInvocation.get(id)?.abort(id);
        break;
      case ToHost.close: {
        const held = this.#environments.get(id);
        this.#environments.delete(id);
        held?.environment.close();
        break;
      }
      case ToHost.resume:
        this.#isBouncing = false;
        break;
      case ToHost.ping:
        this.#outbox.writer.begin(FromHost.pong, 0).end();
        this.#outbox.schedule();
        break;
    }
    this.#noticeLongTurn();
  }

  #open(id: number, settings: OpenSettings): void {
    const bundle = this.#bundles.get(settings.bundleHash);
    if (bundle === undefined)
      throw new Error(`Bundle ${settings.bundleHash} was not sent before its environment`);
    const outbox = new EnvironmentOutbox(this.#outbox, id, () => this.#environments.delete(id));
    const held: Held = {
      environment: new ExecutionEnvironment(id, settings, bundle, this.#heap, this.#isolates, outbox, () =>
        this.#opened(id),
      ),
      isOpen: false,
      waiting: undefined,
    };
    this.#environments.set(id, held);
    held.environment.open();
  }

  #opened(id: number): void {
    const held = this.#environments.get(id);
    if (held === undefined) return;
    held.isOpen = true;
    const waiting = held.waiting;
    held.waiting = undefined;
    // In a turn of its own, so that the supervisor learns of the end of init before the handler runs.
    if (waiting !== undefined) setImmediate(() => this.#start(id, waiting));
  }

  #invoke(environment: number, invocation: Invocation): void {
    const held = this.#environments.get(environment);
    // An environment that ended meanwhile: the supervisor has been told, and knows what to do.
    if (held === undefined || this.#isBouncing) return;
    if (!held.isOpen) held.waiting = invocation;
    else this.#start(environment, invocation);
  }

  #start(id: number, invocation: Invocation): void {
    const environment = this.#environments.get(id)?.environment;
    if (environment === undefined) return;
    if (environment.isBusy) {
      // The supervisor had thought that the one before would be done by now.
      this.#outbox.writer.begin(FromHost.bounced, invocation.sequence).end();
      this.#outbox.schedule();
      return;
    }
    this.#watch.started(invocation.sequence);
    this.#byInvocation.set(invocation.sequence, environment);
    environment.invoke(invocation.sequence, invocation.timeoutMs, invocation.context, invocation.event, () =>
      this.#byInvocation.delete(invocation.sequence),
    );
    this.#noticeLongTurn();
  }

  /** @see TurnWatch: invocations that wait behind a long turn were moved to another host by now. */
  #noticeLongTurn(): void {
    const report = this.#watch.takeReport();
    if (report === undefined) return;
    this.#isBouncing = true;
    this.#outbox.writer.begin(FromHost.turnEnded, report).u32(this.#watch.lastStarted).end();
    this.#outbox.flush();
  }
}

/** Byte values are views of the read buffer, and the guest may get to them much later. */
function copied(value: Value): Value {
  return value instanceof Uint8Array ? new Uint8Array(value) : value;
}
