import { LambdaServiceException } from "../model/errors.ts";

/** Raised before an operation is looked at: the body says no more than the message. */
const untyped = { hasType: false };

/** Nothing in the request says who sends it. */
export class MissingAuthenticationTokenException extends LambdaServiceException {
  constructor() {
    super("MissingAuthenticationTokenException", 403, "client", "Missing Authentication Token", untyped);
  }
}

/** The signature, or what belongs to it, is not written as AWS's Signature Version 4 says. */
export class IncompleteSignatureException extends LambdaServiceException {
  constructor(message: string) {
    super("IncompleteSignatureException", 403, "client", message, untyped);
  }
}

/** The access key is not one of ours, or comes with a session token that is not the one it was given with. */
export class UnrecognizedClientException extends LambdaServiceException {
  constructor() {
    super(
      "UnrecognizedClientException",
      403,
      "client",
      "The security token included in the request is invalid.",
      untyped,
    );
  }
}

/** Credentials that were good for a time, and that time is over. */
export class ExpiredTokenException extends LambdaServiceException {
  constructor() {
    super(
      "ExpiredTokenException",
      403,
      "client",
      "The security token included in the request is expired",
      untyped,
    );
  }
}

/** The signature is not the one that the key's owner would have made for this request, here and now. */
export class InvalidSignatureException extends LambdaServiceException {
  constructor(message: string = mismatch) {
    super("InvalidSignatureException", 403, "client", message, untyped);
  }
}

const mismatch =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
