import { disableHooks, enableHooks, type Hooks } from "./async-execution.ts";
import { invalidArgType, nodeError } from "./errors.ts";

type HookName = keyof Hooks | "promiseResolve";

/** @throws {TypeError} One of the callbacks is none. */
export function createHook(callbacks: Partial<Record<HookName | "trackPromises", unknown>>) {
  const hooks: Partial<Record<HookName, unknown>> = {};
  for (const name of ["init", "before", "after", "destroy", "promiseResolve"] as const) {
    const callback = callbacks[name];
    if (callback !== undefined && typeof callback !== "function") {
      throw nodeError(TypeError, "ERR_ASYNC_CALLBACK", `hook.${name} must be a function`);
    }
    hooks[name] = callback;
  }
  const { trackPromises } = callbacks;
  if (trackPromises !== undefined && typeof trackPromises !== "boolean") {
    throw invalidArgType("trackPromises", "of type boolean", trackPromises);
  }
  return new AsyncHook(hooks as unknown as Hooks);
}

class AsyncHook {
  readonly #hooks: Hooks;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  enable(): this {
    enableHooks(this.#hooks);
    return this;
  }

  disable(): this {
    disableHooks(this.#hooks);
    return this;
  }
}
