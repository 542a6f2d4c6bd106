import { expect, test } from "vitest";
import { corsHeaders, preflightHeaders } from "../../../../src/http/function-url/cors.ts";
import { readRequestFacts } from "../../../../src/http/function-url/request-facts.ts";
import type { Cors } from "../../../../src/model/functions.ts";

const origin = "https://app.example";

function preflight(cors: Cors, request: { origin?: string; method?: string; headers?: string } = {}) {
  const raw = ["Origin", request.origin ?? origin, "Access-Control-Request-Method", request.method ?? "PUT"];
  if (request.headers !== undefined) raw.push("Access-Control-Request-Headers", request.headers);
  return pairs(
    preflightHeaders(cors, readRequestFacts(raw, { address: "", port: 1, isSecure: false }, false)),
  );
}

function pairs(flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] ?? "", flat[2 * i + 1] ?? ""]),
  );
}

const full: Cors = {
  AllowOrigins: [origin],
  AllowMethods: ["GET", "PUT"],
  AllowHeaders: ["X-One", "x-two"],
  ExposeHeaders: ["x-out"],
  MaxAge: 60,
  AllowCredentials: true,
};
const nothing = { Vary: "Origin" };

test("an allowed preflight names what is configured", () => {
  expect(preflight(full, { headers: "x-one, X-TWO" })).toEqual({
    Vary: "Origin",
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Methods": "GET,PUT",
    "Access-Control-Allow-Headers": "X-One,x-two",
    "Access-Control-Max-Age": "60",
    "Access-Control-Allow-Credentials": "true",
  });
});

test("a preflight with anything that is not allowed allows nothing", () => {
  expect(preflight(full, { origin: "https://evil.example" })).toEqual(nothing);
  expect(preflight(full, { origin: `${origin}.evil.example` })).toEqual(nothing);
  expect(preflight(full, { method: "DELETE" })).toEqual(nothing);
  expect(preflight(full, { headers: "x-one,x-three" })).toEqual(nothing);
  expect(preflight({})).toEqual(nothing);
});

test("wildcards: the origin is reflected; with credentials, method and headers are named, as browsers demand", () => {
  const any: Cors = { AllowOrigins: ["*"], AllowMethods: ["*"], AllowHeaders: ["*"] };
  expect(preflight(any, { method: "PATCH", headers: "x-a" })).toMatchObject({
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Methods": "*",
    "Access-Control-Allow-Headers": "*",
  });
  expect(preflight({ ...any, AllowCredentials: true }, { method: "PATCH", headers: "x-a" })).toMatchObject({
    "Access-Control-Allow-Methods": "PATCH",
    "Access-Control-Allow-Headers": "x-a",
  });
});

test("other requests get the origin and the exposed headers, and nothing without an Origin", () => {
  expect(pairs(corsHeaders(full, origin))).toEqual({
    Vary: "Origin",
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": "x-out",
    "Access-Control-Allow-Credentials": "true",
  });
  expect(corsHeaders(full, undefined)).toEqual([]);
  expect(pairs(corsHeaders(full, "null"))).toEqual(nothing);
});
