import type { Context } from "hono";
import type { z } from "zod";
import { InvalidParameterValueException, InvalidRequestContentException } from "../model/errors.ts";
import { signedOf } from "./signed.ts";

/**
 * The body of a signed request, which was read when it was verified. None counts as `{}`.
 * @throws {InvalidRequestContentException} It is no JSON.
 * @throws {InvalidParameterValueException} It is other JSON than the schema's.
 */
export function jsonBody<T>(c: Context, schema: z.ZodType<T>): T {
  const text = signedOf(c)?.body.toString("utf8") || "{}";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidRequestContentException("Could not parse request body into json");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InvalidParameterValueException(
    `The request's body is not as expected: ${issue?.path.join(".") || "as a whole"}: ${issue?.message ?? "malformed"}`,
  );
}
