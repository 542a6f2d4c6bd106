import type { Hono } from "hono";
import { type ModelOperation, memberPaths, modelErrors, modelOperations } from "../../service-model.ts";

type Fetch = Hono["fetch"];

/** Raised by the framework, before an operation is looked at. */
const frameworkErrors = [
  "AccessDeniedException",
  "RequestEntityTooLargeException",
  "SerializationException",
  "UnknownOperationException",
  "ValidationException",
];

/**
 * Looks at every answer on its way out: what an operation answers has the model's members and no others, and what it
 * refuses has a code and a spelling that the model knows. The answers of all tests are looked at, whatever they test.
 */
export function checkedByModel(fetch: Fetch, onMistake: (mistake: Error) => void): Fetch {
  return async (request, ...rest) => {
    const response = await fetch(request, ...rest);
    const operation = operationAt(request);
    const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
    if (operation === undefined || !isJson) return response;
    const body = (await response.clone().json()) as Readonly<Record<string, unknown>>;
    const mistake = response.ok
      ? unknownMember(operation, body)
      : unknownError(response.headers.get("x-amzn-errortype") ?? "", body);
    if (mistake !== undefined) onMistake(new Error(`${operation.name} answers with ${mistake}`));
    return response;
  };
}

function unknownMember({ output }: ModelOperation, body: unknown): string | undefined {
  const known = new Set(memberPaths(output));
  const unknown = pathsIn(body, known).find((path) => !known.has(path));
  return unknown === undefined ? undefined : `the member ${unknown}, which the model does not have`;
}

function unknownError(code: string, body: Readonly<Record<string, unknown>>): string | undefined {
  if (frameworkErrors.includes(code)) return undefined;
  const members = modelErrors.get(code);
  if (members === undefined) return `the error ${code}, which the model does not have`;
  const unknown = Object.keys(body).find((name) => !members.includes(name));
  return unknown === undefined ? undefined : `the member ${unknown} in a ${code}`;
}

/** As `memberPaths`, of a value. What is below a map or a scalar of the model is not looked at. */
function pathsIn(value: unknown, known: ReadonlySet<string>, prefix = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, known, `${prefix}[]`));
  if (typeof value !== "object" || value === null) return [];
  const isStructure = prefix === "" || [...known].some((path) => path.startsWith(`${prefix}.`));
  if (!isStructure) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    return [path, ...pathsIn(member, known, path)];
  });
}

const routes = modelOperations
  .map((operation) => {
    const [path = "", query = ""] = operation.path.split("?");
    const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}/?$`);
    return { operation, pattern, query: [...new URLSearchParams(query)] };
  })
  // One whose query is fixed goes before the one that has its path.
  .sort((a, b) => b.query.length - a.query.length);

function operationAt(request: Request): ModelOperation | undefined {
  const { pathname, searchParams } = new URL(request.url);
  return routes.find(
    ({ operation, pattern, query }) =>
      operation.method === request.method &&
      pattern.test(pathname) &&
      query.every(([name, value]) => searchParams.get(name) === value),
  )?.operation;
}
