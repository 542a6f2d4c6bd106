/** What `runtime.invoke` rejects with when the function failed. The members are Lambda's. */
export class FunctionError extends Error {
  override readonly name = "FunctionError";
  /** The error's name in the function, or the platform's, such as `Sandbox.Timedout`. */
  readonly errorType: string;
  /** The function's own stack, in its own files. */
  readonly trace: readonly string[];

  constructor(
    functionName: string,
    payload: { errorType?: unknown; errorMessage?: unknown; trace?: unknown },
  ) {
    const errorType = typeof payload.errorType === "string" ? payload.errorType : "Unknown";
    super(`${functionName} failed: ${errorType}: ${String(payload.errorMessage ?? "")}`);
    this.errorType = errorType;
    this.trace = Array.isArray(payload.trace) ? payload.trace.map(String) : [];
  }
}
