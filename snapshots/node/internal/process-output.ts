import { callSync } from "../../bridge.ts";
import { nextTick } from "../../ticks.ts";

type Done = (error?: Error | null) => void;

/** The bounds of one log call; what is longer goes in pieces. */
const maxLogCharacters = 200_000;

/**
 * process.stdout and process.stderr: what is written is a log event. They are no streams, since node:stream would
 * cost each function that touches `process` its whole text; what packages use of them is here.
 */
export function createOutput(name: "stdout" | "stderr", fd: number) {
  const output = {
    fd,
    isTTY: false,
    writable: true,
    writableLength: 0,
    writableHighWaterMark: 16384,
    columns: undefined,
    _type: "pipe",
    write(chunk: string | Uint8Array, encoding?: string | Done, callback?: Done): boolean {
      const text = typeof chunk === "string" ? chunk : decode(chunk);
      for (let at = 0; at < text.length; at += maxLogCharacters) {
        callSync("log", "", text.slice(at, at + maxLogCharacters));
      }
      const done = typeof encoding === "function" ? encoding : callback;
      if (done) nextTick(done);
      return true;
    },
    end(chunk?: string | Uint8Array | Done): void {
      if (chunk !== undefined && typeof chunk !== "function") output.write(chunk);
    },
    on: () => output,
    once: () => output,
    off: () => output,
    emit: () => false,
    addListener: () => output,
    removeListener: () => output,
    removeAllListeners: () => output,
    prependListener: () => output,
    listeners: () => [],
    listenerCount: () => 0,
    cork() {},
    uncork() {},
    destroy: () => output,
    hasColors: () => false,
    getColorDepth: () => 1,
    getWindowSize: () => [80, 24],
    [Symbol.toStringTag]: name,
  };
  return output;
}

function decode(bytes: Uint8Array): string {
  const { TextDecoder } = globalThis as unknown as {
    TextDecoder: new () => { decode(bytes: Uint8Array): string };
  };
  return new TextDecoder().decode(bytes);
}
