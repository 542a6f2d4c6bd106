import { InvalidParameterValueException } from "./errors.ts";
import type { VersionSpec } from "./version.ts";

/**
 * An invocation names a tenant if and only if the function keeps its tenants apart: without one it would be nobody's,
 * and with one its caller would count on what is not so.
 * @throws {InvalidParameterValueException}
 */
export function checkTenant({ isPerTenant }: VersionSpec, tenantId: string | undefined): void {
  if (isPerTenant === (tenantId !== undefined)) return;
  throw new InvalidParameterValueException(
    isPerTenant
      ? "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again."
      : "The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and try again.",
  );
}
