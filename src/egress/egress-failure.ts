import { OperationError } from "../model/values.ts";

/** Codes of Node and undici that mean the same to a guest. Others, such as those of TLS, pass as they are. */
const codes: Readonly<Record<string, string>> = {
  EAI_AGAIN: "ENOTFOUND",
  ENODATA: "ENOTFOUND",
  EHOSTUNREACH: "ECONNREFUSED",
  ENETUNREACH: "ECONNREFUSED",
  EPIPE: "ECONNRESET",
  UND_ERR_SOCKET: "ECONNRESET",
  UND_ERR_CONNECT_TIMEOUT: "ETIMEDOUT",
  UND_ERR_HEADERS_TIMEOUT: "ETIMEDOUT",
  UND_ERR_BODY_TIMEOUT: "ETIMEDOUT",
  UND_ERR_INVALID_ARG: "EINVAL",
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: "EINVAL",
  UND_ERR_HEADERS_OVERFLOW: "ELIMIT",
};

/** undici reports these rules of the Fetch standard by their text alone. */
const redirectTexts = new Set([
  "unexpected redirect",
  "redirect count exceeded",
  "URL scheme must be a HTTP(S) scheme",
]);

/** What a failed fetch is to the guest: a code and a sentence, without our stacks. */
export function toOperationError(error: unknown): OperationError {
  const root = rootCause(error);
  if (root instanceof OperationError) return root;
  if (!(root instanceof Error)) return new OperationError("ECONNRESET", "fetch failed");
  const own = "code" in root && typeof root.code === "string" ? root.code : undefined;
  if (own === undefined || !/^[A-Z][A-Z0-9_]{1,63}$/.test(own)) {
    const code = redirectTexts.has(root.message)
      ? "ERR_REDIRECT"
      : invalidArgument(root)
        ? "EINVAL"
        : "ECONNRESET";
    return new OperationError(code, `fetch failed: ${sentence(root.message)}`);
  }
  const code = codes[own] ?? own;
  return new OperationError(code, `fetch failed: ${sentence(root.message || own)}`);
}

/** A malformed argument that only undici knows of, such as a body on a GET. */
function invalidArgument(error: Error): boolean {
  return error instanceof TypeError || error.message === "bad port";
}

function rootCause(error: unknown): unknown {
  let root = error;
  // Bounded, as a cause could be circular.
  for (let depth = 0; depth < 8; depth++) {
    if (root instanceof OperationError || !(root instanceof Error)) break;
    const next: unknown = root instanceof AggregateError ? root.errors[0] : root.cause;
    if (!(next instanceof Error)) break;
    root = next;
  }
  return root;
}

function sentence(message: string): string {
  const [line = ""] = message.split("\n");
  return line.slice(0, 512);
}
