import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { policyInputSchema, type Role, type Roles } from "../access/index.ts";
import { isBug, toErrorResponse } from "./error-response.ts";
import { jsonBody } from "./json-body.ts";

export interface RoleRoutesOptions {
  readonly roles: Roles;
  /** Told of errors that are ours. */
  readonly onBug?: (error: unknown) => void;
}

const newRoleSchema = z.strictObject({ policies: z.array(policyInputSchema).max(100).default([]) });

/**
 * The execution roles, for whoever may (brisk-access.ts). A policy is the name of a managed one, or
 * `{"name", "document"}`.
 *
 *   GET    /_brisk/roles                          all of them with their policies, oldest first
 *   POST   /_brisk/roles/:name                    `{"policies": […]}`
 *   DELETE /_brisk/roles/:name
 *   PUT    /_brisk/roles/:name/policies           `{"policy": …}`; one of the same name is replaced
 *   DELETE /_brisk/roles/:name/policies/:policy
 */
export function createRolesApp({ roles, onBug = () => {} }: RoleRoutesOptions): Hono {
  const app = new Hono();
  const described = (role: Role) => ({
    roleName: role.name,
    arn: role.arn,
    roleId: role.roleId,
    createDate: new Date(role.createdMs).toISOString(),
    policies: role.attached.list,
  });
  const uncached = { "Cache-Control": "no-store" };
  app.get("/_brisk/roles", (c) => c.json({ roles: roles.list().map(described) }, 200, uncached));
  app.post("/_brisk/roles/:name", async (c) => {
    const { policies } = jsonBody(c, newRoleSchema);
    return c.json(described(await roles.create(c.req.param("name"), policies)), 201, uncached);
  });
  app.delete("/_brisk/roles/:name", async (c) => {
    await roles.delete(c.req.param("name"));
    return c.body(null, 204);
  });
  app.put("/_brisk/roles/:name/policies", async (c) => {
    const { policy } = jsonBody(c, z.strictObject({ policy: policyInputSchema }));
    return c.json(described(await roles.attach(c.req.param("name"), policy)), 200, uncached);
  });
  app.delete("/_brisk/roles/:name/policies/:policy", async (c) =>
    c.json(described(await roles.detach(c.req.param("name"), c.req.param("policy"))), 200, uncached),
  );
  app.onError((error) => {
    if (isBug(error)) onBug(error);
    return toErrorResponse(error, randomUUID());
  });
  return app;
}
