export type { AccessRequest, Caller, RequestContext } from "./access-request.ts";
export { type Decision, type DecisionPolicies, decide, mayAllow } from "./decision.ts";
export { maxPolicyLength, type Policy, parsePolicy, readPolicy } from "./policy-reader.ts";
