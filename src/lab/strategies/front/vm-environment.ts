import { createContext, type Module, runInNewContext, SourceTextModule, SyntheticModule } from "node:vm";
import { callHandler, type PeerRequest } from "./adapter.ts";
import type { PeerEnvironment, Reply } from "./environment.ts";

const ownNames = new Set(runInNewContext("Object.getOwnPropertyNames(globalThis)") as string[]);

/** A context of node:vm in this process: globals of its own, and nothing else. Needs --experimental-vm-modules. */
export class VmEnvironment implements PeerEnvironment {
  readonly #loaded: Promise<{ handler?: unknown }>;
  #contextMs: number | undefined;
  #initMs = 0;

  constructor(code: string) {
    const startedMs = performance.now();
    const context = createContext(nodeGlobals());
    this.#contextMs = performance.now() - startedMs;
    this.#loaded = (async () => {
      const module = new SourceTextModule(code, {
        context,
        identifier: "file:///var/task/index.mjs",
        importModuleDynamically: (specifier: string) => loadBuiltin(specifier, context),
      });
      await module.link((specifier) => loadBuiltin(specifier, context));
      await module.evaluate();
      this.#initMs = performance.now() - startedMs - (this.#contextMs ?? 0);
      return module.namespace as { handler?: unknown };
    })();
    this.#loaded.catch(() => {});
  }

  async invoke(request: PeerRequest): Promise<Reply> {
    const { handler } = await this.#loaded;
    const invokedMs = performance.now();
    const answer = await callHandler(handler, request);
    const context = this.#contextMs;
    this.#contextMs = undefined;
    const firstInvoke = performance.now() - invokedMs;
    return { answer, phasesMs: context === undefined ? {} : { context, init: this.#initMs, firstInvoke } };
  }

  /** A context has no end but the garbage collector's. */
  async end(): Promise<void> {}
}

/** What Node adds to V8's globals is shared with this process, as everybody who uses node:vm has to do. */
function nodeGlobals(): object {
  const globals: Record<string, unknown> = {};
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const property = Object.getOwnPropertyDescriptor(globalThis, name);
    if (!ownNames.has(name) && property !== undefined) Object.defineProperty(globals, name, property);
  }
  globals["global"] = globals;
  return globals;
}

async function loadBuiltin(specifier: string, context: object): Promise<Module> {
  const exports = (await import(specifier)) as Record<string, unknown>;
  const module = new SyntheticModule(
    Object.keys(exports),
    function (this: SyntheticModule) {
      for (const [name, value] of Object.entries(exports)) this.setExport(name, value);
    },
    { context },
  );
  await module.link(() => {
    throw new Error("a built-in module imports nothing");
  });
  await module.evaluate();
  return module;
}
