export type { AuditFacts, AuditPrincipal, AuditRecord, AuditScope } from "./audit-event.ts";
export { type AuditFilter, identityName, matcher } from "./audit-query.ts";
export { type AuditEvent, type AuditFigures, type AuditQuery, AuditTrail } from "./audit-trail.ts";
export { eventName, isEvent, withoutVersion } from "./event-names.ts";
