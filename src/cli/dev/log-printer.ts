import type { Terminal } from "../terminal.ts";
import { codeFrame } from "./code-frame.ts";
import type { LocalPaths } from "./local-paths.ts";

interface LoggedError {
  readonly errorType?: unknown;
  readonly errorMessage?: unknown;
  readonly stack?: unknown;
}

const colors = { WARN: "yellow", ERROR: "red", FATAL: "red", DEBUG: "dim", TRACE: "dim" } as const;
/** Lambda's own lines of an invocation, which `brisk dev` says in its own words. */
const platformLine = /^(START|END|INIT_START|RESTORE_START|RESTORE_REPORT|XRAY) /;

/** Prints a function's log for the person who writes the function: messages, and errors with the lines they come from. */
export class LogPrinter {
  readonly #terminal: Terminal;
  readonly #paths: LocalPaths;
  readonly #onReport: (report: string) => void;

  /** @param onReport Told of each invocation's REPORT line. */
  constructor(terminal: Terminal, paths: LocalPaths, onReport: (report: string) => void = () => {}) {
    this.#terminal = terminal;
    this.#paths = paths;
    this.#onReport = onReport;
  }

  print(text: string): void {
    if (platformLine.test(text)) return;
    if (text.startsWith("REPORT ")) {
      this.#onReport(text);
      return;
    }
    if (text.startsWith("INIT_REPORT ")) return;
    // Time, request and level come first, as Lambda's runtime prints them.
    const parts = /^[\d-]+T[\d:.]+Z\t[^\t]*\t([A-Z]+)\t(.*)$/s.exec(text);
    const [, level = "", message = text] = parts ?? [];
    const uncaught = /^(?:Invoke Error|Uncaught Exception) +\t(\{.*\})$/s.exec(message);
    const error = uncaught === null ? undefined : parseError(uncaught[1] as string);
    if (error !== undefined) this.#error(error);
    else this.#message(level, message);
  }

  #message(level: string, message: string): void {
    const color = colors[level as keyof typeof colors];
    const text = message.replace(/\n$/, "");
    this.#terminal.print(color === undefined ? text : this.#terminal.style(color, text, "stdout"));
  }

  #error({ errorType, errorMessage, stack }: LoggedError): void {
    const terminal = this.#terminal;
    const frames = (Array.isArray(stack) ? stack : []).map(String).filter((line) => /^\s+at /.test(line));
    const said = this.#paths.localize(String(errorMessage));
    terminal.say(`${terminal.style("red", `${String(errorType)}:`)} ${said}`);
    const frame = this.#firstFrame(frames);
    if (frame !== undefined) terminal.say(frame);
    for (const line of frames) terminal.say(terminal.style("dim", this.#paths.localize(line)));
  }

  /** The lines that the first frame in a file of this machine points to. */
  #firstFrame(frames: readonly string[]): string | undefined {
    for (const line of frames) {
      const [, path = "", row, column] = /(?:\(|at )(\/[^():]+):(\d+):(\d+)\)?$/.exec(line) ?? [];
      const file = this.#paths.fileOf(path);
      const text = file === undefined || path.includes("/node_modules/") ? undefined : this.#paths.read(file);
      if (text !== undefined) {
        return codeFrame(text, Number(row), Number(column), (style, part) =>
          this.#terminal.style(style, part),
        );
      }
    }
    return undefined;
  }
}

function parseError(json: string): LoggedError | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && "errorType" in value ? value : undefined;
  } catch {
    return undefined;
  }
}
