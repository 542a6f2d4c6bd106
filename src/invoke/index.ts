/** One invocation from request to outcome. Queues, retries and destinations of asynchronous ones will stand here. */
export { type CollectedResult, collectInvocation, tooLargeResult } from "./collected-invocation.ts";
