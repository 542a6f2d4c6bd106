import type { AuditTrail } from "../audit/index.ts";
import { auditPrincipal } from "./audit-principal.ts";
import type { UrlCall } from "./function-url/index.ts";

/**
 * Records of calls of function URLs, as data events. CloudTrail has none of its own for them: this one is named as the
 * action that a URL's policy allows. Path and query are the function's own matter, and not in it.
 */
export function auditUrlCalls(trail: Pick<AuditTrail, "add">): (call: UrlCall) => void {
  return ({ url, method, facts, requestId, epochMs, credential, error }) => {
    const { sourceIp, userAgent } = JSON.parse(`{${facts.clientJson}}`) as {
      sourceIp: string;
      userAgent?: string;
    };
    trail.add({
      timeMs: epochMs,
      eventSource: "lambda.amazonaws.com",
      operation: "InvokeFunctionUrl",
      isRead: false,
      isData: true,
      requestId,
      sourceAddress: sourceIp,
      userAgent,
      principal: credential && auditPrincipal(credential),
      input: { functionName: url.invokedFunctionArn, functionUrlId: url.urlId, httpMethod: method },
      error,
      resources: [{ type: "AWS::Lambda::Function", arn: url.invokedFunctionArn }],
    });
  };
}
