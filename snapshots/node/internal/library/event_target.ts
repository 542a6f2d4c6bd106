import { web } from "../web.ts";

/** The library's way to the web's EventTarget, which here is the base's own. */
interface Target {
  addEventListener: unknown;
  dispatchEvent: unknown;
}

export const kEvents = Symbol("kEvents");
export const kResistStopPropagation = Symbol("kResistStopPropagation");
export const kWeakHandler = Symbol("kWeak");
export const kTrustEvent = Symbol("kTrustEvent");
export const kMaxEventTargetListeners = Symbol("kMaxEventTargetListeners");
export const kMaxEventTargetListenersWarned = Symbol("kMaxEventTargetListenersWarned");

const { Event, EventTarget, CustomEvent } = web as unknown as Record<string, new () => Target>;

export { CustomEvent, Event, EventTarget };

export const isEventTarget = (value: unknown): boolean => value instanceof EventTarget!;
