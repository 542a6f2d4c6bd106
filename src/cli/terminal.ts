import type { Writable } from "node:stream";

export interface TerminalStreams {
  readonly stdout: Writable & { isTTY?: boolean; columns?: number };
  readonly stderr: Writable & { isTTY?: boolean; columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type Style = "bold" | "dim" | "red" | "green" | "yellow";

const codes: Record<Style, [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

/** Data goes to stdout, talk to stderr; colour and movement only where a person looks. */
export class Terminal {
  readonly #streams: TerminalStreams;

  constructor(streams: TerminalStreams) {
    this.#streams = streams;
  }

  /** Whether a line on stderr may be drawn over. */
  get isInteractive(): boolean {
    return this.#streams.stderr.isTTY === true && this.#streams.env["TERM"] !== "dumb";
  }

  /** Width in characters; undefined where the output is no terminal. */
  get columns(): number | undefined {
    return this.#streams.stdout.columns ?? this.#streams.stderr.columns;
  }

  /** A line of data. */
  print(line: string): void {
    this.#streams.stdout.write(`${line}\n`);
  }

  /** Data as it is; resolves when more may be written. */
  async write(bytes: Uint8Array): Promise<void> {
    const { stdout } = this.#streams;
    if (stdout.write(bytes) || stdout.destroyed) return;
    await new Promise<void>((resolve) => {
      stdout.once("drain", resolve);
      stdout.once("close", resolve);
    });
  }

  json(value: unknown): void {
    this.print(JSON.stringify(value, null, 2));
  }

  /** A line for the person in front of it. */
  say(line: string): void {
    this.#streams.stderr.write(`${line}\n`);
  }

  /** Draws over the current line of stderr; only when `isInteractive`. */
  draw(text: string): void {
    this.#streams.stderr.write(`\r\u001b[2K${text}`);
  }

  /** Styles text for stderr, or for stdout where told. */
  style(style: Style, text: string, target: "stderr" | "stdout" = "stderr"): string {
    if (!this.#hasColor(target)) return text;
    const [open, close] = codes[style];
    return `\u001b[${open}m${text}\u001b[${close}m`;
  }

  #hasColor(target: "stderr" | "stdout"): boolean {
    const { env } = this.#streams;
    if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
    return this.#streams[target].isTTY === true && env["TERM"] !== "dumb";
  }
}
