import { type Clock, systemClock } from "../model/clock.ts";
import { formatDuration } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

const barCells = 24;
/** In eighths of a cell. */
const partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
/** A terminal over a slow line is not drawn to more often than anyone can see. */
const drawEveryMs = 50;
/** Where nobody watches, a line now and then shows in a build's log that it is alive. */
const sayEveryMs = 15_000;

/** How far a long measurement is, and for how long it will go on: a bar, or plain lines where nobody watches. */
export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #startedMs: number;
  #toldMs: number;

  constructor(terminal: Terminal, clock: Clock = systemClock) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
    this.#toldMs = this.#startedMs;
    if (!terminal.isInteractive) return;
    this.#toldMs -= drawEveryMs;
  }

  /** @param doing What runs now, as in `app, code cache`. */
  update(done: number, all: number, doing: string): void {
    const nowMs = this.#clock.monotonicMs();
    const isInteractive = this.#terminal.isInteractive;
    if (nowMs - this.#toldMs < (isInteractive ? drawEveryMs : sayEveryMs)) return;
    this.#toldMs = nowMs;
    const share = all === 0 ? 1 : Math.min(1, done / all);
    const percent = `${Math.floor(share * 100)}%`.padStart(5);
    const left = share > 0 && share < 1 ? remaining(nowMs - this.#startedMs, share) : "";
    if (!isInteractive) {
      this.#terminal.say(`${percent.trim()} ${doing}${left}`);
      return;
    }
    // One line only: a longer one would wrap, and the terminal could not draw over it again.
    const room = Math.max(0, (this.#terminal.columns ?? 80) - barCells - percent.length - left.length - 4);
    const shown = doing.length > room ? `${doing.slice(0, Math.max(0, room - 1))}…` : doing;
    const bar = this.#terminal.style("green", bars(share));
    this.#terminal.draw(`${bar}${percent} ${shown}${this.#terminal.style("dim", left)}`);
  }

  /** Takes the bar away, so that what was measured can be shown; may be called twice. */
  end(): void {
    if (this.#terminal.isInteractive) this.#terminal.draw("");
  }
}

function bars(share: number): string {
  const eighths = Math.round(share * barCells * 8);
  const full = Math.floor(eighths / 8);
  const bar = "█".repeat(full) + (partial[eighths % 8] ?? "");
  return bar.padEnd(barCells, "░");
}

function remaining(elapsedMs: number, share: number): string {
  return `, ${formatDuration((elapsedMs / share) * (1 - share))} left`;
}
