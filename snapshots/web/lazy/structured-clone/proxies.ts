interface CallSite {
  getTypeName(): string | null;
}

const V8Error = Error as unknown as {
  prepareStackTrace?: unknown;
  stackTraceLimit: number;
  captureStackTrace(target: object, above?: unknown): void;
};
const asTheyAre = (_error: unknown, sites: CallSite[]) => sites;

/** As many as one stack has frames for without being slow. */
const AT_ONCE = 64;
/** Each costs some microseconds; who clones more than this clones data, and hardly a proxy among them. */
const AT_MOST = 2048;

/**
 * Whether there is a proxy among the first of these objects. Only V8's call sites tell: each object is the receiver of
 * one call of a chain, whose stack says of what type receivers are. No trap is called.
 */
export function hasProxy(objects: Iterable<object>): boolean {
  let some: object[] = [];
  let count = 0;
  for (const object of objects) {
    some.push(object);
    if (++count >= AT_MOST) break;
    if (some.length < AT_ONCE) continue;
    if (isProxyAmong(some)) return true;
    some = [];
  }
  return some.length > 0 && isProxyAmong(some);
}

function isProxyAmong(objects: readonly object[]): boolean {
  const { prepareStackTrace, stackTraceLimit } = V8Error;
  const holder: { stack?: CallSite[] } = {};
  let index = 0;
  function step(this: object): void {
    index++;
    if (index < objects.length) Reflect.apply(step, objects[index], []);
    else V8Error.captureStackTrace(holder);
  }
  try {
    V8Error.prepareStackTrace = asTheyAre;
    // Reflect.apply has frames of its own.
    V8Error.stackTraceLimit = objects.length * 2;
    Reflect.apply(step, objects[0], []);
    // The stack is formatted when it is read.
    return Array.isArray(holder.stack) && holder.stack.some((site) => site.getTypeName() === "Proxy");
  } catch {
    // Somebody froze Error, or the stack is nearly full.
    return false;
  } finally {
    V8Error.prepareStackTrace = prepareStackTrace;
    V8Error.stackTraceLimit = stackTraceLimit;
  }
}
