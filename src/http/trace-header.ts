import { randomBytes } from "node:crypto";

/** One request's X-Ray trace, in the forms in which it travels (spec: invoke.md, section 7). */
export interface Trace {
  /** As the event's `x-amzn-trace-id` header, a JSON string. */
  readonly receivedJson: string;
  /** As `_X_AMZN_TRACE_ID`. */
  readonly runtime: string;
  /** As the response's header. */
  readonly answered: string;
}

const root = /(?:^|;)\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?=;|$)/;
const parent = /(?:^|;)\s*Parent=([0-9a-f]{16})(?=;|$)/;
const sampled = /(?:^|;)\s*Sampled=([01])(?=;|$)/;
const lineage = /(?:^|;)\s*Lineage=([0-9a-f:|]{1,200})(?=;|$)/;

const poolBytes = 4096;

/** Continues the trace that a client sent, or begins one. */
export class TraceIds {
  // Random digits are drawn in bulk: one call for 200 requests instead of one for each.
  #pool = "";
  #at = 0;

  next(header: string | undefined, nowMs: number): Trace {
    if (header !== undefined) {
      const rootId = root.exec(header)?.[1];
      if (rootId !== undefined) return this.#continue(header, rootId);
    }
    const seconds = Math.floor(nowMs / 1000)
      .toString(16)
      .padStart(8, "0");
    const received = `Root=1-${seconds}-${this.#digits(24)}`;
    return {
      receivedJson: `"${received}"`,
      runtime: `${received};Parent=${this.#digits(16)};Sampled=0`,
      answered: `${received};Sampled=0`,
    };
  }

  #continue(header: string, rootId: string): Trace {
    const parentId = parent.exec(header)?.[1] ?? this.#digits(16);
    const decision = sampled.exec(header)?.[1] ?? "0";
    const path = lineage.exec(header)?.[1];
    const runtime = `Root=${rootId};Parent=${parentId};Sampled=${decision}`;
    return {
      receivedJson: JSON.stringify(header),
      runtime: path === undefined ? runtime : `${runtime};Lineage=${path}`,
      answered: `Root=${rootId};Sampled=${decision}`,
    };
  }

  #digits(count: number): string {
    if (this.#at + count > this.#pool.length) {
      this.#pool = randomBytes(poolBytes).toString("hex");
      this.#at = 0;
    }
    this.#at += count;
    return this.#pool.slice(this.#at - count, this.#at);
  }
}
