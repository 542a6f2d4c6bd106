/** What a line takes beside its text, bytes. */
const lineBytes = 64;

/** How much one invocation may log; what comes after that is left out, and the last line says so. */
export class LogAllowance {
  readonly #limitBytes: number;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Another invocation begins. */
  renew(): void {
    this.#bytes = 0;
  }

  /** What is to be logged in place of the text; nothing when that was said already. */
  admit(text: string): string | undefined {
    if (this.#bytes > this.#limitBytes) return undefined;
    this.#bytes += text.length + lineBytes;
    if (this.#bytes <= this.#limitBytes) return text;
    return `The rest of this invocation's log is left out: it may have ${this.#limitBytes} bytes`;
  }
}
