import { type AccessKey, type SignatureVerifier, type SignedRequest, userArn } from "../../access/index.ts";
import type { RequestTarget } from "./request-target.ts";
import { type UrlEventTemplate, urlEventTemplate } from "./url-event.ts";
import type { UrlRequest } from "./url-front.ts";
import type { UrlHost } from "./url-hosts.ts";

/** Who may call URLs with `AuthType` AWS_IAM: every key may, as long as keys have no policies. */
export interface UrlAccess {
  readonly verifier: SignatureVerifier;
  readonly accountId: string;
}

/** A call whose signature is verified when its body is there. */
export interface SignedCall {
  /** Rejects when the head shows that there is no valid signature. */
  readonly request: Promise<SignedRequest>;
  /** The event, for whoever signed it. */
  templateFor(key: AccessKey): UrlEventTemplate;
}

/** Looks at the head while the body comes in. */
export function signedCall(
  request: UrlRequest,
  host: UrlHost,
  target: RequestTarget,
  { verifier, accountId }: UrlAccess,
): SignedCall {
  const verified = verifier.verifyHead(request.head());
  // The body may take its time; until then nobody listens.
  verified.catch(() => {});
  const { method, httpVersion, facts } = request;
  return {
    request: verified,
    templateFor: ({ accessKeyId, user }) =>
      urlEventTemplate(host, method, httpVersion, target, facts, {
        accountId,
        accessKeyId,
        userArn: userArn(user, accountId),
        userId: user.name === undefined ? accountId : user.userId,
      }),
  };
}
