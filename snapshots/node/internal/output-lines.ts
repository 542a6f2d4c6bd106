import { callSync } from "../../bridge.ts";
import { setTimeout } from "../../loop.ts";
import { processState } from "../../process-state.ts";
import { requireInternal } from "../../registry.ts";

/**
 * What a process prints to descriptors 1 and 2: its log, in whole lines. The rest of a line waits for its end, for the
 * end of the event, or for a moment, whichever comes first.
 */
type Descriptor = 1 | 2;

interface Decoder {
  write(bytes: Uint8Array): string;
}

/** The bound of one log call. */
const maxLogCharacters = 200_000;
/** How long the rest of a line waits, ms. */
const restWaitsMs = 100;

const rests: Record<Descriptor, string> = { 1: "", 2: "" };
const decoders: Partial<Record<Descriptor, Decoder>> = {};
let isWaiting = false;

export function printText(fd: Descriptor, text: string): void {
  processState.flushOutput = flush;
  const whole = rests[fd] + text;
  const lines = whole.lastIndexOf("\n") + 1;
  const end = whole.length - lines > maxLogCharacters ? whole.length : lines;
  rests[fd] = whole.slice(end);
  log(whole.slice(0, end));
  if (rests[fd] === "" || isWaiting) return;
  isWaiting = true;
  setTimeout(flush, restWaitsMs).unref();
}

/** A character of several bytes may be written in two pieces. */
export function printBytes(fd: Descriptor, bytes: Uint8Array): void {
  const { StringDecoder } = requireInternal("node:string_decoder") as { StringDecoder: new () => Decoder };
  decoders[fd] ??= new StringDecoder();
  printText(fd, decoders[fd].write(bytes));
}

function log(text: string): void {
  for (let at = 0; at < text.length; ) {
    let end = at + maxLogCharacters;
    if (end < text.length) end = text.lastIndexOf("\n", end - 1) + 1 || end;
    if (end <= at) end = at + maxLogCharacters;
    callSync("log", "", text.slice(at, end));
    at = end;
  }
}

function flush(): void {
  isWaiting = false;
  for (const fd of [1, 2] as const) {
    const rest = rests[fd];
    rests[fd] = "";
    log(rest);
  }
}
