/**
 * The one door to the host. Operations go out through a single callback that the host binds once, after the heap
 * was restored; completions come in as turns. Only strings, numbers, booleans and byte arrays cross.
 */
export type Value = string | number | boolean | null | undefined | Uint8Array;

type HostCallback = (operation: string, ...args: Value[]) => Value;

/** What bridge and bootstrap use of the realm, captured before user code can replace it. */
export const primordials = {
  Error,
  JSONParse: JSON.parse,
  JSONStringify: JSON.stringify,
  Map,
  Promise,
  TypeError,
  Uint8Array,
  ObjectDefineProperty: Object.defineProperty,
  ReflectApply: Reflect.apply,
  String,
  MathMax: Math.max,
  MathCeil: Math.ceil,
  promiseThen: Promise.prototype.then,
  mapGet: Map.prototype.get,
  mapSet: Map.prototype.set,
  mapDelete: Map.prototype.delete,
};

const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
const bufferOfView = getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), "buffer")!.get!;
const lengthOfBuffer = getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")!.get!;

const {
  Error: PrimordialError,
  TypeError: PrimordialTypeError,
  Promise: PrimordialPromise,
  ReflectApply,
  mapGet,
  mapSet,
  mapDelete,
} = primordials;

interface Pending {
  resolve(value: Value): void;
  reject(error: Error): void;
}

let host: HostCallback | undefined;
let nextCall = 1;
const pending = new primordials.Map<number, Pending>();

/** @throws {Error} When the host was bound before: whoever runs first wins, and that is the host. */
export function bindHost(callback: HostCallback): void {
  if (host !== undefined) throw new PrimordialError("The host is bound already");
  host = callback;
}

/** The heap is about to be frozen: whoever restores it binds anew. */
export function unbindHost(): void {
  host = undefined;
}

/** Calls whose answer has not come. */
export function pendingCalls(): number {
  return pending.size;
}

/** An error of the host as the guest sees it: `code` is stable, the stack is the guest's own. */
export function hostError(code: string, message: string): Error & { code: string } {
  // What Node's own arguments are refused with.
  const isArgument = code === "ERR_INVALID_ARG_VALUE" || code === "ERR_INVALID_ARG_TYPE";
  const error = (isArgument ? new PrimordialTypeError(message) : new PrimordialError(message)) as Error & {
    code: string;
  };
  primordials.ObjectDefineProperty(error, "code", {
    value: code,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return error;
}

/** Of an operation, its call's number among them. */
const mostArguments = 15;

/** @param id The number of a call whose answer is a later turn. */
function call(operation: string, args: readonly Value[], id?: number): Value {
  if (host === undefined) throw new PrimordialError(`Host operation "${operation}" before the host is bound`);
  // Not spread: that would go through the array iterator, which user code may have replaced. And its elements are its own
  // before they are assigned: what is not there yet is given to a setter that user code may have put on Array.prototype.
  // biome-ignore format: a line of arguments
  const list: Value[] = [operation, id, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined,
    undefined, undefined, undefined, undefined, undefined, undefined];
  let length = id === undefined ? 1 : 2;
  if (length + args.length > list.length) {
    throw new PrimordialError(
      `Host operation "${operation}" with ${args.length} arguments, at most ${mostArguments} are possible`,
    );
  }
  for (let index = 0; index < args.length; index++) list[length++] = crossing(args[index]);
  list.length = length;
  const answer = ReflectApply(host, undefined, list) as Value;
  // null is the one answer no synchronous operation gives: it says that an error waits to be taken.
  if (answer === null) throw takeError();
  return answer;
}

/**
 * What may cross in place of `value`: the bytes of a SharedArrayBuffer are copied. isolated-vm hands over such a buffer
 * itself, and frees it twice when its isolate goes: the host process crashes then, or runs on with a damaged heap.
 */
function crossing(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  let buffer: unknown;
  try {
    buffer = ReflectApply(bufferOfView, value, []);
  } catch {
    throw new PrimordialTypeError("Cannot hand an object to the host that is no array of bytes");
  }
  try {
    ReflectApply(lengthOfBuffer, buffer, []);
    return value;
  } catch {
    return new primordials.Uint8Array(value);
  }
}

function takeError(): Error {
  const text = primordials.String(host!("bridge.error"));
  let end = 0;
  while (end < text.length && text[end] !== "\n") end++;
  let code = "";
  for (let index = 0; index < end; index++) code += text[index];
  let message = "";
  for (let index = end + 1; index < text.length; index++) message += text[index];
  return hostError(code, message);
}

/** Calls a synchronous host operation. @throws {Error} with the host's `code`, when it refuses. */
export function callSync(operation: string, ...args: Value[]): Value {
  return call(operation, args);
}

/** Calls a host operation whose answer is a later turn. The event loop is alive until then. */
export function callAsync(operation: string, ...args: Value[]): Promise<Value> {
  return start(operation, nextCall++, args);
}

/** As callAsync, without keeping the event loop alive. */
export function callAsyncUnref(operation: string, ...args: Value[]): Promise<Value> {
  return start(operation, -nextCall++, args);
}

function start(operation: string, id: number, args: Value[]): Promise<Value> {
  return new PrimordialPromise((resolve, reject) => {
    ReflectApply(mapSet, pending, [id, { resolve, reject }]);
    try {
      call(operation, args, id);
    } catch (error) {
      ReflectApply(mapDelete, pending, [id]);
      reject(error as Error);
    }
  });
}

/** The host's answer to a callAsync. `value` is the error's code when `ok` is false. */
export function complete(id: number, ok: boolean, value: Value, message: string): void {
  const waiting = ReflectApply(mapGet, pending, [id]) as Pending | undefined;
  if (waiting === undefined) return;
  ReflectApply(mapDelete, pending, [id]);
  if (ok) waiting.resolve(value);
  else waiting.reject(hostError(primordials.String(value), message));
}
