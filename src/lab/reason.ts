const longestReason = 500;

/** What went wrong, in one line of bounded length: what peers print may have any. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, " ").trim().slice(0, longestReason);
}
