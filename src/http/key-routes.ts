import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { type AccessKey, type KeyRing, policyInputSchema, userArn } from "../access/index.ts";
import { isBug, toErrorResponse } from "./error-response.ts";
import { jsonBody } from "./json-body.ts";

export interface KeyRoutesOptions {
  readonly keys: KeyRing;
  readonly accountId: string;
  /** Told of errors that are ours. */
  readonly onBug?: (error: unknown) => void;
}

const newKeySchema = z.strictObject({ policies: z.array(policyInputSchema).max(100).default([]) });

/**
 * The access keys and their users' policies, for whoever may (brisk-access.ts). A policy is the name of a managed
 * one, or `{"name", "document"}`.
 *
 *   GET    /_brisk/keys                          all keys, oldest first, without their secrets
 *   POST   /_brisk/keys?user=ci                  a new one, with its secret; without `user` it is the account's root's.
 *                                                `{"policies": […]}` are attached to the user
 *   DELETE /_brisk/keys/:id
 *   GET    /_brisk/users/:name/policies
 *   PUT    /_brisk/users/:name/policies          `{"policy": …}`; one of the same name is replaced
 *   DELETE /_brisk/users/:name/policies/:policy
 */
export function createKeysApp({ keys, accountId, onBug = () => {} }: KeyRoutesOptions): Hono {
  const app = new Hono();
  const described = (key: AccessKey) => ({
    accessKeyId: key.accessKeyId,
    userArn: userArn(key.user, accountId),
    createDate: new Date(key.createdMs).toISOString(),
    policies: keys.policies(key.user.name).map(({ name }) => name),
  });
  const uncached = { "Cache-Control": "no-store" };
  app.get("/_brisk/keys", (c) => c.json({ keys: keys.list().map(described) }, 200, uncached));
  app.post("/_brisk/keys", async (c) => {
    const { policies } = jsonBody(c, newKeySchema);
    const key = await keys.create(c.req.query("user"), policies);
    return c.json({ ...described(key), secretAccessKey: key.secretAccessKey }, 201, uncached);
  });
  app.delete("/_brisk/keys/:id", async (c) => {
    await keys.delete(c.req.param("id"));
    return c.body(null, 204);
  });
  app.get("/_brisk/users/:name/policies", (c) =>
    c.json({ policies: keys.policies(c.req.param("name")) }, 200, uncached),
  );
  app.put("/_brisk/users/:name/policies", async (c) => {
    const name = c.req.param("name");
    await keys.attach(name, jsonBody(c, z.strictObject({ policy: policyInputSchema })).policy);
    return c.json({ policies: keys.policies(name) }, 200, uncached);
  });
  app.delete("/_brisk/users/:name/policies/:policy", async (c) => {
    const name = c.req.param("name");
    await keys.detach(name, c.req.param("policy"));
    return c.json({ policies: keys.policies(name) }, 200, uncached);
  });
  app.onError((error) => {
    if (isBug(error)) onBug(error);
    return toErrorResponse(error, randomUUID());
  });
  return app;
}
