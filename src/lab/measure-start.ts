import { setTimeout as sleep } from "node:timers/promises";
import type { HttpAnswer, HttpCall, HttpClient } from "./http-client.ts";
import type { Start } from "./model.ts";
import { readThreadTimes, spentMs } from "./process-tree.ts";
import type { Deployment, PendingStart } from "./strategies/strategy.ts";
import type { Workload } from "./workload.ts";

/** What the start before left to be done, such as making the next isolate, is not this one's, ms. */
const restMs = 30;
const answerWithinMs = 120_000;

/**
 * One start: the first request on a new connection, and a second one to the same environment.
 * @throws {Error} When an answer was wrong, or it was no start of the kind that is measured.
 */
export async function measureStart(
  deployment: Deployment,
  workload: Workload,
  client: HttpClient,
): Promise<Start> {
  const [start] = await deployment.prepare(1);
  if (start === undefined) throw new Error("there is no start to measure");
  try {
    await sleep(restMs);
    const { pid } = deployment;
    const before = pid === undefined ? undefined : await readThreadTimes(pid);
    const first = await request(client, start);
    const now = pid === undefined ? undefined : await readThreadTimes(pid);
    // The answers of a warm environment are beyond counting.
    const isNew = deployment.kind !== "warm";
    expectAnswer(workload, first, isNew ? 1 : undefined);
    const phasesMs = await start.check(first);
    // Where the next one is restored ahead already, a second request may be its first.
    const second = deployment.kind === "ahead" ? undefined : await request(client, start);
    if (second !== undefined) expectAnswer(workload, second, isNew ? 2 : undefined);
    return {
      totalMs: first.elapsedMs,
      cpuMs: before === undefined || now === undefined ? null : spentMs(before, now),
      phasesMs,
      secondInvokeMs: second?.elapsedMs ?? null,
    };
  } finally {
    await start.end();
  }
}

export function request(client: HttpClient, { url, call }: PendingStart): Promise<HttpAnswer> {
  const timed: HttpCall = { ...call, timeoutMs: answerWithinMs };
  return client.call(url, timed);
}

export function expectAnswer(workload: Workload, answer: HttpAnswer, nth: number | undefined): void {
  const complaint = workload.check(answer, nth);
  if (complaint !== undefined) throw new Error(complaint);
}
