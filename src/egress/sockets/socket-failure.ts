import { OperationError } from "../../model/values.ts";

/** What a failed socket or look-up is to the guest: Node's own code and sentence, without our stacks. */
export function toSocketError(error: unknown): OperationError {
  // Several addresses were tried: the first failure stands for all, as libraries read its code.
  const root = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  if (root instanceof OperationError) return root;
  if (!(root instanceof Error)) return new OperationError("ECONNRESET", "read ECONNRESET");
  if (root.cause instanceof OperationError) return root.cause;
  const code = "code" in root && typeof root.code === "string" ? root.code : "ECONNRESET";
  const [line = ""] = root.message.split("\n");
  return new OperationError(
    /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : "ECONNRESET",
    line.slice(0, 512) || code,
  );
}
