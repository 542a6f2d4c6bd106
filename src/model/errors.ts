/**
 * A request we refuse. Each subclass is named exactly like the code on the wire, so that one word finds the
 * rule, the test and the recording. `http/` alone turns these into JSON.
 */
export class LambdaServiceException extends Error {
  readonly code: string;
  readonly status: number;
  readonly fault: "client" | "server";
  /** AWS spells the message member `Message` for some shapes and `message` for others (spec: api.md, section 1). */
  readonly messageMember: "Message" | "message";
  /** Whether the body says whose fault it is. Recorded: a few refusals don't. */
  readonly hasType: boolean;
  /** Further members of the JSON body, such as `Reason`. */
  readonly members: Readonly<Record<string, string>>;

  constructor(
    code: string,
    status: number,
    fault: "client" | "server",
    message: string,
    options: RefusalOptions & {
      messageMember?: "Message" | "message";
      members?: Record<string, string>;
    } = {},
  ) {
    super(message, options);
    this.name = code;
    this.code = code;
    this.status = status;
    this.fault = fault;
    this.hasType = options.hasType ?? true;
    this.messageMember = options.messageMember ?? "message";
    this.members = options.members ?? {};
  }
}

interface RefusalOptions extends ErrorOptions {
  readonly hasType?: boolean;
}

export class ResourceNotFoundException extends LambdaServiceException {
  constructor(message: string, options?: RefusalOptions) {
    super("ResourceNotFoundException", 404, "client", message, { ...options, messageMember: "Message" });
  }
}

export class ResourceConflictException extends LambdaServiceException {
  constructor(message: string, options?: ErrorOptions) {
    super("ResourceConflictException", 409, "client", message, options);
  }
}

/** An event source mapping that is being changed. */
export class ResourceInUseException extends LambdaServiceException {
  constructor(message: string, options?: ErrorOptions) {
    super("ResourceInUseException", 400, "client", message, { ...options, messageMember: "Message" });
  }
}

/** A published version whose snapshot is being made. */
export class SnapStartNotReadyException extends LambdaServiceException {
  constructor(options?: ErrorOptions) {
    super(
      "SnapStartNotReadyException",
      409,
      "client",
      "Lambda is initializing your function. It will be ready to invoke once your function state becomes ACTIVE.",
      { ...options, messageMember: "Message" },
    );
  }
}

export class InvalidParameterValueException extends LambdaServiceException {
  constructor(message: string, options?: RefusalOptions) {
    super("InvalidParameterValueException", 400, "client", message, options);
  }
}

/** Raised by the framework, before a rule of the operation is looked at: its body carries no `Type`. */
export class ValidationException extends LambdaServiceException {
  constructor(message: string, options?: ErrorOptions) {
    super("ValidationException", 400, "client", message, options);
  }
}

export class InvalidRequestContentException extends LambdaServiceException {
  constructor(message: string, options?: ErrorOptions) {
    super("InvalidRequestContentException", 400, "client", message, options);
  }
}

/** The wire's own code for payloads that are too large; the model calls the shape RequestTooLargeException. */
export class RequestEntityTooLargeException extends LambdaServiceException {
  constructor(message: string, options?: ErrorOptions) {
    super("RequestEntityTooLargeException", 413, "client", message, options);
  }
}

/** A configuration that a function is to have. One that is asked for itself is a ResourceNotFoundException. */
export class CodeSigningConfigNotFoundException extends LambdaServiceException {
  constructor(arn: string, options?: ErrorOptions) {
    super(
      "CodeSigningConfigNotFoundException",
      404,
      "client",
      `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${arn}.`,
      { ...options, messageMember: "Message" },
    );
  }
}

export class PreconditionFailedException extends LambdaServiceException {
  constructor(message: string, options?: ErrorOptions) {
    super("PreconditionFailedException", 412, "client", message, options);
  }
}

export class AccessDeniedException extends LambdaServiceException {
  constructor(message: string, options?: ErrorOptions) {
    super("AccessDeniedException", 403, "client", message, { ...options, messageMember: "Message" });
  }
}

export class ServiceException extends LambdaServiceException {
  constructor(message: string, options?: ErrorOptions) {
    super("ServiceException", 500, "server", message, { ...options, messageMember: "Message" });
  }
}

export type ThrottleReason =
  | "ConcurrentInvocationLimitExceeded"
  | "ReservedFunctionConcurrentInvocationLimitExceeded"
  | "CallerRateLimitExceeded";

export class TooManyRequestsException extends LambdaServiceException {
  readonly reason: ThrottleReason;
  constructor(reason: ThrottleReason, message = "Rate Exceeded.", options?: ErrorOptions) {
    super("TooManyRequestsException", 429, "client", message, { ...options, members: { Reason: reason } });
    this.reason = reason;
  }
}
