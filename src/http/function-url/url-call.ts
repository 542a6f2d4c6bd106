import type { Credential } from "../../access/index.ts";
import type { UrlTarget } from "../../model/functions.ts";
import type { RequestFacts } from "./request-facts.ts";

/** A call of a URL that was let through, or refused for who sends it: for the audit log. */
export interface UrlCall {
  readonly url: UrlTarget;
  readonly method: string;
  readonly facts: RequestFacts;
  readonly requestId: string;
  readonly epochMs: number;
  /** Whose signature it has. */
  readonly credential: Credential | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

export const deniedToAll: UrlCall["error"] = {
  code: "AccessDeniedException",
  message: "No policy of the function lets everybody call its URL",
};
