import type { HostProcess } from "./host-process.ts";
import type { Hosts } from "./hosts.ts";

const lookMs = 100;
/** Grace behind a deadline: the host's own limits fire first when they can. */
const graceMs = 250;
/**
 * The same while the host answers: then its limits work, and what is late waits in the queue of a busy machine. Killing
 * it would make the queue longer.
 */
const answeringGraceMs = 30_000;
/** A host that neither answers nor reports a long turn for so long gets no new work: others take its place. */
const silentMs = 500;
/** After so long it is not coming back. A machine that has too much to do may keep one waiting for seconds. */
const hungMs = 5000;
const startMs = 15_000;
/** One that takes longer to start gets no work until it has: another is started. */
const slowStartMs = 3000;
/** What running invocations may add to a host beside their memory: host-side copies, compiled code, slack of the allocator. */
const slackBytes = 192 * 1024 * 1024;
const megabyte = 1024 * 1024;
/** A host without environments, and what one environment takes beside its heap. */
const hostBytes = 96 * megabyte;
const environmentOverheadBytes = 2 * megabyte;

/**
 * Looks at every host from outside, ten times a second. No host can be asked to watch itself: its only thread may be
 * in a guest's turn, and that turn may have broken what would have stopped it.
 */
export class Watch {
  readonly #hosts: Hosts;
  readonly #timer: NodeJS.Timeout;
  /** Hosts that were over a deadline at the last look: we may have been late ourselves. */
  #overdue = new Set<HostProcess>();
  /** Hosts that had not answered at the last look: the same holds for them. */
  #unanswering = new Set<HostProcess>();

  constructor(hosts: Hosts, onLook: () => void) {
    this.#hosts = hosts;
    this.#timer = setInterval(() => {
      onLook();
      this.#look();
    }, lookMs);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const overdue = new Set<HostProcess>();
    const unanswering = new Set<HostProcess>();
    for (const host of this.#hosts.all) {
      if (host.isGone) continue;
      this.#lookAtMemory(host);
      if (this.#lookAtTime(host, nowMs)) overdue.add(host);
      if (!host.isGone && this.#ping(host, nowMs)) unanswering.add(host);
    }
    this.#overdue = overdue;
    this.#unanswering = unanswering;
  }

  #lookAtMemory(host: HostProcess): void {
    const rssBytes = host.rssBytes();
    let opening = 0;
    let heldBytes = hostBytes;
    for (const environment of host.environments.values()) {
      if (environment.state === "opening") opening += environment.pool.spec.memorySizeMb;
      heldBytes += environment.memoryBytes * 1.5 + environmentOverheadBytes;
    }
    if (host.invocations.size === 0 && opening === 0) {
      host.idleRssBytes = rssBytes;
      return;
    }
    // What idle environments hold is known from the last quiet look, or from what they said since.
    let allowedBytes = Math.max(host.idleRssBytes, heldBytes) + slackBytes + opening * megabyte;
    for (const { request, environment } of host.invocations.values()) {
      if (environment?.state !== "opening") allowedBytes += request.spec.memorySizeMb * megabyte;
    }
    if (rssBytes <= allowedBytes) return;
    host.kill({ cause: "outOfMemory", culprit: culpritOf(host), detail: "with error: signal: killed" });
  }

  /** Kills a host that holds an invocation past its deadline. Returns whether it is over one at this look. */
  #lookAtTime(host: HostProcess, nowMs: number): boolean {
    if (host.isInspected) return false;
    let late: number | undefined;
    const isAnswering = !host.isSilent && host.pingSentMs === undefined;
    const latestMs = nowMs - (isAnswering ? answeringGraceMs : graceMs);
    for (const invocation of host.invocations.values()) {
      if (latestMs > invocation.deadlineMs) late = invocation.sequence;
    }
    for (const environment of host.environments.values()) {
      if (environment.state !== "opening" || !host.isReady) continue;
      if (latestMs > environment.openDeadlineMs) late = environment.firstInvocation?.sequence ?? 0;
    }
    if (late === undefined) return false;
    if (!this.#overdue.has(host)) return true;
    host.kill({ cause: "deadline", culprit: culpritOf(host) ?? late, detail: "with error: signal: killed" });
    return false;
  }

  /** Asks a silent host for an answer, and kills one that owes it for too long. Returns whether this one does. */
  #ping(host: HostProcess, nowMs: number): boolean {
    if (!host.isReady) {
      if (nowMs - host.startedMs > slowStartMs) host.isSilent = true;
      if (nowMs - host.startedMs > startMs) {
        host.kill({ cause: "hung", culprit: undefined, detail: "because its host did not start" });
      }
      return false;
    }
    if (host.pingSentMs === undefined) {
      if (nowMs - host.lastFrameMs > lookMs) host.sendPing(nowMs);
      return false;
    }
    // A long turn has a limit of its own, if there is anything that could be in one.
    if (host.longTurn !== undefined && (host.invocations.size > 0 || isOpening(host))) return false;
    if (nowMs - host.pingSentMs > silentMs) host.isSilent = true;
    if (nowMs - host.pingSentMs <= hungMs) return false;
    if (this.#unanswering.has(host)) {
      host.kill({ cause: "hung", culprit: undefined, detail: "with error: signal: killed" });
    }
    return true;
  }
}

function isOpening(host: HostProcess): boolean {
  for (const environment of host.environments.values()) if (environment.state === "opening") return true;
  return false;
}

/** The invocation in whose turn the host is, as far as it can be known. */
function culpritOf(host: HostProcess): number | undefined {
  const reported = host.longTurn?.invocation;
  if (reported !== undefined && reported !== 0) return reported;
  if (host.invocations.size === 1) return [...host.invocations.keys()][0];
  return undefined;
}
