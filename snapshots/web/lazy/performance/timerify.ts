import { now } from "../../performance.ts";
import { invalidArgType } from "../argument-errors.ts";
import { makeEntry } from "./entry.ts";
import { announce } from "./timeline.ts";

interface Histogram {
  record(value: number): void;
}

type Timed = (...args: unknown[]) => unknown;

/** Wraps a function so that observers of `function` hear how long each call of it took. */
export function timerify(fn: Timed, options: { histogram?: Histogram } = {}): Timed {
  if (typeof fn !== "function") throw invalidArgType("fn", "of type function", fn);
  if (typeof options !== "object" || options === null) {
    throw invalidArgType("options", "of type object", options);
  }
  const { histogram } = options;
  if (histogram !== undefined && typeof (histogram as Partial<Histogram> | null)?.record !== "function") {
    throw invalidArgType("options.histogram", "an instance of RecordableHistogram", histogram);
  }
  function timerified(this: unknown, ...args: unknown[]): unknown {
    const startTime = now();
    const isConstructed = new.target !== undefined;
    const result = isConstructed ? Reflect.construct(fn, args, fn) : Reflect.apply(fn, this, args);
    const done = () => {
      const duration = now() - startTime;
      histogram?.record(Math.max(1, Math.ceil(duration * 1e6)));
      const entry = makeEntry({ name: fn.name, entryType: "function", startTime, duration, detail: args });
      for (const [index, arg] of args.entries()) {
        Object.defineProperty(entry, index, {
          value: arg,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      announce(entry);
    };
    if (!isConstructed && typeof (result as Promise<unknown> | undefined)?.finally === "function") {
      return (result as Promise<unknown>).finally(done);
    }
    done();
    return result;
  }
  Object.defineProperties(timerified, {
    length: { value: fn.length, enumerable: true, configurable: false },
    name: { value: `timerified ${fn.name}`, enumerable: true, configurable: false },
  });
  return timerified;
}
