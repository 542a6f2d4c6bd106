import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { type AccessKey, type KeyRing, userArn } from "../access/index.ts";
import { isBug, toErrorResponse } from "./error-response.ts";

export interface KeyRoutesOptions {
  readonly keys: KeyRing;
  readonly accountId: string;
  /** Told of errors that are ours. */
  readonly onBug?: (error: unknown) => void;
}

/**
 * The access keys, for whoever has one:
 *
 *   GET    /_brisk/keys           all of them, oldest first, without their secrets
 *   POST   /_brisk/keys?user=ci   a new one, with its secret; without `user` it is the account's root's
 *   DELETE /_brisk/keys/:id
 */
export function createKeysApp({ keys, accountId, onBug = () => {} }: KeyRoutesOptions): Hono {
  const app = new Hono();
  const described = (key: AccessKey) => ({
    accessKeyId: key.accessKeyId,
    userArn: userArn(key.user, accountId),
    createDate: new Date(key.createdMs).toISOString(),
  });
  const uncached = { "Cache-Control": "no-store" };
  app.get("/_brisk/keys", (c) => c.json({ keys: keys.list().map(described) }, 200, uncached));
  app.post("/_brisk/keys", async (c) => {
    const key = await keys.create(c.req.query("user"));
    return c.json({ ...described(key), secretAccessKey: key.secretAccessKey }, 201, uncached);
  });
  app.delete("/_brisk/keys/:id", async (c) => {
    await keys.delete(c.req.param("id"));
    return c.body(null, 204);
  });
  app.onError((error) => {
    if (isBug(error)) onBug(error);
    return toErrorResponse(error, randomUUID());
  });
  return app;
}
