import { availableParallelism, setPriority } from "node:os";
import type { GuestFolders } from "./guest-folders.ts";
import { type HostEnd, type HostEvents, HostProcess } from "./host-process.ts";
import type { Placement } from "./version-pool.ts";

/** Environments of one host, at most: more make its loss dearer than another process. */
const maxEnvironments = 1000;
/** Environments that wait for their start in one host before another host helps, though the supervisor needs a core, too. */
const startsInRow = 4;
/** Processes that start at once for environments that run apart: more would start later, all of them. */
const hostsStartingAtOnce = Math.max(2, availableParallelism());
/** Spares are not started during a rush of starts, which wants the processors itself; but after so long they are, ms. */
const longestRushMs = 3000;
/** Hosts in a row that ended before they were ready, after which no more spares are started. */
const failedStartsAllowed = 3;

/** The host processes: who may run where, and spares so that a lost or wanted host is there at once. */
export class Hosts {
  readonly all = new Set<HostProcess>();
  readonly #guestDir: string;
  readonly #folders: GuestFolders | undefined;
  readonly #spares: number;
  readonly #events: HostEvents;
  /** Hosts of one kind: one thread each, and the supervisor needs a processor, too. */
  readonly #maxOfRole = Math.max(1, availableParallelism() - 1);
  #isClosing = false;
  #failedStarts = 0;
  #rushSinceMs: number | undefined;

  constructor(guestDir: string, spares: number, events: HostEvents, folders?: GuestFolders) {
    this.#guestDir = guestDir;
    this.#folders = folders;
    this.#spares = spares;
    this.#events = events;
    this.#fill();
  }

  /** A host for a new environment: of its placement, answering, and with the least to do. */
  choose(placement: Placement, memorySizeMb: number): HostProcess {
    if (placement === "solo") {
      const host = this.#recruit("solo");
      weigh(host, memorySizeMb);
      return host;
    }
    let best: HostProcess | undefined;
    let count = 0;
    for (const host of this.all) {
      if (host.role !== placement || host.isGone || host.isSilent) continue;
      if (host.environments.size >= maxEnvironments) continue;
      count++;
      if (best === undefined || host.invocations.size < best.invocations.size) best = host;
    }
    if (best === undefined || (best.invocations.size > 0 && count < this.#maxOfRole))
      return this.#recruit(placement);
    // A rush of cold starts: each takes its host's thread for long, and the supervisor has little to do meanwhile.
    if (count < availableParallelism() && startsOf(best) >= startsInRow) return this.#recruit(placement);
    return best;
  }

  /** It ended: a spare takes its place, unless hosts can't even start. */
  remove(host: HostProcess, { cause }: HostEnd): void {
    this.all.delete(host);
    if (host.folders !== undefined) this.#folders?.release(host.folders);
    if (host.isReady) this.#failedStarts = 0;
    // One that we closed before it was ready has not failed.
    else if (cause !== "closed") this.#failedStarts++;
    if (this.#failedStarts < failedStartsAllowed) this.#fill();
  }

  /** Whether an environment that runs apart has to wait until another host has started. */
  get areMostStarting(): boolean {
    let starting = 0;
    for (const host of this.all) {
      if (host.isGone) continue;
      if (host.role !== "spare") starting += host.isReady ? 0 : 1;
      else if (host.isReady && !host.isSilent) return false;
    }
    return starting >= hostsStartingAtOnce;
  }

  /** Starts the spares that are missing, when there is time for it. */
  refill(): void {
    if (this.isRushed) {
      this.#rushSinceMs ??= performance.now();
      if (performance.now() - this.#rushSinceMs < longestRushMs) return;
    } else this.#rushSinceMs = undefined;
    if (this.#failedStarts < failedStartsAllowed) this.#fill();
  }

  /** Whether many environments are being started. */
  get isRushed(): boolean {
    for (const host of this.all) if (!host.isGone && startsOf(host) >= startsInRow) return true;
    return this.areMostStarting;
  }

  /** A solo host lives for one environment. */
  environmentGone(host: HostProcess): void {
    if (host.role === "solo" && host.environments.size === 0) {
      host.close();
      return;
    }
    // A second host of its kind that was recruited for a rush, or beside a silent one.
    if (host.role === "spare" || host.environments.size > 0) return;
    let peers = 0;
    for (const other of this.all) if (other.role === host.role && !other.isGone) peers++;
    if (peers > this.#maxOfRole) host.close();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const hosts = [...this.all];
    for (const host of hosts) host.close();
    await Promise.all(hosts.map((host) => host.gone()));
  }

  #recruit(role: Placement): HostProcess {
    let host: HostProcess | undefined;
    for (const candidate of this.all) {
      if (candidate.role !== "spare" || candidate.isGone || candidate.isSilent) continue;
      if (host === undefined || (candidate.isReady && !host.isReady)) host = candidate;
    }
    host ??= this.#start();
    host.role = role;
    this.refill();
    return host;
  }

  #start(): HostProcess {
    const host = new HostProcess(this.#guestDir, this.#events, this.#folders?.forHost());
    this.all.add(host);
    return host;
  }

  #fill(): void {
    if (this.#isClosing) return;
    let spares = 0;
    for (const host of this.all) if (host.role === "spare" && !host.isGone && !host.isSilent) spares++;
    try {
      for (; spares < this.#spares; spares++) this.#start();
    } catch (error) {
      // Whoever lost a host has more to do than to start a spare.
      this.#events.bug(error);
    }
  }
}

/** How many environments have not become ready in it. */
function startsOf(host: HostProcess): number {
  let starts = 0;
  for (const { state } of host.environments.values()) if (state === "opening") starts++;
  return starts;
}

/** CPU weight by memory size, as far as the system lets us give it. */
function weigh(host: HostProcess, memorySizeMb: number): void {
  if (host.pid === undefined) return;
  try {
    setPriority(host.pid, memorySizeMb >= 1769 ? 0 : memorySizeMb >= 512 ? 5 : 10);
  } catch {
    // Without it the system shares evenly.
  }
}
