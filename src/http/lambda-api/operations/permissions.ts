import { policyDocument } from "../../../model/resource-policy.ts";
import { anyArnPattern, functionName, qualifier, revisionId } from "../members.ts";
import { type Operation, operation } from "../operation.ts";
import { bool, oneOf, optional, str } from "../shapes.ts";

export const permissionOperations: readonly Operation[] = [
  operation({
    name: "AddPermission",
    method: "POST",
    path: "/2015-03-31/functions/{FunctionName}/policy",
    status: 201,
    query: qualifier,
    uri: functionName,
    body: {
      StatementId: str({ min: 1, max: 100, pattern: "([a-zA-Z0-9-_]+)" }),
      Action: str({ min: 0, max: 10_000, pattern: "(lambda:[*]|lambda:[a-zA-Z]+|[*])" }),
      Principal: str({ min: 0, max: 2048, pattern: "[^\\s]+" }),
      SourceArn: optional(str({ min: 0, max: 10_000, pattern: anyArnPattern })),
      SourceAccount: optional(str({ min: 0, max: 12, pattern: "\\d{12}" })),
      EventSourceToken: optional(str({ min: 0, max: 256, pattern: "[a-zA-Z0-9._\\-]+" })),
      PrincipalOrgID: optional(str({ min: 12, max: 34, pattern: "o-[a-z0-9]{10,32}" })),
      FunctionUrlAuthType: optional(oneOf("NONE", "AWS_IAM")),
      InvokedViaFunctionUrl: optional(bool()),
      ...revisionId,
    },
    run: async ({ functions }, input) => ({
      Statement: JSON.stringify(await functions.permissions.add(input)),
    }),
  }),
  operation({
    name: "GetPolicy",
    method: "GET",
    path: "/2015-03-31/functions/{FunctionName}/policy",
    status: 200,
    query: qualifier,
    uri: functionName,
    run: ({ functions }, { FunctionName, Qualifier }) => {
      const { statements, revisionId } = functions.permissions.get(FunctionName, Qualifier);
      return { Policy: policyDocument(statements), RevisionId: revisionId };
    },
  }),
  operation({
    name: "RemovePermission",
    method: "DELETE",
    path: "/2015-03-31/functions/{FunctionName}/policy/{StatementId}",
    status: 204,
    query: { ...qualifier, ...revisionId },
    uri: { ...functionName, StatementId: str({ min: 1, max: 100, pattern: "([a-zA-Z0-9-_.]+)" }) },
    run: ({ functions }, input) => functions.permissions.remove(input),
  }),
];
