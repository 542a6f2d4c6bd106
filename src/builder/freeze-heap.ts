import { readFileSync } from "node:fs";
import { join } from "node:path";
import ivm from "isolated-vm";
import { BundleMap } from "../model/bundle-map.ts";
import type { FreezeReply } from "../model/freeze-messages.ts";
import { bundleFilename, moduleFile, wrapModule } from "../model/guest-files.ts";
import type { Recording, TapeEvent } from "../model/tape.ts";

export interface FreezeRequest {
  /** The folder of the guest heap. */
  readonly guestDir: string;
  readonly recording: Recording;
  /** The bundle. */
  readonly script: string;
  /** Its source map; asked for only to name a position. */
  readonly mapJson: () => string;
  readonly isPrimed: boolean;
}

export type FreezeOutcome =
  | { readonly kind: "frozen"; readonly snapshot: Buffer }
  | Extract<FreezeReply, { kind: "failed" }>;

type Script = { code: string; filename: string; lineOffset?: number };

const replayModule = "brisk:snapstart/lazy/replay";
const replayFile = "brisk:replay";

/**
 * Replays init from its tape in a heap without a host, and freezes it. Each turn is a script of its own, since V8
 * runs the microtasks between two of them. isolated-vm runs all scripts in a second context, too, when there is a
 * warm-up, and the warm-up there: what it compiles is in the snapshot, what it does is not.
 */
export function freezeHeap(request: FreezeRequest): FreezeOutcome {
  const { guestDir, recording, script, isPrimed } = request;
  const moduleScript = (specifier: string) =>
    readFileSync(join(guestDir, "modules", moduleFile(specifier)), "utf8");
  const player = moduleScript(replayModule);
  const rehearses = recording.warmUp.length > 0;
  const scripts: Script[] = [
    { code: readFileSync(join(guestDir, "base.js"), "utf8"), filename: "brisk:base" },
    replay(`let $brisk = ${playerOf(player, "InitPlayer", recording.init)};`),
    ...recording.modules.map((specifier) => ({
      code: `$brisk.module(${JSON.stringify(specifier)}, ${moduleScript(specifier)});`,
      filename: specifier,
    })),
    ...recording.files.map(([path, code]) => ({
      // First in its statement: V8 names functions by what stands before them.
      code: `[${wrapModule(code)}].forEach((run) => $brisk.module(${JSON.stringify(`file:${path}`)}, run));`,
      filename: path,
      lineOffset: -1,
    })),
    { code: `$brisk.bundle(${script}\n);`, filename: bundleFilename },
    ...turnsOf(recording.init).map(() => replay("$brisk.turn();")),
    // What holds the tape must not be frozen with it.
    replay("$brisk.finish(); $brisk = undefined;"),
  ];
  if (rehearses && isPrimed) {
    scripts.push(
      replay(`$brisk = ${playerOf(player, "WarmUpPlayer", recording.warmUp)};`),
      ...turnsOf(recording.warmUp).map(() => replay("$brisk.turn();")),
      replay("$brisk.freeze(); $brisk = undefined;"),
    );
  }
  const warmUp = rehearses ? `${playerOf(player, "WarmUpPlayer", recording.warmUp)}.run();` : undefined;
  try {
    const made = ivm.Isolate.createSnapshot(scripts, warmUp);
    return { kind: "frozen", snapshot: Buffer.from(made.copy()) };
  } catch (error) {
    return failureOf(error, request.mapJson);
  }
}

function replay(code: string): Script {
  return { code, filename: replayFile };
}

function playerOf(player: string, name: string, events: readonly TapeEvent[]): string {
  const tape = JSON.stringify(JSON.stringify(events));
  return `(() => { const module = { exports: {} }; (${player})(undefined, module, module.exports); return new module.exports.${name}(__brisk_bind, JSON.parse(${tape})); })()`;
}

function turnsOf(events: readonly TapeEvent[]): readonly TapeEvent[] {
  return events.filter(([kind]) => kind === "turn");
}

/** @see ReplayFailure in the guest. */
function failureOf(error: unknown, mapJson: () => string): FreezeOutcome {
  const text = error instanceof Error ? error.message : String(error);
  let failure: { code?: unknown; message?: unknown; stack?: unknown };
  try {
    failure = JSON.parse(text) as typeof failure;
  } catch {
    // Not the player's: V8 or isolated-vm says that something can't be frozen.
    return { kind: "failed", code: "NotFreezable", message: text };
  }
  const { code, message, stack } = failure;
  const isKnown = code === "InitFailed" || code === "NotDeterministic" || code === "NotFreezable";
  const place = typeof stack === "string" ? userLine(stack, mapJson) : undefined;
  return {
    kind: "failed",
    code: isKnown ? code : "BuilderFailed",
    message: place === undefined ? String(message) : `${message} (at ${place})`,
  };
}

/** The first position in the user's own code, which comes as a position of the bundle. */
function userLine(stack: string, mapJson: () => string): string | undefined {
  let map: BundleMap | undefined;
  for (const [, line, column] of stack.matchAll(/@@(\d+):(\d+)@@/g)) {
    map ??= new BundleMap(mapJson());
    const found = map.positionOf(Number(line), Number(column));
    if (found !== undefined) return `${found.source}:${found.line}:${found.column}`;
  }
  return undefined;
}
