import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import { findPackageRoot } from "../package-root.ts";
import { version } from "../version.ts";
import { type Machine, type RunHeader, schemaVersion } from "./model.ts";
import { findPeer, type PeerName } from "./strategies/peer-programs.ts";

/** @param options.peers Those that had a part in the run. @param options.startedMs Epoch ms. */
export function createRunHeader(options: {
  command: string;
  startedMs: number;
  peers?: readonly PeerName[];
}): RunHeader {
  return {
    schemaVersion,
    startedAt: new Date(options.startedMs).toISOString(),
    durationMs: Date.now() - options.startedMs,
    command: options.command,
    machine: describeMachine(),
    versions: versions(options.peers ?? []),
    commit: readCommit(),
  };
}

function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    os: `${type()} ${release()}`,
    architecture: process.arch,
  };
}

function versions(peers: readonly PeerName[]): Record<string, string> {
  const found: Record<string, string> = {
    brisk: version,
    node: process.versions.node,
    v8: process.versions.v8,
    "isolated-vm": packageVersion("isolated-vm"),
  };
  for (const peer of peers) {
    const program = findPeer(peer);
    const text = program === undefined ? undefined : run(program, ["--version"]);
    // Each says more than its version: `deno 2.9.6 (stable, …)`, `workerd 2026-11-17`.
    const match = text === undefined ? null : /\d[\w.-]*/.exec(text);
    if (match !== null) found[peer] = match[0];
  }
  return found;
}

function packageVersion(name: string): string {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

function readCommit(): string | null {
  const cwd = fileURLToPath(findPackageRoot());
  // An installed package lies in somebody else's checkout, whose commit says nothing of us.
  const top = run("git", ["rev-parse", "--show-prefix"], cwd);
  if (top !== "") return null;
  const commit = run("git", ["rev-parse", "--short", "HEAD"], cwd);
  if (commit === undefined) return null;
  const changes = run("git", ["status", "--porcelain", "--untracked-files=no"], cwd);
  return changes === "" ? commit : `${commit}-dirty`;
}

function run(program: string, args: readonly string[], cwd?: string): string | undefined {
  try {
    const options = { encoding: "utf8" as const, stdio: ["ignore", "pipe", "ignore"] as never };
    return execFileSync(program, args, cwd === undefined ? options : { ...options, cwd }).trim();
  } catch {
    return undefined;
  }
}
