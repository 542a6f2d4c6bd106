import type { PhasesMs } from "../../model.ts";
import { callHandler, type PeerRequest } from "./adapter.ts";
import type { ReplyMessage } from "./environment.ts";

/** Loads a bundle at once and answers requests with its handler; how long init took goes with the first answer. */
export function createResponder(bundleUrl: string): (request: PeerRequest) => Promise<ReplyMessage> {
  const startedMs = performance.now();
  let initMs: number | undefined;
  const loaded = import(bundleUrl).then((module: { handler?: unknown }) => {
    initMs = performance.now() - startedMs;
    return module.handler;
  });
  // Told to whoever asks first.
  loaded.catch(() => {});
  return async (request) => {
    try {
      const handler = await loaded;
      const invokedMs = performance.now();
      const answer = await callHandler(handler, request);
      const phasesMs: PhasesMs =
        initMs === undefined ? {} : { init: initMs, firstInvoke: performance.now() - invokedMs };
      initMs = undefined;
      return { kind: "answer", answer, phasesMs };
    } catch (error) {
      return {
        kind: "failed",
        message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      };
    }
  };
}
