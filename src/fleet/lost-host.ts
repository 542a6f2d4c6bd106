import type { Dispatcher } from "./dispatcher.ts";
import type { Environment } from "./environment.ts";
import type { Environments } from "./environments.ts";
import type { HostEnd, HostProcess } from "./host-process.ts";
import { outcomeOfEnd } from "./outcome.ts";
import type { RunningInvocation } from "./running-invocation.ts";
import type { SnapshotSource } from "./start-plan.ts";

/** A host is gone, and everything in it: says what becomes of its invocations, and who is to blame. */
export function buryHost(
  host: HostProcess,
  end: HostEnd,
  parts: {
    environments: Environments;
    invocations: Dispatcher;
    initTimeoutMs: number;
    snapshots: SnapshotSource;
  },
): void {
  const { environments, invocations, initTimeoutMs, snapshots } = parts;
  const restores = blamedRestores(host, end);
  // One counts once for its version, however many of its environments were restored; and not at all where others
  // may have ended the host.
  for (const pool of new Set([...restores].map((environment) => environment.pool))) {
    pool.restoresApart = true;
    const isAlone = [...host.environments.values()].every((environment) => environment.pool === pool);
    if (isAlone || end.culprit !== undefined) {
      snapshots.failed(pool.spec, `its host ended ${end.detail} while it was restored`);
    }
  }
  const inFlight = [...host.invocations.values()];
  // Those whose environment still waits for its bundle have not been sent.
  const unsent: RunningInvocation[] = [];
  for (const { firstInvocation } of host.environments.values()) {
    if (firstInvocation !== undefined && !host.invocations.has(firstInvocation.sequence)) {
      unsent.push(firstInvocation);
    }
  }
  for (const environment of host.environments.values()) {
    environment.firstInvocation = undefined;
    if (host.isReady && environment.isOpenSent)
      environment.recording?.lost(end, environment.pool.spec, initTimeoutMs);
  }
  host.invocations.clear();
  // One that has not even started did not break because of what it was sent.
  const suspects = !host.isReady
    ? []
    : inFlight.filter((invocation) => end.culprit === undefined || invocation.sequence === end.culprit);
  if (end.cause !== "closed") for (const suspect of suspects) suspect.environment?.pool.blame();
  const lastStarted = host.longTurn?.lastStarted;
  // Whose init had not ended has not been given to its handler; whether it or something else broke the host shows
  // when it is tried again, alone. A restore may be tried again in any case: init follows before attempts run out.
  const opening = new Set(inFlight.filter((invocation) => invocation.environment?.state === "opening"));
  const restoring = new Set(inFlight.filter(({ environment }) => environment && restores.has(environment)));
  for (const environment of [...host.environments.values()]) environments.forget(environment);
  for (const invocation of inFlight) {
    const isCulprit = suspects.length === 1 && suspects[0] === invocation;
    const hasStarted = host.isReady && (lastStarted === undefined || invocation.sequence <= lastStarted);
    const mayTryAgain =
      opening.has(invocation) && (end.cause === "crash" || !isCulprit || restoring.has(invocation));
    if (mayTryAgain || (!isCulprit && !hasStarted)) invocations.moveOn(invocation, end.detail);
    else {
      const { spec } = invocation.request;
      const timeoutMs = opening.has(invocation) ? initTimeoutMs : spec.timeoutMs;
      invocations.settle(invocation, outcomeOfEnd(end, isCulprit, spec, timeoutMs));
    }
  }
  for (const invocation of unsent) invocations.moveOn(invocation, end.detail);
}

/**
 * Environments whose restore may be what ended the host: none when it is known to have been in another one's turn.
 */
function blamedRestores(host: HostProcess, end: HostEnd): Set<Environment> {
  const blamed = new Set<Environment>();
  if (!host.isReady || end.cause === "closed" || end.cause === "protocol") return blamed;
  const culprit = end.culprit === undefined ? undefined : host.invocations.get(end.culprit)?.environment;
  for (const environment of host.environments.values()) {
    const isRestored = environment.isOpenSent && environment.plan.snapshot !== undefined;
    if (environment.state !== "opening" || !isRestored) continue;
    if (culprit === undefined || culprit === environment) blamed.add(environment);
  }
  return blamed;
}
