import { requireInternal } from "../../../registry.ts";
import { markTransferable } from "../../../web/lazy/abort.ts";
import { invalidArgType } from "../errors.ts";
import { type AbortSignalLike, web } from "../web.ts";

const { AbortController, AbortSignal } = web as unknown as Record<string, new () => object>;

export { AbortController, AbortSignal };

interface Validators {
  validateAbortSignal(signal: unknown, name: string): void;
  validateObject(value: unknown, name: string, options: number): void;
  kValidateObjectAllowObjects: number;
}

/** util.aborted: resolves when the signal aborts. The resource is alive as long as whoever holds it. */
export async function aborted(signal: AbortSignalLike, resource: unknown): Promise<void> {
  const validators = requireInternal("library:internal/validators") as Validators;
  validators.validateAbortSignal(signal, "signal");
  validators.validateObject(resource, "resource", validators.kValidateObjectAllowObjects);
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** @throws {TypeError} ERR_INVALID_ARG_TYPE: it is no signal. */
export function transferableAbortSignal(signal: unknown): unknown {
  if (!(signal instanceof AbortSignal!)) throw invalidArgType("signal", "an instance of AbortSignal", signal);
  markTransferable(signal as never);
  return signal;
}
export function transferableAbortController(): object {
  const controller = new AbortController!();
  transferableAbortSignal((controller as { signal?: unknown }).signal);
  return controller;
}
export const abortSignal = (
  signal: AbortSignalLike & { abort?(reason: unknown): void },
  reason: unknown,
): void => signal.abort?.(reason);
