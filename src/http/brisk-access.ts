import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { type Access, roleArn, userArn } from "../access/index.ts";
import { InvalidParameterValueException } from "../model/errors.ts";
import { type ArnScope, functionArn, parseFunctionReference } from "../model/function-arn.ts";
import { toErrorResponse } from "./error-response.ts";
import { signedOf } from "./signed.ts";

/** What a request of Brisk's own is about: an ARN, or `*`. */
type ResourceOf = (c: Context, scope: ArnScope) => string;

const nothing: ResourceOf = () => "*";
const ofFunction: ResourceOf = (c, scope) => {
  const given = c.req.query("qualifier") || undefined;
  const { name, qualifier } = parseFunctionReference(scope, c.req.param("name") ?? "", given);
  return functionArn(scope, name, qualifier);
};
/** A log is the whole function's: a qualifier in the request leads past no Deny. */
const ofWholeFunction: ResourceOf = (c, scope) =>
  functionArn(scope, parseFunctionReference(scope, c.req.param("name") ?? "").name);
const ofRole: ResourceOf = (c, { accountId }) => roleArn(c.req.param("name") ?? "", accountId);
const ofUser: ResourceOf = (c, { accountId }) =>
  userArn({ name: c.req.param("name") ?? c.req.query("user"), userId: "" }, accountId);

/** Requests of Brisk's own: the IAM action that each needs, and on what. */
const rows: readonly (readonly [method: string, path: string, action: string, resource: ResourceOf])[] = [
  ["GET", "/_brisk/logs/:name", "GetLogs", ofWholeFunction],
  ["GET", "/_brisk/functions/:name/snapshot", "GetSnapshot", ofFunction],
  ["GET", "/_brisk/functions/:name/starts", "GetStarts", ofFunction],
  ["POST", "/_brisk/functions/:name/environments", "PrepareEnvironments", ofFunction],
  ["DELETE", "/_brisk/functions/:name/environments", "EndEnvironments", ofFunction],
  ["GET", "/_brisk/keys", "ListKeys", nothing],
  ["POST", "/_brisk/keys", "CreateKey", ofUser],
  ["DELETE", "/_brisk/keys/:id", "DeleteKey", nothing],
  ["GET", "/_brisk/users/:name/policies", "GetUserPolicies", ofUser],
  ["PUT", "/_brisk/users/:name/policies", "PutUserPolicy", ofUser],
  ["DELETE", "/_brisk/users/:name/policies/:policy", "DeleteUserPolicy", ofUser],
  ["GET", "/_brisk/roles", "ListRoles", nothing],
  ["POST", "/_brisk/roles/:name", "CreateRole", ofRole],
  ["DELETE", "/_brisk/roles/:name", "DeleteRole", ofRole],
  ["PUT", "/_brisk/roles/:name/policies", "PutRolePolicy", ofRole],
  ["DELETE", "/_brisk/roles/:name/policies/:policy", "DeleteRolePolicy", ofRole],
];

/** What there is nothing of where nobody signs, said rather than not found. */
export function refuseAccessRoutes(): Hono {
  const app = new Hono();
  for (const noun of ["keys", "users", "roles"]) {
    const refuse = () =>
      toErrorResponse(
        new InvalidParameterValueException(
          `There are no ${noun} here: this server runs with auth none; start it with --auth sigv4`,
        ),
        randomUUID(),
      );
    app.all(`/_brisk/${noun}`, refuse).all(`/_brisk/${noun}/*`, refuse);
  }
  return app;
}

const verbs: Readonly<Record<string, string>> = { POST: "Create", PUT: "Put", DELETE: "Delete" };

/** Brisk's own requests, before any of their routes: refuses whom no policy allows them. */
export function authorizeBriskRoutes(): Hono {
  const app = new Hono();
  const asked = new WeakSet<Context>();
  const ask = (c: Context, access: (scope: ArnScope) => Access): Response | undefined => {
    asked.add(c);
    const signed = signedOf(c);
    try {
      // The one request that nobody signs here is for a link that we have signed.
      signed?.authorize(access(signed.scope));
      return undefined;
    } catch (error) {
      return toErrorResponse(error, randomUUID());
    }
  };
  for (const [method, path, action, resource] of rows) {
    app.on(
      method,
      path,
      async (c, next) =>
        ask(c, (scope) => ({ action: `brisk:${action}`, resource: resource(c, scope) })) ?? (await next()),
    );
  }
  // Whatever else there is, or will be: `GET /_brisk/audit` is brisk:GetAudit, on everything.
  app.all("/_brisk/*", async (c, next) => {
    if (asked.has(c)) return next();
    const action = `brisk:${nounAction(c.req.method, c.req.path)}`;
    return ask(c, () => ({ action, resource: "*" })) ?? (await next());
  });
  return app;
}

/** What a request of Brisk's own does, in a word: `CreateKey`. */
export function briskAction(method: string, path: string): string {
  const found = patterns.find((pattern) => pattern.method === method && pattern.path.test(path));
  return found?.action ?? nounAction(method, path);
}

export const briskActions: readonly string[] = rows.map(([, , action]) => action);

const patterns = rows.map(([method, path, action]) => ({
  method,
  path: new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+")}$`),
  action,
}));

function nounAction(method: string, path: string): string {
  const [, , noun = ""] = path.split("/");
  const name = `${noun.slice(0, 1).toUpperCase()}${noun.slice(1, 64).replaceAll(/[^a-zA-Z0-9]/g, "")}`;
  return `${verbs[method] ?? "Get"}${name}`;
}
