import type { PhasesMs } from "../../model.ts";
import type { PeerAnswer, PeerRequest } from "./adapter.ts";

/** One started function of a peer: what an execution environment is to Brisk. */
export interface PeerEnvironment {
  /** Phases of the start are told with its first answer. @throws What init or the handler threw. */
  invoke(request: PeerRequest): Promise<Reply>;
  /** Resolves when nothing of it is left, as far as that can be known. */
  end(): Promise<void>;
}

export interface Reply {
  readonly answer: PeerAnswer;
  readonly phasesMs: PhasesMs;
}

/** What a child process or a worker thread sends back for a request. */
export type ReplyMessage =
  | { readonly kind: "answer"; readonly answer: PeerAnswer; readonly phasesMs: PhasesMs }
  | { readonly kind: "failed"; readonly message: string };

export function toReply(message: ReplyMessage, more: PhasesMs = {}): Reply {
  if (message.kind === "failed") throw new Error(message.message);
  return { answer: message.answer, phasesMs: { ...more, ...message.phasesMs } };
}
