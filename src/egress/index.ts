export { AddressPolicy } from "./address-policy.ts";
export { createEgress, type EgressOptions } from "./egress.ts";
export { defaultEgressLimits, type EgressLimits } from "./egress-limits.ts";
export type { Resolve } from "./guarded-connector.ts";
export type { OwnService } from "./own-service.ts";
export type { RemoteCall, RemoteOperations } from "./remote-operations.ts";
