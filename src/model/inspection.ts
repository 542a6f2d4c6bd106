import type { VersionSpec } from "./version.ts";

/** Debuggers that one isolate has at once. */
export const mostDebuggers = 4;

/** An isolate that debuggers may be attached to. */
export interface InspectedIsolate {
  /** Random: who does not know it can't guess it. */
  readonly id: string;
  readonly spec: VersionSpec;
}

export interface Debugger {
  /** @param message Of the Chrome DevTools Protocol, as the isolate's host sent it: nothing in it is to be trusted. */
  said(message: string): void;
  /** Called once. @param reason In a few words. */
  detached(reason: string): void;
}

/** A debugger's way to its isolate. */
export interface Attachment {
  /** @param command JSON with a whole `id` from 0, and a `method`. */
  send(command: string): void;
  detach(): void;
}

/** The isolates that may be debugged, from the outside. */
export interface InspectionView {
  /** The newest first. */
  readonly isolates: readonly InspectedIsolate[];
  /** @throws {Error} It is gone, or has as many debuggers as it may. */
  attach(isolate: InspectedIsolate, peer: Debugger): Attachment;
}
