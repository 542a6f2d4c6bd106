import { expect, test } from "vitest";
import { checkTenant } from "../../../src/model/tenant.ts";
import { versionSpec } from "../fleet/version-spec.ts";

const apart = { ...versionSpec(), isPerTenant: true };

test.each([["a"], ["A-1_b:c/d=e+f@g.h i"], ["x".repeat(256)]])("%j may be a tenant", (tenantId) => {
  expect(() => checkTenant(apart, tenantId)).not.toThrow();
});

test.each([
  ["", '""'],
  ["a\n", '"a\\n"'],
  ["*", '"*"'],
  ["é", '"é"'],
  ["x".repeat(257), `"${"x".repeat(64)}"`],
])("%j is no tenant's id", (tenantId, shown) => {
  expect(() => checkTenant(apart, tenantId)).toThrow(
    `Cannot invoke for the tenant ${shown}: an id has 1 to 256 letters, digits, blanks and ._:/=+-@`,
  );
});

test("an invocation names a tenant if and only if its function keeps them apart", () => {
  expect(() => checkTenant(apart, undefined)).toThrow("Add a valid tenant ID");
  expect(() => checkTenant(versionSpec(), "blue")).toThrow("Remove the tenant ID");
  expect(() => checkTenant(versionSpec(), undefined)).not.toThrow();
});
