import type { Context } from "hono";
import { briskAction, briskActions } from "./brisk-access.ts";
import { operations } from "./lambda-api/index.ts";
import { unsupportedOperations } from "./lambda-api/unsupported-operations.ts";

/** Which operation a request is for, by its line alone: refused ones never reach theirs. */
export interface AuditedOperation {
  readonly eventSource: "lambda.amazonaws.com" | "brisk.internal";
  readonly name: string;
  readonly isRead: boolean;
  readonly isInvocation: boolean;
  /** Members that the path has. */
  readonly uri: Readonly<Record<string, string>>;
}

const invocationNames: Readonly<Record<string, string>> = {
  invocations: "Invoke",
  "response-streaming-invocations": "InvokeWithResponseStream",
};

export function auditedOperation(c: Context): AuditedOperation {
  const { method, path } = c.req;
  const invocation = /^\/[\d-]+\/functions\/([^/]+)\/((?:response-streaming-)?invocations)$/.exec(path);
  if (invocation !== null) {
    const [, FunctionName = "", kind = ""] = invocation;
    const uri = { FunctionName: decoded(FunctionName) };
    return lambda({ name: invocationNames[kind] ?? "Invoke", isRead: false, isInvocation: true, uri });
  }
  if (path.startsWith("/_brisk/")) {
    const code = /^\/_brisk\/code\/([0-9a-f]{64})$/.exec(path);
    return {
      eventSource: "brisk.internal",
      name: briskAction(method, path),
      isRead: method === "GET" || method === "HEAD",
      isInvocation: false,
      uri: code === null ? { path } : { codeSha256: code[1] ?? "" },
    };
  }
  for (const route of routes) {
    if (route.method !== method) continue;
    const match = route.path.exec(path);
    if (match === null || !route.query.every(([name, value]) => c.req.query(name) === value)) continue;
    const uri = Object.fromEntries(route.members.map((name, at) => [name, decoded(match[at + 1] ?? "")]));
    return lambda({ name: route.name, isRead: /^(?:Get|List)/.test(route.name), uri });
  }
  return lambda({ name: "UnknownOperation", isRead: method === "GET", uri: { method, path } });
}

function lambda(call: Omit<AuditedOperation, "eventSource" | "isInvocation"> & { isInvocation?: boolean }) {
  return { eventSource: "lambda.amazonaws.com", isInvocation: false, ...call } as const;
}

const routes = [...operations, ...unsupportedOperations].map(({ name, method, path: target }) => {
  const [path = "", query = ""] = target.split("?");
  const members: string[] = [];
  const pattern = path.replaceAll(/\{(\w+)\}/g, (_, member: string) => {
    members.push(member);
    return "([^/]+)";
  });
  return {
    name,
    method,
    path: new RegExp(`^${pattern}/?$`),
    members,
    query: [...new URLSearchParams(query)],
  };
});

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** All names that an event can have, without the version of the API. */
export const auditedNames: readonly string[] = [
  ...new Set([
    ...routes.map(({ name }) => name),
    ...Object.values(invocationNames),
    ...briskActions,
    "InvokeFunctionUrl",
    "GetCode",
    "GetAudit",
    "UnknownOperation",
    "AuditLogInterrupted",
    "AnonymousRefusalsSuppressed",
  ]),
];
