import { requireInternal } from "../../../registry.ts";
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

/** Nothing leaves an environment, so each of them can go anywhere. */
export const transferableAbortSignal = (signal: unknown): unknown => signal;
export const transferableAbortController = (): object => new AbortController!();
export const abortSignal = (
  signal: AbortSignalLike & { abort?(reason: unknown): void },
  reason: unknown,
): void => signal.abort?.(reason);
