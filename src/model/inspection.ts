/** Debuggers that one isolate has at once. */
export const mostDebuggers = 4;
