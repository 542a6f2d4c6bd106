/** The base's own class, read when it is asked for. */
export const DOMException: unknown = (globalThis as unknown as Record<string, unknown>)["DOMException"];
