import { resistsStop as kResistStopPropagation, listenersOf } from "../../../web/lazy/event-target.ts";
import { web } from "../web.ts";

/** The library's way to the web's EventTarget, which here is the base's own. */
interface Target {
  addEventListener: unknown;
  dispatchEvent: unknown;
}

export const kEvents = Symbol("kEvents");
export const kWeakHandler = Symbol("kWeak");
export const kTrustEvent = Symbol("kTrustEvent");
export const kMaxEventTargetListeners = Symbol("kMaxEventTargetListeners");
export const kMaxEventTargetListenersWarned = Symbol("kMaxEventTargetListenersWarned");

const { Event, EventTarget, CustomEvent } = web as unknown as Record<string, new () => Target>;

export { CustomEvent, Event, EventTarget, kResistStopPropagation };

export const isEventTarget = (value: unknown): boolean => value instanceof EventTarget!;

interface Handler {
  readonly listener: unknown;
  readonly next: Handler | undefined;
}

/** What node:events counts and lists listeners by: those of a type, each with the one behind it. */
Object.defineProperty(EventTarget!.prototype, kEvents, {
  configurable: true,
  get(this: object) {
    const get = (type: string) => {
      const listeners = listenersOf(this as never, type);
      const next = listeners.reduceRight<Handler | undefined>(
        (following, listener) => ({ listener, next: following }),
        undefined,
      );
      return { size: listeners.length, next };
    };
    return { get };
  },
});
