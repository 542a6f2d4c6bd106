/** A message of an event stream, as HTML's standard reads it. */
export interface StreamMessage {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

/** Text without the end of a line may grow to this before the stream counts as broken. */
const MAX_PENDING_CHARS = 16 * 1024 * 1024;

/** Takes an event stream's text as it comes, and tells of messages when they are complete. */
export class StreamParser {
  readonly #onMessage: (message: StreamMessage) => void;
  readonly #onRetry: (delayMs: number) => void;
  #pending = "";
  #isStart = true;
  #data = "";
  #type = "";
  lastEventId: string;
  #newId: string;

  constructor(
    lastEventId: string,
    onMessage: (message: StreamMessage) => void,
    onRetry: (delayMs: number) => void,
  ) {
    this.lastEventId = lastEventId;
    this.#newId = lastEventId;
    this.#onMessage = onMessage;
    this.#onRetry = onRetry;
  }

  /** @throws {RangeError} A line, or a message, has no end. */
  add(text: string): void {
    if (text === "") return;
    if (this.#isStart && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    this.#isStart = false;
    const all = this.#pending + text;
    let start = 0;
    // A return at the very end may be the first half of a line's end.
    const lineEnd = /\r\n|\n|\r(?!$)/g;
    for (let found = lineEnd.exec(all); found !== null; found = lineEnd.exec(all)) {
      this.#line(all.slice(start, found.index));
      start = lineEnd.lastIndex;
    }
    this.#pending = all.slice(start);
    if (this.#pending.length + this.#data.length > MAX_PENDING_CHARS) {
      throw new RangeError(`A message of the event stream is longer than ${MAX_PENDING_CHARS} characters`);
    }
  }

  #line(line: string): void {
    if (line === "") {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const rest = colon === -1 ? "" : line.slice(colon + 1);
    const value = rest[0] === " " ? rest.slice(1) : rest;
    switch (field) {
      case "event":
        this.#type = value;
        break;
      case "data":
        this.#data += `${value}\n`;
        break;
      case "id":
        if (!value.includes("\0")) this.#newId = value;
        break;
      case "retry":
        if (/^[0-9]+$/.test(value)) this.#onRetry(Number(value));
        break;
      default:
    }
  }

  #dispatch(): void {
    this.lastEventId = this.#newId;
    const data = this.#data;
    const type = this.#type || "message";
    this.#data = "";
    this.#type = "";
    if (data !== "") this.#onMessage({ type, data: data.slice(0, -1), lastEventId: this.lastEventId });
  }
}
