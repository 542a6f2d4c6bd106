import type { VersionSpec } from "../model/version.ts";
import type { Dispatcher } from "./dispatcher.ts";
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
  for (const spec of restoringIn(host)) {
    if (end.cause === "crash") snapshots.failed(spec, `its host ended ${end.detail} while it was restored`);
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
  // when it is tried again, alone.
  const opening = new Set(inFlight.filter((invocation) => invocation.environment?.state === "opening"));
  for (const environment of [...host.environments.values()]) environments.forget(environment);
  for (const invocation of inFlight) {
    const isCulprit = suspects.length === 1 && suspects[0] === invocation;
    const hasStarted = host.isReady && (lastStarted === undefined || invocation.sequence <= lastStarted);
    const mayTryAgain = opening.has(invocation) && (end.cause === "crash" || !isCulprit);
    if (mayTryAgain || (!isCulprit && !hasStarted)) invocations.moveOn(invocation, end.detail);
    else {
      const { spec } = invocation.request;
      const timeoutMs = opening.has(invocation) ? initTimeoutMs : spec.timeoutMs;
      invocations.settle(invocation, outcomeOfEnd(end, isCulprit, spec, timeoutMs));
    }
  }
  for (const invocation of unsent) invocations.moveOn(invocation, end.detail);
}

/** Versions of which the host restored an environment; one counts once, however many there were. */
function restoringIn(host: HostProcess): Set<VersionSpec> {
  const specs = new Set<VersionSpec>();
  for (const { state, isOpenSent, plan, pool } of host.environments.values()) {
    if (state === "opening" && isOpenSent && plan.snapshot !== undefined) specs.add(pool.spec);
  }
  return specs;
}
