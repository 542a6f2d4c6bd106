import { expect, test } from "vitest";
import type { AuditRecord } from "../../../src/audit/audit-event.ts";
import { identityName, matcher } from "../../../src/audit/audit-query.ts";

const of = (userIdentity: object) => ({ userIdentity, eventName: "ListFunctions20150331" }) as AuditRecord;

const root = of({ type: "Root", arn: "arn:aws:iam::000000000000:root" });
const session = of({ type: "AssumedRole", sessionContext: { sessionIssuer: { userName: "worker" } } });

test.each([
  [root, "root"],
  [of({ type: "IAMUser", userName: "ci" }), "ci"],
  [session, "role/worker"],
  [of({ type: "AWSAccount", accountId: "ANONYMOUS_PRINCIPAL" }), "anonymous"],
  [of({ accountId: "000000000000", invokedBy: "brisk.internal" }), "brisk"],
])("identityName() says who it was: %#", (record, name) => {
  expect(identityName(record)).toBe(name);
  expect(matcher({ user: name })(record)).toBe(true);
});

test("a role is found by its name alone, too", () => {
  expect(matcher({ user: "worker" })(session)).toBe(true);
});

test("a user who is called root is not the root", () => {
  const user = of({ type: "IAMUser", userName: "root" });
  expect(identityName(user)).toBe("user/root");
  expect(matcher({ user: "root" })(user)).toBe(false);
  expect(matcher({ user: "root" })(root)).toBe(true);
});
