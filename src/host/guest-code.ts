import { wrapModule } from "../model/guest-files.ts";
import { OperationError } from "../model/values.ts";
import { LoadedBundle } from "./bundle.ts";
import { Entry } from "./entry.ts";
import type { GuestIsolate } from "./guest-isolate.ts";
import type { GuestHeap } from "./heap.ts";
import type { TapeRecorder } from "./tape-recorder.ts";

/** The first code of each further context that a guest makes. */
const realmModule = "brisk:node/internal/realm";

/** Compiles what a guest asks for while it runs: modules of ours, further contexts, files of its own. */
export class GuestCode {
  readonly #isolate: GuestIsolate;
  readonly #heap: GuestHeap;
  readonly #tape: TapeRecorder | undefined;

  constructor(isolate: GuestIsolate, heap: GuestHeap, tape: TapeRecorder | undefined) {
    this.#isolate = isolate;
    this.#heap = heap;
    this.#tape = tape;
  }

  /** @throws {OperationError} There is no such module. */
  loadModule(specifier: string): void {
    const script = this.#heap.moduleScript(specifier);
    if (script === undefined) {
      throw new OperationError("MODULE_NOT_FOUND", `Cannot find module '${specifier}'`);
    }
    const factory = this.#isolate.compile(script, specifier, this.#heap.moduleCache(specifier));
    this.#isolate.reenter([Entry.defineModule, specifier, factory]);
  }

  /** @see OperationEnvironment.makeContext */
  makeContext(id: number): void {
    const script = this.#heap.moduleScript(realmModule);
    if (script === undefined) throw new OperationError("MODULE_NOT_FOUND", "The guest has no realms");
    const factory = this.#isolate.compileApart(script, realmModule, id);
    this.#isolate.reenter([Entry.defineModule, `realm:${id}`, factory]);
  }

  /** @see OperationEnvironment.compileModule */
  compileModule(path: string, code: string): string | undefined {
    // No name of ours, or of the bundle's: stacks tell them apart by it.
    if (!path.startsWith("/") || path === LoadedBundle.filename)
      throw new OperationError("ERR_INVALID_ARG_VALUE", `Cannot compile "${path}": it is no path of a file`);
    const factory = this.#isolate.compileFile(path, wrapModule(code));
    if (typeof factory === "string") return factory;
    this.#tape?.compiled(path, code);
    this.#isolate.reenter([Entry.defineModule, `file:${path}`, factory.value]);
    return undefined;
  }
}
