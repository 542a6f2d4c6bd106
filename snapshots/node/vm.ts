import { unavailable } from "./internal/errors.ts";

/** Runs code in this realm. A realm of its own would need a second context, which an environment does not have. */
class Script {
  readonly #code: string;
  constructor(code: string) {
    this.#code = `${code}`;
    // Reports a syntax error now, as Node does.
    new Function(this.#code);
  }
  runInThisContext(): unknown {
    // biome-ignore lint/security/noGlobalEval: vm is eval by another name, inside the function's own isolate
    const evaluate = globalThis.eval;
    return evaluate(this.#code);
  }
  runInContext(): never {
    throw unavailable("vm.Script.runInContext", "an environment has one context: use runInThisContext");
  }
  runInNewContext(): never {
    throw unavailable("vm.Script.runInNewContext", "an environment has one context: use runInThisContext");
  }
}

const notHere = (name: string) => () => {
  throw unavailable(`vm.${name}`, "an environment has one context: use vm.runInThisContext");
};

export default {
  Script,
  runInThisContext: (code: string) => new Script(code).runInThisContext(),
  compileFunction: (code: string, params: string[] = []) => new Function(...params, code),
  isContext: () => false,
  createContext: notHere("createContext"),
  runInContext: notHere("runInContext"),
  runInNewContext: notHere("runInNewContext"),
  measureMemory: notHere("measureMemory"),
  constants: {},
};
