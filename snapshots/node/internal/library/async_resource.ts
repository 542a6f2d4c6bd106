import { captureContext } from "../../../async-context.ts";

/** AsyncResource for the library's own use: node:async_hooks is not loaded for it. */
export class AsyncResource {
  readonly #inContext = captureContext();
  runInAsyncScope(callback: (...args: never[]) => unknown, self?: unknown, ...args: unknown[]): unknown {
    return this.#inContext(callback, self, args);
  }
  emitDestroy(): this {
    return this;
  }
}
