import { showAs } from "../../inspection.ts";
import { asInterface } from "../../interface.ts";
import {
  codedError,
  illegalConstructor,
  invalidArgType,
  invalidThis,
  missingArgs,
} from "../argument-errors.ts";
import { DOMException } from "../dom-exception.ts";
import { type PerformanceEntry, secret } from "./entry.ts";
import {
  entriesOf,
  inOrder,
  type Listener,
  listen,
  schedule,
  supportedEntryTypes,
  unlisten,
} from "./timeline.ts";

let listed: (list: PerformanceObserverEntryList) => readonly PerformanceEntry[];

export class PerformanceObserverEntryList {
  static {
    listed = (list) => {
      if (typeof list !== "object" || list === null || !(#entries in list)) {
        throw invalidThis("PerformanceObserverEntryList");
      }
      return list.#entries;
    };
  }
  readonly #entries: readonly PerformanceEntry[];

  constructor(...args: unknown[]) {
    if (args[0] !== secret) throw illegalConstructor();
    this.#entries = inOrder(args[1] as PerformanceEntry[]);
  }
  getEntries(): PerformanceEntry[] {
    return [...listed(this)];
  }
  getEntriesByType(type: string): PerformanceEntry[] {
    const entries = listed(this);
    if (arguments.length === 0) throw missingArgs("type");
    const text = `${type}`;
    return entries.filter((entry) => entry.entryType === text);
  }
  getEntriesByName(name: string, type: string | undefined = undefined): PerformanceEntry[] {
    const entries = listed(this);
    if (arguments.length === 0) throw missingArgs("name");
    const text = `${name}`;
    const named = entries.filter((entry) => entry.name === text);
    return type === undefined || type === null ? named : named.filter((entry) => entry.entryType === type);
  }
}

asInterface(PerformanceObserverEntryList, "PerformanceObserverEntryList");
showAs(PerformanceObserverEntryList.prototype, (list, inspect) => inspect([...listed(list)]));

interface ObserveOptions {
  entryTypes?: string[];
  type?: string;
  buffered?: boolean;
}

type Callback = (list: PerformanceObserverEntryList, observer: PerformanceObserver) => unknown;

let observed: (observer: PerformanceObserver) => Observation;

export class PerformanceObserver {
  static {
    observed = (observer) => {
      if (typeof observer !== "object" || observer === null || !(#observation in observer)) {
        throw invalidThis("PerformanceObserver");
      }
      return observer.#observation;
    };
  }
  readonly #observation: Observation;

  constructor(callback: Callback) {
    if (typeof callback !== "function") throw invalidArgType("callback", "of type function", callback);
    this.#observation = new Observation(this, callback);
  }
  static get supportedEntryTypes(): readonly string[] {
    return supportedEntryTypes;
  }
  observe(options: ObserveOptions = {}): void {
    observed(this).observe(options);
  }
  disconnect(): void {
    observed(this).disconnect();
  }
  takeRecords(): PerformanceEntry[] {
    return observed(this).take();
  }
}

asInterface(PerformanceObserver, "PerformanceObserver");
showAs(PerformanceObserver.prototype, (observer) => observed(observer).shown());

/** What an observer waits for. It asks for several types once, or for single ones time after time, never for both. */
class Observation implements Listener {
  readonly #observer: PerformanceObserver;
  readonly #callback: Callback;
  readonly #types = new Set<string>();
  #manner: "single" | "multiple" | undefined;
  #entries: PerformanceEntry[] = [];

  constructor(observer: PerformanceObserver, callback: Callback) {
    this.#observer = observer;
    this.#callback = callback;
  }

  observe(options: ObserveOptions): void {
    if (typeof options !== "object" || options === null) {
      throw invalidArgType("options", "of type object", options);
    }
    const { entryTypes, type, buffered } = options;
    if (entryTypes === undefined && type === undefined) {
      throw missingArgs("options.entryTypes", "options.type");
    }
    if (entryTypes !== undefined && type !== undefined) {
      throw codedError(
        TypeError,
        "ERR_INVALID_ARG_VALUE",
        "The property 'options.entryTypes' options.entryTypes can not set with options.type together",
      );
    }
    const manner = type === undefined ? "multiple" : "single";
    if (this.#manner !== undefined && this.#manner !== manner) {
      const words = manner === "multiple" ? "multiple observations" : "single observation";
      throw new DOMException(`PerformanceObserver can not change to ${words}`, "InvalidModificationError");
    }
    this.#manner = manner;
    if (entryTypes !== undefined) this.#observeAll(entryTypes);
    else this.#observeOne(`${type}`, Boolean(buffered));
  }

  #observeAll(entryTypes: unknown): void {
    if (!Array.isArray(entryTypes)) throw invalidArgType("options.entryTypes", "string[]", entryTypes);
    const types = entryTypes.map((type) => `${type}`).filter((type) => supportedEntryTypes.includes(type));
    this.#types.clear();
    for (const type of types) this.#types.add(type);
    if (types.length > 0) listen(this);
    else this.disconnect();
  }

  #observeOne(type: string, isBuffered: boolean): void {
    if (!supportedEntryTypes.includes(type)) return;
    this.#types.add(type);
    listen(this);
    if (!isBuffered) return;
    this.#entries.push(...entriesOf(type));
    schedule(this);
  }

  disconnect(): void {
    unlisten(this);
    this.#entries = [];
    this.#types.clear();
    this.#manner = undefined;
  }

  take(): PerformanceEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  offer(entry: PerformanceEntry): boolean {
    if (!this.#types.has(entry.entryType)) return false;
    this.#entries.push(entry);
    return true;
  }

  dispatch(): void {
    if (this.#entries.length === 0) return;
    const list = new PerformanceObserverEntryList(secret, this.take());
    Reflect.apply(this.#callback, this.#observer, [list, this.#observer]);
  }

  shown(): object {
    return {
      connected: this.#types.size > 0,
      pending: this.#entries.length > 0,
      entryTypes: [...this.#types],
    };
  }
}
