import type { Context } from "hono";

/** What the routes tell of a call, for the audit log. */
export interface CallNote {
  /** The operation's members, once they are known to be valid. */
  input?: unknown;
  output?: unknown;
}

/** Adds to what is known of a call. Does nothing where no log is kept. */
export function noteCall(c: Context, note: CallNote): void {
  const known = (c.env as { callNote?: CallNote } | undefined)?.callNote;
  if (known !== undefined) Object.assign(known, note);
}

/** Keeps a note in the request's environment, which apps that are mounted are given, too. */
export function beginNote(c: Context): CallNote {
  const callNote: CallNote = {};
  c.env = { ...c.env, callNote };
  return callNote;
}
