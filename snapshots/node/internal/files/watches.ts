import path from "node:path";
import type { Value } from "../../../bridge.ts";
import { noteChange, openPaths } from "./changes.ts";
import { ask } from "./host.ts";

/** As Node tells of them: a name came or went, or what it stands for became another. */
export type EventType = "rename" | "change";

/** Somebody who wants to know what becomes of a file, or of a folder's entries. */
export interface Watch {
  /** Without links. */
  readonly path: string;
  readonly isFolder: boolean;
  tell(type: EventType, name: string): void;
}

type Arguments = readonly Value[];
const watches = new Set<Watch>();

export function addWatch(watch: Watch): void {
  watches.add(watch);
  noteChange.before = before;
  noteChange.after = after;
}

export function removeWatch(watch: Watch): void {
  watches.delete(watch);
  if (watches.size > 0) return;
  noteChange.before = undefined;
  noteChange.after = undefined;
}

/** Where the file is that a descriptor or a path leads to. */
function placeOf(file: Value): string {
  const name = typeof file === "number" ? (openPaths.get(file) ?? "") : (file as string);
  const real = ask("realpath", name);
  return typeof real === "string" ? real : entryAt(name);
}

/** Where the name itself is, whatever it leads to. */
function entryAt(file: Value): string {
  const { dir, base } = path.parse(file as string);
  const real = ask("realpath", dir);
  return path.join(typeof real === "string" ? real : dir, base);
}

function emit(type: EventType, place: string): void {
  const { dir, base } = path.parse(place);
  // Not those that are added by who is told.
  for (const watch of [...watches]) {
    if (watch.path === place || (watch.isFolder && watch.path === dir)) watch.tell(type, base);
  }
}

/** What would be gone, or would not be new, behind the operation. */
function before(operation: string, [file]: Arguments): unknown {
  if (operation === "openToWrite" || operation === "writeFile") return ask("access", file!, 0) === 0;
  return undefined;
}

const truncates = 0o1000;

function after(operation: string, [file, second, third]: Arguments, wasThere: unknown): void {
  switch (operation) {
    case "openToWrite":
      opened(file, second, wasThere);
      break;
    case "writeFile":
      opened(file, third, wasThere);
      written(file, second);
      break;
    case "write":
      written(file, second);
      break;
    case "mkdir":
    case "rmdir":
    case "unlink":
      emit("rename", entryAt(file));
      break;
    case "rename":
      emit("rename", entryAt(file));
      emit("rename", entryAt(second));
      break;
    case "link":
      emit("change", placeOf(file));
      emit("rename", entryAt(second));
      break;
    case "symlink":
      emit("rename", entryAt(second));
      break;
    default:
      emit("change", placeOf(file));
  }
}

function opened(file: Value, flags: Value, wasThere: unknown): void {
  if (!wasThere) emit("rename", placeOf(file));
  else if (((flags as number) & truncates) !== 0) emit("change", placeOf(file));
}

function written(file: Value, bytes: Value): void {
  if ((bytes as Uint8Array).byteLength > 0) emit("change", placeOf(file));
}
