import { setTimeout as delay } from "node:timers/promises";
import type { SnapshotStep } from "../snapstart/index.ts";
import { type ApiClient, functionPath } from "./api-client.ts";
import { CliError } from "./cli-error.ts";
import { type SnapshotAnswer, Target } from "./cold-starts.ts";
import { type FunctionConfiguration, isMissing } from "./lambda-api.ts";
import { formatBytes, type Progress } from "./progress.ts";
import { oneLine } from "./table.ts";
import type { Terminal } from "./terminal.ts";

export interface PublishOptions {
  readonly client: ApiClient;
  readonly name: string;
  /** Whether its user wants to know what came of the snapshot. */
  readonly wantsSnapshot: boolean;
  readonly progress: Progress;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Publishes a version, waits until it can be invoked, and says how it starts. */
export async function publishVersion(options: PublishOptions): Promise<FunctionConfiguration> {
  const { client, name, wantsSnapshot, progress, terminal } = options;
  const made = await client.json<FunctionConfiguration>({
    method: "POST",
    path: functionPath(name, "/versions"),
    json: {},
  });
  const version = made.Version ?? "";
  terminal.say(`Published version ${version}`);
  const target = new Target(`${name}:${version}`);
  if (made.State !== "Pending" && !wantsSnapshot) return made;
  const published = await progress.step(
    `Making the snapshot of ${target.text}`,
    (say) => untilSettled(target, options, say),
    () => `Version ${version} can be invoked`,
  );
  tellSnapshot(target, await target.snapshot(client), terminal);
  return published;
}

const steps: Readonly<Record<SnapshotStep, string>> = {
  record: "init runs",
  freeze: "its heap is frozen",
  verify: "it is tried in another process",
  store: "it is stored",
};

async function untilSettled(
  target: Target,
  { client, signal }: PublishOptions,
  say: (doing: string) => void,
): Promise<FunctionConfiguration> {
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 1.5, 500)) {
    const found = await target.configuration(client).catch((error: unknown) => {
      throw isMissing(error) ? new CliError("it was deleted meanwhile", { cause: error }) : error;
    });
    if (found.State === "Failed") throw new CliError(found.StateReason ?? "its State is Failed");
    if (found.State !== "Pending") return found;
    const snapshot = await target.snapshot(client);
    if (snapshot.kind === "building") say(`Making the snapshot of ${target.text}: ${steps[snapshot.step]}`);
    await delay(pauseMs, undefined, { signal });
  }
}

function tellSnapshot(target: Target, snapshot: SnapshotAnswer, terminal: Terminal): void {
  const { text } = target;
  if (snapshot.kind === "ready") {
    terminal.say(`${text} starts from a snapshot of ${formatBytes(snapshot.report.bytes)}`);
    if (snapshot.report.randomReads > 0) {
      note(terminal, `its init drew randomness, which every environment shares (brisk snapshot ${text})`);
    }
  } else if (snapshot.kind === "failed") {
    note(
      terminal,
      `${text} starts by init: ${oneLine(snapshot.failure.message)} (brisk snapshot ${text} says more)`,
    );
  } else {
    note(
      terminal,
      `${text} has no snapshot: the server makes none (--snapstart off), or BRISK_START says otherwise`,
    );
  }
}

function note(terminal: Terminal, text: string): void {
  terminal.say(`${terminal.style("yellow", "note:")} ${text}`);
}
