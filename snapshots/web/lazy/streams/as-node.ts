import {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
} from "web-streams-polyfill";
import { showAs } from "../../inspection.ts";
import { codedError } from "../argument-errors.ts";

/** What the package's classes keep where everybody sees it. */
interface Insides {
  readonly _state: string;
  readonly _backpressure: boolean;
  readonly _readableStreamController: object;
}
const insidesOf = (stream: object): Insides => stream as Insides;
const { apply } = Reflect;

type Method = (this: object, ...args: never[]) => unknown;

/** Puts a function around a method, which stays as it is otherwise. */
function wrap(owner: object, name: string, around: (original: Method) => Method): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name)!;
  const original = descriptor.value as Method;
  const value = around(original);
  Object.defineProperty(value, "name", { value: name, configurable: true });
  Object.defineProperty(value, "length", { value: original.length, configurable: true });
  Object.defineProperty(owner, name, { ...descriptor, value });
}

/** Gives what a method throws the code that Node has for it. */
function withCodes(owner: object, ...names: string[]): void {
  for (const name of names) {
    wrap(
      owner,
      name,
      (original) =>
        ({
          method(this: object, ...args: never[]): unknown {
            try {
              return apply(original, this, args);
            } catch (error) {
              const code = error instanceof RangeError ? "ERR_INVALID_ARG_VALUE" : "ERR_INVALID_STATE";
              if (error instanceof Error && !("code" in error)) Object.assign(error, { code });
              throw error;
            }
          },
        }).method,
    );
  }
}

const isIterable = (value: unknown): boolean => {
  if (value === undefined || value === null) return false;
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = value as AsyncIterable<unknown> &
    Iterable<unknown>;
  return typeof (async ?? sync) === "function";
};

/** Web streams as Node shows and refuses them. */
export function completeAsNode(): void {
  showAs<ReadableStream>(ReadableStream.prototype, (stream) => ({
    locked: stream.locked,
    state: insidesOf(stream)._state,
    supportsBYOB: insidesOf(stream)._readableStreamController instanceof ReadableByteStreamController,
  }));
  showAs<WritableStream>(WritableStream.prototype, (stream) => ({
    locked: stream.locked,
    state: insidesOf(stream)._state,
  }));
  showAs<TransformStream>(TransformStream.prototype, (stream) => ({
    readable: stream.readable,
    writable: stream.writable,
    backpressure: insidesOf(stream)._backpressure,
  }));
  showAs(CountQueuingStrategy.prototype, ["highWaterMark"]);
  showAs(ByteLengthQueuingStrategy.prototype, ["highWaterMark"]);

  wrap(
    ReadableStream,
    "from",
    (original) =>
      ({
        from(this: object, ...args: never[]): unknown {
          if (isIterable(args[0])) return apply(original, this, args);
          throw codedError(TypeError, "ERR_ARG_NOT_ITERABLE", `${String(args[0])} must be iterable`);
        },
      }).from,
  );
  wrap(
    ReadableStreamBYOBReader.prototype,
    "read",
    (original) =>
      ({
        read(this: object, ...args: never[]): unknown {
          const [view] = args as unknown[];
          if (!ArrayBuffer.isView(view) || view.byteLength > 0) return apply(original, this, args);
          const message = "Invalid state: View or Viewed ArrayBuffer is zero-length or detached";
          return Promise.reject(codedError(TypeError, "ERR_INVALID_STATE", message));
        },
      }).read,
  );
  withCodes(ReadableStreamBYOBRequest.prototype, "respond", "respondWithNewView");
  withCodes(ReadableByteStreamController.prototype, "enqueue", "close");

  // A write that was under way when the reader left comes to a controller that has forgotten its algorithms.
  const algorithms = new WeakMap<object, unknown>();
  const nothing = (): Promise<void> => Promise.resolve();
  Object.defineProperty(TransformStreamDefaultController.prototype, "_transformAlgorithm", {
    get(this: object) {
      return algorithms.get(this);
    },
    set(this: object, algorithm: unknown) {
      algorithms.set(this, algorithm ?? nothing);
    },
    configurable: true,
  });
}
