import type { FuzzCase } from "./fuzz-case.ts";
import type { Outcome, RawAnswer } from "./raw-client.ts";
import { documentedErrors, modelErrors } from "./service-model.ts";

/** Errors that AWS answers before it looks at an operation, or under another code than the model's (spec: api.md, section 1). */
const frameworkErrors: ReadonlyMap<string, number> = new Map([
  ["ValidationException", 400],
  ["SerializationException", 400],
  ["AccessDeniedException", 403],
  ["UnknownOperationException", 404],
  ["RequestEntityTooLargeException", 413],
]);
/** Of what is no request of the API yet. AWS's own are not known. */
const httpErrors: ReadonlyMap<string, number> = new Map([
  ["BadRequestException", 400],
  ["RequestTimeoutException", 408],
  ["RequestHeaderFieldsTooLargeException", 431],
]);
const errorStatuses: ReadonlyMap<string, number> = new Map([...modelErrors(), ...frameworkErrors]);

/** Their bodies say nothing of whose fault it was. */
const withoutType = new Set(["ValidationException", "AccessDeniedException"]);

/** What the HTTP server answers itself to what is no HTTP. */
const bareStatuses = new Set([400, 405, 408, 413, 414, 417, 431]);

/** @returns Why the outcome is a failure; undefined for a good one. */
export function faultOf(fuzzCase: FuzzCase, outcome: Outcome): string | undefined {
  const { expectation, request } = fuzzCase;
  if (outcome.kind === "hang") return "no answer in time";
  if (outcome.kind === "refused") return "the server took no connection";
  if (outcome.kind === "closed") {
    return expectation.kind === "any" ? undefined : "the connection ended without an answer";
  }
  const { answer } = outcome;
  if (answer.status >= 500) return `status ${answer.status}`;
  if (answer.status >= 300 && answer.status < 400) return `status ${answer.status}`;
  if (request.method === "HEAD") return undefined;
  if (answer.status < 300) {
    if (expectation.kind === "refused") return `accepted (${answer.status}), though it is bad`;
    return undefined;
  }
  const isBare =
    expectation.kind === "any" && answer.body.byteLength === 0 && bareStatuses.has(answer.status);
  return isBare ? undefined : refusalFault(answer, fuzzCase);
}

function refusalFault(answer: RawAnswer, { expectation, operation, member }: FuzzCase): string | undefined {
  const code = answer.headers.get("x-amzn-errortype") ?? "";
  const status = errorStatuses.get(code) ?? (expectation.kind === "any" ? httpErrors.get(code) : undefined);
  if (status === undefined) return `"${code}" is no error of the model`;
  // With another path or method it may have been another operation.
  if (member !== undefined && !frameworkErrors.has(code) && !documentedErrors(operation).has(code)) {
    return `${code} is no error of ${operation}`;
  }
  if (status !== answer.status) return `${code} with status ${answer.status} instead of ${status}`;
  if (!answer.headers.has("x-amzn-requestid")) return `${code} without x-amzn-RequestId`;
  if (answer.headers.get("content-type") !== "application/json") return `${code} that is not JSON`;
  const body = members(answer.body);
  if (body === undefined) return `${code} with a body that is no JSON structure`;
  // Recorded: a few other refusals have none either.
  const type = body["Type"];
  if (type !== undefined && (type !== "User" || withoutType.has(code))) return `${code} with Type ${type}`;
  const message = body["message"] ?? body["Message"];
  // AWS sends none to whoever names another account's function.
  const mayBeNull = code === "AccessDeniedException";
  if (typeof message !== "string" && !(mayBeNull && message === null)) return `${code} without a message`;
  const text = message ?? "";
  if (expectation.kind === "refused" && !expectation.naming.some((name) => text.includes(name))) {
    return `the message does not name ${expectation.naming[0]}`;
  }
  if (expectation.kind === "answered" && expectation.without !== undefined) {
    if (text.includes(expectation.without)) return `refused for a bound that it keeps`;
  }
  return undefined;
}

function members(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
