/** Who asks. */
export type Caller =
  /** Nobody has said who they are. */
  | { readonly kind: "anonymous" }
  /** A service of AWS's kind, such as `s3.amazonaws.com`, on its own account. */
  | { readonly kind: "service"; readonly service: string }
  | {
      readonly kind: "identity";
      readonly accountId: string;
      /** `arn:aws:iam::…:root`, `…:user/<name>` or `arn:aws:sts::…:assumed-role/<role>/<session>`. */
      readonly arn: string;
      /** What a policy names a session by: its role's ARN. Of others it is their own. */
      readonly principalArn: string;
      /** The account's root, whom no identity policy limits. */
      readonly isRoot: boolean;
    };

/** What is known of a request, for conditions and variables. Keys are asked for in lower case. */
export interface RequestContext {
  get(key: string): string | readonly string[] | undefined;
}

export interface AccessRequest {
  readonly caller: Caller;
  /** `lambda:InvokeFunction` */
  readonly action: string;
  /** An ARN, or `*` where the action is about nothing in particular. */
  readonly resource: string;
  readonly context: RequestContext;
}

/** What is known of a request before all of it was read. */
export interface EarlyRequest extends Omit<AccessRequest, "resource"> {
  /** Absent: not known yet. */
  readonly resource: string | undefined;
}
