import {
  AccessDeniedException,
  InvalidParameterValueException,
  ResourceNotFoundException,
  ValidationException,
} from "./errors.ts";

/** Where ARNs are made and understood: one account in one region. */
export interface ArnScope {
  readonly region: string;
  readonly accountId: string;
}

/** A function as a request names it. */
export interface FunctionReference {
  readonly name: string;
  /** A version, an alias or `$LATEST`; from the name, the ARN or the `Qualifier` parameter. */
  readonly qualifier: string | undefined;
}

/** The model's pattern for `FunctionName`, as validation errors print it (spec: api.md, P3). */
export const functionNamePattern =
  "(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:|(((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?))(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";

/** The longest form that any operation takes. */
const longestReference = 256;

const referenceForm =
  /^(?:(?<arn>arn):aws[a-zA-Z-]*:lambda:)?(?:(?<region>(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?(?:(?<accountId>\d{12}):)?(?:function:)?(?<name>[a-zA-Z0-9-_.]+)(?::(?<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?$/;

export function functionArn(scope: ArnScope, name: string, qualifier?: string): string {
  const arn = `arn:aws:lambda:${scope.region}:${scope.accountId}:function:${name}`;
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}

/**
 * Reads every form in which AWS takes a function: a name, `account:function:name`, an ARN, each with an
 * optional qualifier, and the `Qualifier` parameter beside it.
 * @throws {ValidationException} It has none of these forms.
 * @throws {InvalidParameterValueException} Both qualifiers are given and differ.
 * @throws {ResourceNotFoundException} It is in another region.
 * @throws {AccessDeniedException} It is in another account.
 */
export function parseFunctionReference(
  scope: ArnScope,
  nameOrArn: string,
  qualifier?: string,
): FunctionReference {
  const parts = nameOrArn.length <= longestReference ? referenceForm.exec(nameOrArn)?.groups : undefined;
  const name = parts?.["name"];
  if (parts === undefined || name === undefined) {
    throw new ValidationException(
      `1 validation error detected: Value '${nameOrArn.slice(0, longestReference)}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${functionNamePattern}`,
    );
  }
  const { region, accountId } = parts;
  if (region !== undefined && region !== scope.region) {
    throw new ResourceNotFoundException(
      `Functions from '${region}' are not reachable in this region ('${scope.region}')`,
    );
  }
  // AWS sends a null message here; the empty one becomes it.
  if (accountId !== undefined && accountId !== scope.accountId) throw new AccessDeniedException("");
  const derived = parts["qualifier"];
  if (derived !== undefined && qualifier !== undefined && derived !== qualifier) {
    throw new InvalidParameterValueException(
      "The derived qualifier from the function name does not match the specified qualifier.",
    );
  }
  return { name, qualifier: qualifier ?? derived };
}

/** Whether an alias may be called so. */
export function isAliasName(qualifier: string): boolean {
  return /^(?![0-9]+$)[a-zA-Z0-9-_]+$/.test(qualifier);
}

/** Versions are numbers, aliases are not; `$LATEST` is neither here. */
export function isVersionNumber(qualifier: string): boolean {
  return /^[0-9]+$/.test(qualifier);
}
