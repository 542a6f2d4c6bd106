/**
 * What V8's call sites tell and no other JavaScript does: the name of an object's type without touching the object,
 * and who calls.
 */
export interface CallSite {
  getTypeName(): string | null;
  getFunctionName(): string | null;
  getFileName(): string | null;
  getScriptNameOrSourceURL(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
}

interface ErrorClass {
  prepareStackTrace?: unknown;
  stackTraceLimit: number;
  captureStackTrace(target: object, above?: unknown): void;
}

const ErrorClass = Error as unknown as ErrorClass;
const asTheyAre = (_error: unknown, sites: CallSite[]) => sites;

/** The calls that lead here, the nearest first, from above `above`. */
export function callSites(count: number, above: unknown): readonly CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = ErrorClass;
  const holder: { stack?: CallSite[] } = {};
  try {
    ErrorClass.prepareStackTrace = asTheyAre;
    ErrorClass.stackTraceLimit = count;
    ErrorClass.captureStackTrace(holder, above);
    return Array.isArray(holder.stack) ? holder.stack : [];
  } catch {
    // Somebody froze Error: then nobody is told.
    return [];
  } finally {
    ErrorClass.prepareStackTrace = prepareStackTrace;
    ErrorClass.stackTraceLimit = stackTraceLimit;
  }
}

/** As V8 knows it, whatever the object's prototype says by now; `Proxy` for a proxy. */
export function typeNameOf(value: unknown): string {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return "";
  return siteOf.call(value)?.getTypeName() ?? "";
}

function siteOf(this: unknown): CallSite | undefined {
  // Not callSites' own frame but this one, whose receiver is the object.
  return callSites(2, callSites)[0];
}
