import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { Event, type EventInit } from "./event-target.ts";

export interface ErrorEventInit extends EventInit {
  message?: string;
  filename?: string;
  lineno?: number;
  colno?: number;
  error?: unknown;
}

export class ErrorEvent extends Event {
  readonly #message: string;
  readonly #filename: string;
  readonly #lineno: number;
  readonly #colno: number;
  readonly #error: unknown;

  constructor(type: string, init: ErrorEventInit | null = {}) {
    if (arguments.length === 0) throw new TypeError("ErrorEvent constructor: 1 argument required");
    super(type, init);
    this.#message = `${init?.message ?? ""}`;
    this.#filename = `${init?.filename ?? ""}`;
    this.#lineno = Number(init?.lineno ?? 0) >>> 0;
    this.#colno = Number(init?.colno ?? 0) >>> 0;
    this.#error = init?.error;
  }
  get message(): string {
    return this.#message;
  }
  get filename(): string {
    return this.#filename;
  }
  get lineno(): number {
    return this.#lineno;
  }
  get colno(): number {
    return this.#colno;
  }
  get error(): unknown {
    return this.#error;
  }
}

asInterface(ErrorEvent, "ErrorEvent");
showAs(ErrorEvent.prototype, ["type", "defaultPrevented", "cancelable", "timeStamp"]);
