import { ReadableStream, WritableStream } from "web-streams-polyfill";
import { queueMicrotask } from "../../microtask.ts";

/** What of a stream's insides the package names; both kinds have these. */
interface Insides {
  _state: string;
  readonly _storedError: unknown;
  readonly _disturbed?: boolean;
  readonly _readableStreamController?: Controller;
  readonly _writableStreamController?: Controller;
}
interface Controller {
  error(reason: unknown): void;
}
type Stream = object & Insides;

const closings = new WeakMap<Stream, PromiseWithResolvers<void>>();

/** Settles when the stream has closed or failed, without a reader that would lock it. */
function closingOf(stream: Stream): PromiseWithResolvers<void> {
  let closing = closings.get(stream);
  if (closing !== undefined) return closing;
  closing = Promise.withResolvers<void>();
  closing.promise.catch(() => {});
  closings.set(stream, closing);
  const { resolve, reject } = closing;
  let state = stream._state;
  const look = (): void => {
    if (state === "closed") resolve();
    // The error is stored right after the state has changed.
    else if (state === "errored") queueMicrotask(() => reject(stream._storedError));
  };
  look();
  Object.defineProperty(stream, "_state", {
    get: () => state,
    set(next: string) {
      state = next;
      look();
    },
    enumerable: true,
    configurable: true,
  });
  return closing;
}

/** The names by which node:stream looks into web streams, as Node's own have them. */
const members: PropertyDescriptorMap = {
  [Symbol.for("nodejs.webstream.isClosedPromise")]: {
    get(this: Stream) {
      return closingOf(this);
    },
    configurable: true,
  },
  [Symbol.for("nodejs.webstream.controllerErrorFunction")]: {
    get(this: Stream) {
      const controller = this._readableStreamController ?? this._writableStreamController;
      return (reason: unknown) => controller?.error(reason);
    },
    configurable: true,
  },
  [Symbol.for("nodejs.stream.errored")]: {
    get(this: Stream) {
      return this._state === "errored" ? this._storedError : null;
    },
    configurable: true,
  },
};

export function completeForNodeStreams(): void {
  Object.defineProperties(ReadableStream.prototype, members);
  Object.defineProperties(WritableStream.prototype, members);
  Object.defineProperties(ReadableStream.prototype, {
    [Symbol.for("nodejs.stream.disturbed")]: {
      get(this: Stream) {
        return this._disturbed;
      },
      configurable: true,
    },
    [Symbol.for("nodejs.stream.readable")]: {
      get(this: Stream) {
        return this._state === "readable";
      },
      configurable: true,
    },
  });
  Object.defineProperty(WritableStream.prototype, Symbol.for("nodejs.stream.writable"), {
    get(this: Stream) {
      return this._state === "writable";
    },
    configurable: true,
  });
  // The package's iterators stand apart from the language's own, which is where packages add to them.
  const asyncIterators = Object.getPrototypeOf(
    Object.getPrototypeOf(async function* () {}.prototype),
  ) as object;
  const iterators = Object.getPrototypeOf(new ReadableStream().values()) as object;
  Object.setPrototypeOf(iterators, asyncIterators);
}
