import { define, disguise, disguiseClass } from "./disguise.ts";
import { taped, wallClock } from "./phase.ts";

const NativeDate = Date;
const { construct } = Reflect;
const nativeNow = Date.now;

/** Date whose "now" is on the tape during init. Everything else is native, instances too. */
export function installDate(): void {
  function StandIn(this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) return taped ? new NativeDate(wallClock()).toString() : NativeDate();
    if (args.length > 0) return construct(NativeDate, args, new.target);
    if (taped) return construct(NativeDate, [wallClock()], new.target);
    return new.target === (StandIn as unknown) ? new NativeDate() : construct(NativeDate, [], new.target);
  }
  disguiseClass(StandIn, NativeDate);
  define(StandIn, "now", disguise({ now: () => (taped ? wallClock() : nativeNow()) }.now, nativeNow));
  define(globalThis, "Date", StandIn);
}
