import { InvalidParameterValueException } from "../model/errors.ts";
import type { Configuration, FunctionEntry } from "./records.ts";

/**
 * What AWS does not have for functions that keep their tenants apart: SnapStart, function URLs, provisioned concurrency
 * and event sources that poll. A function's mode never changes, so that it is enough to look when these are asked for.
 */
export function requireNoTenants(entry: Pick<FunctionEntry, "versions"> | undefined, what: string): void {
  for (const { configuration } of entry?.versions.values() ?? []) {
    if (configuration.tenantIsolation !== undefined) throw refusal(what);
  }
}

/** @throws {InvalidParameterValueException} A configuration asks for both. */
export function checkTenantIsolation({ tenantIsolation, snapStart }: Configuration): void {
  if (tenantIsolation !== undefined && snapStart !== "None") throw refusal("SnapStart");
}

function refusal(what: string): InvalidParameterValueException {
  return new InvalidParameterValueException(
    `${what} is not supported for functions with tenant isolation mode.`,
  );
}
