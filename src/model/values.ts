/**
 * What crosses the wall between guest, host and supervisor: flat lists of these. No objects cross, so
 * nothing that a guest made can carry a getter or a prototype to us; structured data travels as JSON text.
 */
export type Value = string | number | boolean | null | undefined | Uint8Array;

/** A host operation's refusal as the guest sees it: a stable code and a sentence, never a host stack. */
export class OperationError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "OperationError";
    this.code = code;
  }
}
