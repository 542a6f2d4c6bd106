import type { AuditRecord } from "./audit-event.ts";
import { isEvent } from "./event-names.ts";

/** What to look for; each that is given has to match. */
export interface AuditFilter {
  /** A user's or role's name, an ARN, an access key's id, `root`, or `anonymous`. */
  readonly user?: string | undefined;
  /** An operation, with or without the API's version that its event has. */
  readonly event?: string | undefined;
  readonly errorsOnly?: boolean;
}

export function matcher({ user, event, errorsOnly = false }: AuditFilter): (record: AuditRecord) => boolean {
  return (record) => {
    if (errorsOnly && record.errorCode === undefined) return false;
    if (event !== undefined && !isEvent(record.eventName, event)) return false;
    return user === undefined || identityNames(record).includes(user);
  };
}

const ownNames = new Set(["root", "brisk", "anonymous"]);

/** Who a record is of, in a word. */
export function identityName({ userIdentity }: Pick<AuditRecord, "userIdentity">): string {
  const { type, userName, sessionContext, accountId, invokedBy } = userIdentity as {
    type?: string;
    userName?: string;
    sessionContext?: { sessionIssuer?: { userName?: string } };
    accountId?: string;
    invokedBy?: string;
  };
  if (type === "Root") return "root";
  if (invokedBy !== undefined) return "brisk";
  if (accountId === "ANONYMOUS_PRINCIPAL") return "anonymous";
  const role = sessionContext?.sessionIssuer?.userName;
  // A user may be called as we call somebody else.
  if (userName !== undefined && ownNames.has(userName)) return `user/${userName}`;
  return userName ?? (role === undefined ? (type ?? "") : `role/${role}`);
}

function identityNames(record: AuditRecord): readonly unknown[] {
  const { arn, accessKeyId, principalId, sessionContext } = record.userIdentity as Record<string, unknown>;
  const issuer = (sessionContext as { sessionIssuer?: Record<string, unknown> } | undefined)?.sessionIssuer;
  const claimed = record.additionalEventData?.["claimedAccessKeyId"];
  const names = [
    identityName(record),
    arn,
    accessKeyId,
    principalId,
    issuer?.["userName"],
    issuer?.["arn"],
    claimed,
  ];
  return names.filter((name) => name !== "");
}
