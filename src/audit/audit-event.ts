import { randomUUID } from "node:crypto";
import { eventName } from "./event-names.ts";
import { safeElements, safeMessage, safeText } from "./safe-elements.ts";

/** Who sent a call, as far as its signature was verified. */
export interface AuditPrincipal {
  readonly type: "Account" | "User" | "AssumedRole";
  readonly arn: string;
  readonly accountId: string;
  /** `AIDA…`; the account's id for its root; `AROA…:<session>` for a session. */
  readonly userId: string;
  readonly userName: string | undefined;
  /** Of sessions: the role's own. */
  readonly roleArn: string | undefined;
  readonly accessKeyId: string;
}

/** What is known of one call when it has been answered. */
export interface AuditFacts {
  readonly timeMs: number;
  readonly eventSource: "lambda.amazonaws.com" | "brisk.internal";
  /** As the API's model, or Brisk's own actions, name it. */
  readonly operation: string;
  readonly isRead: boolean;
  /** A data event (an invocation), in CloudTrail's words; all else is a management event. */
  readonly isData?: boolean;
  readonly requestId: string;
  readonly sourceAddress: string;
  readonly userAgent: string | undefined;
  /** Undefined where nobody signs, and for a call whose signature does not hold. */
  readonly principal: AuditPrincipal | undefined;
  /** The key that a call claims to be signed with. */
  readonly claimedAccessKeyId?: string | undefined;
  /** Members as the model names them. */
  readonly input?: unknown;
  readonly output?: unknown;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly resources?: readonly { readonly arn: string; readonly type: string }[] | undefined;
  readonly tls?: { readonly version: string; readonly cipher: string; readonly host: string } | undefined;
}

export interface AuditScope {
  readonly region: string;
  readonly accountId: string;
}

/** A CloudTrail record (version 1.08), one JSON object a line of the log. */
export interface AuditRecord {
  readonly eventVersion: "1.08";
  readonly userIdentity: Readonly<Record<string, unknown>>;
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: unknown;
  readonly responseElements: unknown;
  readonly additionalEventData?: Readonly<Record<string, unknown>>;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources?: readonly { readonly accountId: string; readonly type: string; readonly ARN: string }[];
  readonly eventType: "AwsApiCall" | "AwsServiceEvent";
  readonly managementEvent: boolean;
  readonly recipientAccountId: string;
  readonly serviceEventDetails?: Readonly<Record<string, unknown>>;
  readonly eventCategory: "Management" | "Data";
  readonly tlsDetails?: Readonly<Record<string, string>>;
}

const maxElementsLength = 16 * 1024;

/** Nothing of it is longer than it may be, and no secret is in it, whatever the client sent. */
export function auditRecord(facts: AuditFacts, scope: AuditScope): AuditRecord {
  const { error, claimedAccessKeyId, resources = [], tls, isRead, isData = false } = facts;
  return {
    eventVersion: "1.08",
    userIdentity: userIdentity(facts.principal),
    eventTime: eventTime(facts.timeMs),
    eventSource: facts.eventSource,
    eventName: eventName(facts.operation),
    awsRegion: scope.region,
    sourceIPAddress: safeText(facts.sourceAddress, 64),
    userAgent: safeText(facts.userAgent ?? "", 512),
    ...(error !== undefined && {
      // CloudTrail writes it without its last part.
      errorCode: error.code === "AccessDeniedException" ? "AccessDenied" : safeText(error.code, 128),
      errorMessage: safeMessage(error.code, error.message),
    }),
    requestParameters: bounded(safeElements(facts.input)),
    responseElements: error === undefined && !isRead ? bounded(safeElements(facts.output)) : null,
    ...(facts.principal === undefined &&
      claimedAccessKeyId !== undefined && {
        // Beside the identity and not in it: nobody has proved it.
        additionalEventData: { claimedAccessKeyId: safeText(claimedAccessKeyId, 128) },
      }),
    requestID: safeText(facts.requestId, 64),
    eventID: randomUUID(),
    readOnly: isRead,
    ...(resources.length > 0 && {
      resources: resources.map(({ arn, type }) => ({
        accountId: scope.accountId,
        type,
        ARN: safeText(arn, 512),
      })),
    }),
    eventType: "AwsApiCall",
    managementEvent: !isData,
    recipientAccountId: scope.accountId,
    eventCategory: isData ? "Data" : "Management",
    ...(tls !== undefined && {
      tlsDetails: {
        tlsVersion: tls.version,
        cipherSuite: tls.cipher,
        clientProvidedHostHeader: safeText(tls.host, 256),
      },
    }),
  };
}

/** Something that happened to the log itself. */
export function serviceEvent(
  name: string,
  details: Readonly<Record<string, unknown>>,
  scope: AuditScope,
  timeMs: number,
): AuditRecord {
  return {
    eventVersion: "1.08",
    userIdentity: { accountId: scope.accountId, invokedBy: "brisk.internal" },
    eventTime: eventTime(timeMs),
    eventSource: "brisk.internal",
    eventName: name,
    awsRegion: scope.region,
    sourceIPAddress: "brisk.internal",
    userAgent: "brisk.internal",
    requestParameters: null,
    responseElements: null,
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: false,
    eventType: "AwsServiceEvent",
    managementEvent: true,
    recipientAccountId: scope.accountId,
    serviceEventDetails: details,
    eventCategory: "Management",
  };
}

function userIdentity(principal: AuditPrincipal | undefined): Readonly<Record<string, unknown>> {
  // CloudTrail's words for a caller without an identity.
  if (principal === undefined) {
    return { type: "AWSAccount", principalId: "", accountId: "ANONYMOUS_PRINCIPAL" };
  }
  const { type, arn, accountId, userId, userName, roleArn, accessKeyId } = principal;
  const common = { principalId: userId, arn, accountId, accessKeyId };
  switch (type) {
    case "Account":
      return { type: "Root", ...common };
    case "User":
      return { type: "IAMUser", ...common, userName };
    case "AssumedRole":
      return {
        type,
        ...common,
        sessionContext: {
          sessionIssuer: {
            type: "Role",
            principalId: userId.split(":", 1)[0],
            arn: roleArn,
            accountId,
            userName: roleArn?.split("/").at(-1),
          },
          attributes: { mfaAuthenticated: "false" },
        },
      };
  }
}

function bounded(elements: unknown): unknown {
  if (elements === undefined || elements === null) return null;
  const { length } = JSON.stringify(elements);
  if (length <= maxElementsLength) return elements;
  return { omitted: true, originalSize: length, reason: "exceeds the size of a record" };
}

/** CloudTrail's resolution is a second. */
function eventTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
