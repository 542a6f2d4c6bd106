import { type Clock, systemClock } from "../model/clock.ts";
import type { Terminal } from "./terminal.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 80;

/** Shows what is being waited for: a moving line with the time elapsed, or plain lines where nobody watches. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #clock: Clock;

  constructor(terminal: Terminal, clock: Clock = systemClock) {
    this.#terminal = terminal;
    this.#clock = clock;
  }

  /**
   * Runs one step.
   * @param doing As in `Packing hello`.
   * @param run Is given a function that changes it.
   * @param done What to say of the result.
   */
  async step<T>(
    doing: string,
    run: (say: (doing: string) => void) => Promise<T>,
    done: (result: T) => string,
  ): Promise<T> {
    const terminal = this.#terminal;
    const startedMs = this.#clock.monotonicMs();
    const elapsed = () => formatDuration(this.#clock.monotonicMs() - startedMs);
    let ticker: NodeJS.Timeout | undefined;
    let shown = doing;
    const say = (next: string) => {
      if (next === shown) return;
      shown = next;
      if (!terminal.isInteractive) terminal.say(`${next} …`);
    };
    if (terminal.isInteractive) {
      let frame = 0;
      const draw = () => {
        terminal.draw(`${frames[frame++ % frames.length]} ${shown} ${terminal.style("dim", elapsed())}`);
      };
      draw();
      ticker = setInterval(draw, frameMs);
    } else {
      terminal.say(`${doing} …`);
    }
    try {
      const result = await run(say);
      this.#end(ticker);
      const mark = terminal.isInteractive ? `${terminal.style("green", "✓")} ` : "";
      terminal.say(`${mark}${done(result)} ${terminal.style("dim", `(${elapsed()})`)}`);
      return result;
    } catch (error) {
      this.#end(ticker);
      throw error;
    }
  }

  #end(ticker: NodeJS.Timeout | undefined): void {
    if (ticker === undefined) return;
    clearInterval(ticker);
    this.#terminal.draw("");
  }
}

export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
