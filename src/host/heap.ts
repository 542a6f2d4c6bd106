import { readFileSync } from "node:fs";
import { join } from "node:path";
import ivm from "isolated-vm";
import { moduleFile } from "../model/guest-files.ts";

/** The guest's base heap and the scripts of the modules that are compiled into an isolate on demand. */
export class GuestHeap {
  readonly #dir: string;
  readonly #modules = new Map<string, string>();
  readonly #snapshot: ivm.ExternalCopy<ArrayBuffer>;
  readonly #names: ReadonlySet<string>;

  /** @param dir As `builder/guest-main.ts` laid it out. */
  constructor(dir: string) {
    this.#dir = dir;
    const file = readFileSync(join(dir, "base.snapshot"));
    const bytes = new ArrayBuffer(file.byteLength);
    new Uint8Array(bytes).set(file);
    this.#snapshot = new ivm.ExternalCopy(bytes);
    this.#names = new Set(JSON.parse(readFileSync(join(dir, "modules.json"), "utf8")) as string[]);
  }

  createIsolate(memoryLimitMb: number): ivm.Isolate {
    return new ivm.Isolate({ memoryLimit: memoryLimitMb, snapshot: this.#snapshot });
  }

  /** The script of `node:…` or `brisk:…`, or undefined if there is no such module. */
  moduleScript(specifier: string): string | undefined {
    // The name comes from the guest: it is looked up, never joined to a path as it is.
    if (!this.#names.has(specifier)) return undefined;
    let script = this.#modules.get(specifier);
    if (script === undefined) {
      script = readFileSync(join(this.#dir, "modules", moduleFile(specifier)), "utf8");
      this.#modules.set(specifier, script);
    }
    return script;
  }
}
