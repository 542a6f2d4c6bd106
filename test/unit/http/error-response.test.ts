import { expect, test } from "vitest";
import { isBug, toErrorAnswer, toErrorResponse } from "../../../src/http/error-response.ts";
import {
  AccessDeniedException,
  InvalidParameterValueException,
  ResourceNotFoundException,
  TooManyRequestsException,
  ValidationException,
} from "../../../src/model/errors.ts";

test("a refusal carries its code in x-amzn-ErrorType and its message in the member that its shape has", async () => {
  const lower = toErrorResponse(new InvalidParameterValueException("no"), "id-1");
  expect(lower.status).toBe(400);
  expect(lower.headers.get("x-amzn-errortype")).toBe("InvalidParameterValueException");
  expect(lower.headers.get("x-amzn-requestid")).toBe("id-1");
  expect(lower.headers.get("content-type")).toBe("application/json");
  expect(await lower.text()).toBe('{"Type":"User","message":"no"}');
  expect(toErrorAnswer(new ResourceNotFoundException("gone"), "id").body).toBe(
    '{"Type":"User","Message":"gone"}',
  );
});

test("ValidationException and AccessDeniedException have no Type, and an empty message is null", () => {
  expect(toErrorAnswer(new ValidationException("v"), "id").body).toBe('{"message":"v"}');
  expect(toErrorAnswer(new AccessDeniedException(""), "id").body).toBe('{"Message":null}');
});

test("a throttle names its Reason and when to come back", () => {
  const answer = toErrorAnswer(new TooManyRequestsException("ConcurrentInvocationLimitExceeded"), "id");
  expect(answer.status).toBe(429);
  expect(answer.headers["Retry-After"]).toBe("1");
  expect(answer.body).toBe(
    '{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}',
  );
});

test("our own bug is a 500 that tells nothing of it", () => {
  const answer = toErrorAnswer(new TypeError("secret path"), "id");
  expect(answer.status).toBe(500);
  expect(answer.body).not.toContain("secret");
  expect(answer.headers["x-amzn-ErrorType"]).toBe("ServiceException");
  expect(isBug(new TypeError("x"))).toBe(true);
  expect(isBug(new ValidationException("x"))).toBe(false);
});
