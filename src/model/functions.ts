import type { VersionSpec } from "./version.ts";

export interface Cors {
  readonly AllowCredentials?: boolean;
  readonly AllowHeaders?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowOrigins?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  readonly MaxAge?: number;
}

/** What stands behind a function URL at this moment, answered from memory. */
export interface UrlTarget {
  readonly urlId: string;
  readonly authType: "NONE" | "AWS_IAM";
  readonly invokeMode: "BUFFERED" | "RESPONSE_STREAM";
  readonly cors: Cors | undefined;
  /** Whether the resource policy lets anyone (Principal `*`) call this URL. */
  readonly isPublic: boolean;
  /** The function's or alias's ARN, as `context.invokedFunctionArn`. */
  readonly invokedFunctionArn: string;
  /** Absent while the function is not Active, or when the alias is gone. */
  readonly spec: VersionSpec | undefined;
}

export interface UrlDirectory {
  /**
   * To be asked once for each request: an alias with weights answers with one of its versions.
   * @param urlId 32 lower-case letters and digits. Synchronous: this is on the path of every URL request.
   */
  findUrl(urlId: string): UrlTarget | undefined;
}

/** What an Invoke names, resolved. */
export interface InvokeTarget {
  readonly spec: VersionSpec;
  /** The ARN form in which it was invoked. */
  readonly invokedFunctionArn: string;
}

export interface FunctionDirectory {
  /**
   * To be asked once for each invocation: an alias with weights answers with one of its versions.
   * @param nameOrArn A name, partial or full ARN, optionally with a qualifier.
   * @throws {ResourceNotFoundException} No such function, version or alias.
   * @throws {ResourceConflictException} The version is Pending or Failed.
   * @throws {SnapStartNotReadyException} The version waits for its snapshot.
   * @throws {InvalidParameterValueException} Both qualifiers are given and differ.
   */
  resolveInvoke(nameOrArn: string, qualifier: string | undefined): InvokeTarget;
}
