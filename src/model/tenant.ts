import { InvalidParameterValueException } from "./errors.ts";
import type { VersionSpec } from "./version.ts";

/** What a tenant's id may be, as the service model has it. */
export const tenantIdLimits = { min: 1, max: 256, pattern: "[a-zA-Z0-9\\._:\\/=+\\-@ ]+" };
const form = new RegExp(`^${tenantIdLimits.pattern}$`);

/**
 * An invocation names a tenant if and only if the function keeps its tenants apart: without one it would be nobody's,
 * and with one its caller would count on what is not so.
 * @throws {InvalidParameterValueException}
 */
export function checkTenant({ isPerTenant }: VersionSpec, tenantId: string | undefined): void {
  if (isPerTenant === (tenantId !== undefined)) {
    // An empty one would be everybody whose id was forgotten.
    if (tenantId === undefined || (tenantId.length <= tenantIdLimits.max && form.test(tenantId))) return;
    throw new InvalidParameterValueException(
      `Cannot invoke for the tenant ${JSON.stringify(tenantId.slice(0, 64))}: an id has 1 to ${tenantIdLimits.max} letters, digits, blanks and ._:/=+-@`,
    );
  }
  throw new InvalidParameterValueException(
    isPerTenant
      ? "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again."
      : "The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and try again.",
  );
}
