import type { Authorizer, Credential, SignatureVerifier, SignedRequest } from "../../access/index.ts";
import type { UrlTarget } from "../../model/functions.ts";
import { urlActions, urlContext } from "../../model/resource-policy.ts";
import type { RequestTarget } from "./request-target.ts";
import { type UrlEventTemplate, urlEventTemplate } from "./url-event.ts";
import type { UrlRequest } from "./url-front.ts";
import type { UrlHost } from "./url-hosts.ts";

/** Who may call URLs with `AuthType` AWS_IAM. */
export interface UrlAccess {
  readonly verifier: SignatureVerifier;
  readonly authorizer: Authorizer;
}

/** A call whose signature is verified when its body is there. */
export interface SignedCall {
  /** Rejects when the head shows that there is no valid signature. */
  readonly request: Promise<SignedRequest>;
  /**
   * The event, for whoever signed it.
   * @throws {AccessDeniedException} They may not call this URL.
   */
  templateFor(credential: Credential): UrlEventTemplate;
}

/** Looks at the head while the body comes in. */
export function signedCall(
  request: UrlRequest,
  host: UrlHost,
  url: UrlTarget,
  target: RequestTarget,
  { verifier, authorizer }: UrlAccess,
): SignedCall {
  const verified = verifier.verifyHead(request.head());
  // The body may take its time; until then nobody listens.
  verified.catch(() => {});
  const { method, httpVersion, facts } = request;
  const origin = {
    // Only a condition asks for it: requests that nobody signed pay nothing for this one's sake.
    get sourceIp() {
      return (JSON.parse(`{${facts.clientJson}}`) as { sourceIp: string }).sourceIp;
    },
    get isSecure() {
      return facts.headersJson.includes('"x-forwarded-proto":"https",');
    },
  };
  return {
    request: verified,
    templateFor({ accessKeyId, principal }) {
      const { caller, userId } = principal;
      for (const action of urlActions) {
        authorizer.authorize(principal, origin, {
          action,
          resource: url.invokedFunctionArn,
          context: urlContext(url.authType),
        });
      }
      return urlEventTemplate(host, method, httpVersion, target, facts, {
        accountId: caller.accountId,
        accessKeyId,
        userArn: caller.arn,
        userId,
      });
    },
  };
}
