import {
  InvalidParameterValueException,
  InvalidRequestContentException,
  RequestEntityTooLargeException,
  ValidationException,
} from "../model/errors.ts";
import { maxPayloadBytes } from "../model/payload-limits.ts";
import { tenantIdLimits } from "../model/tenant.ts";
import { qualifier } from "./lambda-api/members.ts";
import { str, structure } from "./lambda-api/shapes.ts";
import { toValidationError } from "./lambda-api/validation-error.ts";

/** What the headers of Invoke and InvokeWithResponseStream ask for. */
export interface InvokeOptions {
  readonly isDryRun: boolean;
  readonly logTail: boolean;
  /** JSON text. */
  readonly clientContext: string | undefined;
  readonly tenantId: string | undefined;
}

const qualifierMember = structure(qualifier);
const tenantMember = structure({
  TenantId: str(tenantIdLimits),
});

/** Of the header's base64 (spec: invoke.md, section 1). */
const maxClientContextLength = 3583;

/** @throws {ValidationException} @throws {InvalidParameterValueException} @throws {InvalidRequestContentException} */
export function parseInvokeHeaders(
  header: (name: string) => string | undefined,
  types: "Invoke" | "InvokeWithResponseStream",
): InvokeOptions {
  const type = header("x-amz-invocation-type") ?? "RequestResponse";
  const allowed = types === "Invoke" ? ["Event", "RequestResponse", "DryRun"] : ["RequestResponse", "DryRun"];
  if (!allowed.includes(type)) throw notInSet(type, "invocationType", allowed);
  if (type === "Event") {
    throw new InvalidParameterValueException(
      "InvocationType Event is not supported yet: use RequestResponse or DryRun",
    );
  }
  const logType = header("x-amz-log-type") ?? "None";
  if (logType !== "None" && logType !== "Tail") throw notInSet(logType, "logType", ["None", "Tail"]);
  // Its caller counts on an execution that goes on after a failure.
  if (header("x-amz-durable-execution-name") !== undefined) {
    throw new InvalidParameterValueException(
      "Brisk does not support DurableExecutionName: there are no durable executions",
    );
  }
  return {
    isDryRun: type === "DryRun",
    logTail: logType === "Tail",
    clientContext: parseClientContext(header("x-amz-client-context")),
    tenantId: parseTenantId(header("x-amz-tenant-id")),
  };
}

function parseTenantId(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const parsed = tenantMember.safeParse({ TenantId: text }, { reportInput: true });
  if (!parsed.success) throw toValidationError(parsed.error.issues);
  return text;
}

/** @throws {ValidationException} It can be none. */
export function parseQualifier(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const parsed = qualifierMember.safeParse({ Qualifier: text }, { reportInput: true });
  if (!parsed.success) throw toValidationError(parsed.error.issues);
  return text;
}

/**
 * @returns The payload as JSON text; `{}` for an empty body.
 * @throws {InvalidRequestContentException} It is not JSON.
 */
export function parsePayload(body: Uint8Array): string {
  if (body.byteLength === 0) return "{}";
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  try {
    JSON.parse(text);
  } catch (error) {
    throw new InvalidRequestContentException(parseFailure(text, error), { cause: error });
  }
  return text;
}

export function payloadTooLarge(bytes: number): RequestEntityTooLargeException {
  return new RequestEntityTooLargeException(
    `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${maxPayloadBytes} bytes)`,
  );
}

function parseClientContext(header: string | undefined): string | undefined {
  if (header === undefined || header === "") return undefined;
  if (header.length > maxClientContextLength) {
    throw new ValidationException(
      `1 validation error detected: Value '${header}' at 'clientContext' failed to satisfy constraint: Member must have length less than or equal to ${maxClientContextLength}`,
    );
  }
  const text = Buffer.from(header, "base64").toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return text;
  } catch {
    // Refused below, like JSON that is no object.
  }
  throw new InvalidRequestContentException("Client context must be a valid Base64-encoded JSON object.");
}

function notInSet(value: string, member: string, set: readonly string[]): ValidationException {
  return new ValidationException(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [${set.join(", ")}]`,
  );
}

/** Lambda reports its own parser's words; the place is what its users look at. */
function parseFailure(text: string, error: unknown): string {
  const start = /\S/.exec(text)?.index ?? 0;
  const token = /^[^\s[\]{},:"]+/.exec(text.slice(start, start + 256))?.[0];
  const isWord = token !== undefined && !/^-?\d|^(?:true|false|null)$/.test(token);
  const message = error instanceof Error ? error.message : "";
  const offset = isWord
    ? start + token.length
    : Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
  const detail = isWord
    ? `Unrecognized token '${token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`
    : offset >= text.length
      ? "Unexpected end-of-input"
      : `Unexpected character ('${text[offset]}' (code ${text.charCodeAt(offset)}))`;
  const before = text.slice(0, offset).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return (
    `Could not parse request body into json: Could not parse payload into json: ${detail}\n` +
    ` at [Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: ${before.length}, column: ${column}]`
  );
}
