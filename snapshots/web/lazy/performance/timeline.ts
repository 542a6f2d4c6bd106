import { setImmediate } from "../../../loop.ts";
import type { PerformanceEntry } from "./entry.ts";

/** Who is told of entries. */
export interface Listener {
  offer(entry: PerformanceEntry): boolean;
  dispatch(): void;
}

/** Kept for whoever asks later. What else there is, is told to observers only. */
const kept: Record<string, PerformanceEntry[]> = { mark: [], measure: [], resource: [] };
const listeners = new Set<Listener>();
let pending = new Set<Listener>();
let isScheduled = false;

/** All that observers may ask for, in order. */
export const supportedEntryTypes: readonly string[] = Object.freeze([
  "function",
  "mark",
  "measure",
  "resource",
]);

export function listen(listener: Listener): void {
  listeners.add(listener);
}

export function unlisten(listener: Listener): void {
  listeners.delete(listener);
  pending.delete(listener);
}

/** It has something to dispatch, which is done by a task of its own. */
export function schedule(listener: Listener): void {
  pending.add(listener);
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(() => {
    isScheduled = false;
    const due = pending;
    pending = new Set();
    for (const one of due) one.dispatch();
  });
}

/** Tells those who observe its type. */
export function announce(entry: PerformanceEntry): void {
  for (const listener of listeners) if (listener.offer(entry)) schedule(listener);
}

export function keep(entry: PerformanceEntry): void {
  kept[entry.entryType]?.push(entry);
}

export function countOf(type: string): number {
  return kept[type]?.length ?? 0;
}

/** @param name Those of this name only. */
export function forget(type: "mark" | "measure" | "resource", name?: string): void {
  kept[type] = name === undefined ? [] : (kept[type] ?? []).filter((entry) => entry.name !== name);
}

/** The newest mark of that name. */
export function lastMark(name: string): PerformanceEntry | undefined {
  return kept["mark"]!.findLast((entry) => entry.name === name);
}

export function entriesOf(type?: string, name?: string): PerformanceEntry[] {
  if (type !== undefined) return inOrder(named(kept[type] ?? [], name));
  return inOrder(named(Object.values(kept).flat(), name));
}

function named(entries: readonly PerformanceEntry[], name: string | undefined): PerformanceEntry[] {
  return name === undefined ? [...entries] : entries.filter((entry) => entry.name === name);
}

/** By start; entries that started together stay as they came. */
export function inOrder(entries: PerformanceEntry[]): PerformanceEntry[] {
  return entries.sort((a, b) => a.startTime - b.startTime);
}
