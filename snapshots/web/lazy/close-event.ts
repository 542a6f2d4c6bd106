import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { Event, type EventInit } from "./event-target.ts";

export interface CloseEventInit extends EventInit {
  wasClean?: boolean;
  code?: number;
  reason?: string;
}

/** How a WebSocket ended. */
export class CloseEvent extends Event {
  readonly #wasClean: boolean;
  readonly #code: number;
  readonly #reason: string;

  constructor(type: string, init: CloseEventInit | null = {}) {
    if (arguments.length === 0) throw new TypeError("CloseEvent constructor: 1 argument required");
    super(type, init);
    this.#wasClean = Boolean(init?.wasClean);
    this.#code = Number(init?.code ?? 0) & 0xffff;
    this.#reason = `${init?.reason ?? ""}`;
  }
  get wasClean(): boolean {
    return this.#wasClean;
  }
  get code(): number {
    return this.#code;
  }
  get reason(): string {
    return this.#reason;
  }
}

asInterface(CloseEvent, "CloseEvent");
showAs(CloseEvent.prototype, ["type", "defaultPrevented", "cancelable", "timeStamp"]);
