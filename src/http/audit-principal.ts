import type { Credential } from "../access/index.ts";
import type { AuditPrincipal } from "../audit/index.ts";

/** Who the log says it was, by the key that signed. */
export function auditPrincipal({
  accessKeyId,
  principal,
}: Pick<Credential, "accessKeyId" | "principal">): AuditPrincipal {
  const { caller, type, userId, userName } = principal;
  return {
    type,
    arn: caller.arn,
    accountId: caller.accountId,
    userId,
    userName,
    roleArn: type === "AssumedRole" ? caller.principalArn : undefined,
    accessKeyId,
  };
}
